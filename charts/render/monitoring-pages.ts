/** Reference pages and runbooks of `monitoring`: what is measured, recorded, alerted on, and who hears of it. */
import { foreignComponents } from '../../monitoring/catalogue/index.ts';
import { slowestDetection } from '../../monitoring/detection.ts';
import { causes, hiddenBy } from '../../monitoring/routes/causes.ts';
import { defaultRouting, simpleRouting, renderRouting } from '../../monitoring/routes/config.ts';
import type { Route } from '../../monitoring/routes/model.ts';
import { alertsOf, recordsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import { boardOf, runbookOf } from '../../monitoring/rules/model.ts';
import { runbooks } from '../../monitoring/runbooks/index.ts';
import { runbookPage } from '../../monitoring/runbooks/sections.ts';
import type { Files } from './chart-module.ts';
import { cell } from './values-page.ts';

const alerts = alertsOf(ruleGroups);

/** File name in docs/reference → content. */
export function monitoringPages(): Files {
  return { 'alerts.md': alertsPage(), 'recorded-family.md': recordsPage(), 'routes.md': routesPage(), 'metrics-others.md': metricsPage() };
}

/** File name in docs/runbooks → content. */
export function runbookPages(): Files {
  return Object.fromEntries(runbooks.map((runbook) => [runbookOf(runbook), runbookPage(runbook, alerts.filter(({ alert }) => alert === runbook.alert))]));
}

function alertsPage(): string {
  const rows = alerts.map((alert) => {
    const name = alert.severity === 'none' ? alert.alert : `[${alert.alert}](../runbooks/${runbookOf(alert)})`;
    return `| ${name} | ${alert.severity} | ${alert.area} | ${alert.team} | ${alert.for} | ${minutes(slowestDetection(alert, ruleGroups))} | ${hiddenBy(alert).join(', ')} | ${boardOf(alert)} | \`${cell(alert.expr)}\` |`;
  });
  return [
    '# Alerts', '', 'Comes within: the longest time from the fault to the alert, with the intervals of the charts\' defaults. What the causes are that hide an alert: [routes.md](routes.md).', '',
    '| alert | severity | area | owner | holds for | comes within | hidden by | board | expression |', '|---|---|---|---|---|---|---|---|---|', ...rows,
  ].join('\n');
}

const minutes = (seconds: number): string => `${Math.ceil(seconds / 60)}m`;

function recordsPage(): string {
  const rows = recordsOf(ruleGroups).map(({ record, set, labels, help, maxSeries }) =>
    `| \`${record}\`${set ? ` ${cell(Object.entries(set).map(([label, value]) => `${label}="${value}"`).join(', '))}` : ''} | ${labels.join(', ')} | ${maxSeries} | ${cell(help)} |`);
  return ['# The recorded family keelson:*', '', 'What every cluster records, and all that leaves it. The management side adds the identity labels.', '', '| series | labels | at most | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function routesPage(): string {
  const config = renderRouting(simpleRouting(defaultRouting));
  const because = Object.entries(causes).flatMap(([cause, sources]) => sources.map(({ alerts: names, matchers = [], equal }) =>
    `| ${cause} | ${[...names, ...matchers].join(', ')} | ${equal.join(', ')} | ${[...new Set(alerts.filter((alert) => (hiddenBy(alert) as readonly string[]).includes(cause)).map(({ alert }) => alert))].filter((name) => !names.includes(name)).length} |`));
  return [
    '# Routes', '', 'The tree of the chart\'s defaults, first match wins unless it says "and on". `keelson alerts route severity=page cluster_id=demo` walks it with the labels of one alert.', '',
    '| matchers | receiver | repeated |', '|---|---|---|', ...treeRows(config.route, ''), '',
    '## What hides what', '', 'A cause hides its effects while both agree in these labels, of which each effect has at least one.', '', '| cause | said by | agree in | alerts hidden |', '|---|---|---|---|', ...because, '',
    '## Inhibit rules', '', '| while this fires | these are hidden | where both agree in |', '|---|---|---|',
    ...config.inhibit_rules.map(({ source_matchers: source, target_matchers: target, equal }) => `| ${code(source)} | ${code(target)} | ${equal.join(', ')} |`),
  ].join('\n');
}

function treeRows({ matchers = [], receiver, repeat_interval: repeat = '', routes = [], continue: goesOn }: Route, indent: string): string[] {
  return [`| ${indent}${matchers.length ? code(matchers) : 'everything else'}${goesOn ? ', and on' : ''} | ${receiver ?? ''} | ${repeat} |`, ...routes.flatMap((route) => treeRows(route, `${indent}→ `))];
}

const code = (matchers: readonly string[]): string => `\`${cell(matchers.join(', '))}\``;

function metricsPage(): string {
  const sections = foreignComponents.map(({ name, version, source, families }) => [
    `## ${name} ${version}`, `Meaning as in ${source.startsWith('http') ? `<${source}>` : `\`${source}\``}.`, '', '| family | type | labels | series per target | meaning |', '|---|---|---|---|---|',
    ...families.map((family) => `| \`${family.name}\` | ${family.type} | ${family.labels.join(', ')} | ${family.cardinality ?? ''} | ${cell(family.help)} |`), '',
  ].join('\n'));
  return ['# Metrics of others that Keelson reads', '', 'Every metric that a rule, a board or a runbook reads and that one of our exporters does not write. Scrapes of workload clusters keep these and drop the rest.', '', ...sections].join('\n');
}
