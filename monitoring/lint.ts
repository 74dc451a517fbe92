/**
 * Ties the chain together: exporter catalogue → recorded family → federation → alert → route → runbook. A break
 * anywhere in it is an alert that never fires or a page that nobody can act on.
 */
import type { MetricFamily } from '../exporters/core/catalogue.ts';
import { secondsOf, slowestDetection } from './detection.ts';
import { federatedNames, identityLabels } from './federation.ts';
import { targetLabels, type ForeignFamily } from './foreign.ts';
import { readingOf, type Selector } from './promql.ts';
import { receiversOf, unrouted } from './routes/config.ts';
import type { Route } from './routes/model.ts';
import { alertsOf, recordsOf } from './rules/index.ts';
import { runbookOf, type Alert, type Record, type Rule, type RuleGroup } from './rules/model.ts';

export interface Chain {
  readonly catalogues: readonly MetricFamily[];
  readonly foreign: readonly ForeignFamily[];
  readonly groups: readonly RuleGroup[];
  readonly route: Route;
  /** File names in docs/runbooks. */
  readonly runbooks: ReadonlySet<string>;
}

export interface Finding {
  readonly object: string;
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
}

/** Everything that is wrong with the chain; empty when it holds. */
export function lint(chain: Chain): Finding[] {
  return [
    ...chain.groups.flatMap((group) => group.rules.flatMap((rule) => [...expressionFindings(chain, group, rule)])),
    ...recordsOf(chain.groups).flatMap((record) => [...recordFindings(chain, record)]),
    ...alertsOf(chain.groups).flatMap((alert) => [...alertFindings(chain, alert)]),
    ...runbookFindings(chain),
  ];
}

function* expressionFindings(chain: Chain, group: RuleGroup, rule: Rule): Generator<Finding> {
  const object = nameOf(rule);
  const { selectors, errorAt } = readingOf(rule.expr);
  if (errorAt !== undefined) {
    yield { object, path: 'expr', rule: 'expression-parses', message: `syntax error at ${errorAt}: …${rule.expr.slice(errorAt, errorAt + 20)}`, fix: 'mend the expression' };
    return;
  }
  for (const selector of selectors) yield* selectorFindings(chain, group, { object, selector });
}

function* selectorFindings(chain: Chain, group: RuleGroup, { object, selector }: { object: string; selector: Selector }): Generator<Finding> {
  const { metric } = selector;
  const known = metric === undefined ? undefined : labelsOf(chain, metric);
  if (metric === undefined || known === undefined) {
    yield { object, path: 'expr', rule: 'metric-known', message: `reads ${metric ?? 'a metric without a name'}, which no catalogue has`, fix: 'correct the name, or add the family to its catalogue or to monitoring/foreign.ts' };
    return;
  }
  const isCollected = chain.catalogues.some((family) => bareName(metric, family) === family.name);
  if (group.place === 'management' && isCollected) {
    yield { object, path: 'expr', rule: 'alert-on-federated', message: `reads ${metric}, which does not leave the workload clusters`, fix: 'record it as keelson:* in a workload group and read that' };
  }
  for (const label of selector.labels.filter((name) => !known.includes(name))) {
    yield { object, path: 'expr', rule: 'label-known', message: `matches label ${label}, which ${metric} does not have`, fix: `its labels are ${known.join(', ')}` };
  }
}

function* recordFindings(chain: Chain, record: Record): Generator<Finding> {
  const object = record.record;
  if (!new RegExp(`^(?:${federatedNames})$`).test(object)) {
    yield { object, path: 'record', rule: 'record-federated', message: 'the federation does not let the name through', fix: `name it so that it matches ${federatedNames}` };
  }
  const isRead = chain.groups.some(({ rules }) => rules.some((rule) => rule.kind === 'alert' && readingOf(rule.expr).selectors.some(({ metric }) => metric === object)));
  const isSibling = chain.groups.some(({ rules }) => rules.some((rule) => rule.kind === 'record' && readingOf(rule.expr).selectors.some(({ metric }) => metric === object)));
  if (!isRead && !isSibling && !record.forPeople) {
    yield { object, path: 'record', rule: 'record-read', message: 'no alert and no other record reads it', fix: 'use it, drop it, or say with forPeople who looks at it' };
  }
}

