/** Reference page: every alert on its whole way, and which of them sleep because nothing of ours scrapes what they read. */
import { fleetBoards } from '../../dashboards/boards.ts';
import { alertWaysOf, type AlertWay } from '../../monitoring/alert-ways.ts';
import { scrapes, type Scrape } from '../../monitoring/catalogue/scrapes.ts';
import { foreignFamilies } from '../../monitoring/catalogue/index.ts';
import { delayToReceiver, secondsOf } from '../../monitoring/detection.ts';
import { alertmanagerConfig, defaultRouting } from '../../monitoring/routes/config.ts';
import { ruleGroups } from '../../monitoring/rules/index.ts';
import type { Files } from './chart-module.ts';

/** Every alert stands under its area; a page has room for this many panels. */
const panelsShown = 3;

export function alertWaysPage(): Files {
  const ways = alertWaysOf({ groups: ruleGroups, foreign: foreignFamilies, config: alertmanagerConfig(defaultRouting), boards: fleetBoards.map((build) => build()) });
  return { 'alert-ways.md': [...intro, ...table(ways), '', ...sleeping(ways), ...arrivals()].join('\n') };
}

const intro = [
  '# The way of every alert', '',
  'exporter → scrape → record → federation → alert → route → receiver → runbook → board. Times are from the fault to the receiver with the intervals of the charts\' defaults: how long it must hold, and beyond that, as a rule (half of all faults) and at most, because every step waits for its turn. Receivers are those of the default routes. `keelson alerts lint` fails where a step is missing or takes too long.', '',
];

function table(ways: readonly AlertWay[]): string[] {
  const rows = ways.map(({ alert, writers, records, receivers, runbook, board, panels }) => {
    const { typical, most } = delayToReceiver(alert, ruleGroups, secondsOf(defaultRouting.groupWait));
    const name = alert.severity === 'none' ? alert.alert : `[${alert.alert}](../runbooks/${runbook})`;
    const shown = panels.length ? panels.slice(0, panelsShown).join('; ') : 'the list of alerts';
    return `| ${[name, alert.severity, writers.join(', '), records.map((record) => `\`${record}\``).join(' ') || 'not recorded: read on the management side', alert.for, `${minutes(typical)}, ${minutes(most)}`, receivers.join(', '), board, shown].join(' | ')} |`;
  });
  return ['| alert and runbook | severity | written by | recorded as | holds for | and takes | receiver | board | there |', '|---|---|---|---|---|---|---|---|---|', ...rows];
}

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} min`;

/** What somebody has to wake. */
function sleeping(ways: readonly AlertWay[]): string[] {
  const asleep = ways.filter(({ writers, scrapes: own }) => writers.length > 0 && writers.every((writer) => own.some((scrape) => scrape.writer === writer && scrape.sleeps)));
  return [
    '## Alerts that sleep', '',
    'What these read is not scraped unless somebody says so; the rules are there.', '',
    '| alert | waits for | why |', '|---|---|---|',
    ...asleep.map(({ alert, writers, scrapes: own }) => `| ${alert.alert} | ${writers.join(', ')} | ${[...new Set(own.flatMap(({ sleeps }) => sleeps ?? []))].join('; ')} |`), '',
  ];
}

function arrivals(): string[] {
  const how = ({ by, sleeps = '' }: Scrape): string => [...(by ? [`chart ${by.chart}, ${by.monitor}`] : []), ...(sleeps ? [`not by default: ${sleeps}`] : [])].join('; ');
  return ['## How each component is scraped', '', '| component | by | job |', '|---|---|---|', ...scrapes.map((scrape) => `| ${scrape.writer} | ${how(scrape)} | ${scrape.jobs.join(', ')} |`)];
}