function* alertFindings(chain: Chain, alert: Alert): Generator<Finding> {
  const object = nameOf(alert);
  if (!chain.runbooks.has(runbookOf(alert))) {
    yield { object, path: 'alert', rule: 'alert-runbook', message: `docs/runbooks/${runbookOf(alert)} does not exist`, fix: 'write it: what it means, what to look at, what to do' };
  }
  if (receiversOf(chain.route, { alertname: alert.alert, severity: alert.severity, team: alert.team }).includes(unrouted)) {
    yield { object, path: 'severity', rule: 'alert-routed', message: `no route takes severity ${alert.severity} of team ${alert.team}`, fix: 'add a route in monitoring/routes' };
  }
  const available = new Set([...identityLabels, 'severity', 'team', ...readingOf(alert.expr).selectors.flatMap(({ metric }) => (metric && labelsOf(chain, metric)) ?? [])]);
  for (const path of ['summary', 'description'] as const) {
    for (const [, label = ''] of alert[path].matchAll(/\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)/g)) {
      if (!available.has(label)) yield { object, path, rule: 'template-label', message: `shows $labels.${label}, which the expression does not have`, fix: `use one of ${[...available].join(', ')}` };
    }
  }
  for (const path of ['for', 'detectWithin', 'keepFiringFor'] as const) {
    const duration = alert[path];
    if (duration !== undefined && Number.isNaN(secondsOf(duration))) yield { object, path, rule: 'duration', message: `"${duration}" is not a Prometheus duration`, fix: 'write for example 15m' };
  }
  const slowest = slowestDetection(alert, chain.groups);
  if (alert.detectWithin !== undefined && secondsOf(alert.detectWithin) < slowest) {
    yield { object, path: 'detectWithin', rule: 'detect-possible', message: `promises ${alert.detectWithin}, and scrape, records, federation and "for" take up to ${slowest} s`, fix: 'promise what is possible, or shorten an interval on the way' };
  }
}

/** A runbook that no alert links to is found by nobody. */
function runbookFindings({ groups, runbooks }: Chain): Finding[] {
  const linked = new Set(alertsOf(groups).map(runbookOf));
  return [...runbooks].filter((file) => file !== 'README.md' && !linked.has(file)).map((file) => (
    { object: `docs/runbooks/${file}`, path: '', rule: 'runbook-linked', message: 'no alert has this name', fix: 'remove it or name it as its alert' }));
}

/** All labels of a metric: its own, those of scraping, and for what is recorded those of the identity. Undefined: unknown. */
function labelsOf(chain: Chain, metric: string): readonly string[] | undefined {
  const records = recordsOf(chain.groups).filter(({ record }) => record === metric);
  // Where clusters come together, federated ones have a job: `job=""` is what the own Prometheus recorded.
  if (records.length) return [...records.flatMap(({ labels }) => labels), ...identityLabels, 'job'];
  const family = chain.catalogues.find((candidate) => bareName(metric, candidate) === candidate.name) ?? chain.foreign.find(({ name }) => name === metric);
  return family && [...family.labels, ...targetLabels, ...family.labels.map((label) => `exported_${label}`), ...identityLabels];
}

/** The family's name of a histogram's series. */
function bareName(metric: string, family: MetricFamily): string {
  return family.type === 'histogram' ? metric.replace(/_(bucket|sum|count)$/, '') : metric;
}

function nameOf(rule: Rule): string {
  return rule.kind === 'record' ? rule.record : `${rule.alert} (${rule.severity})`;
}
