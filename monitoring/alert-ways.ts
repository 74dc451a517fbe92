/**
 * Every alert on its whole way: who writes what it reads → who scrapes that → what is recorded of it → where it is judged →
 * who hears of it → which runbook and board its page links to. The lint finds where a step is missing
 * (lint/alert-ways.ts), and a page of the reference shows all of them (charts/render/alert-ways-page.ts).
 */
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { catalogue as certCatalogue } from '../exporters/cert/catalogue.ts';
import { catalogue as netCatalogue } from '../exporters/net/catalogue.ts';
import { seriesOf, type ForeignFamily } from './catalogue/index.ts';
import { scrapes, type Scrape } from './catalogue/scrapes.ts';
import type { Chain } from './lint/finding.ts';
import { isMatched, readingOf, type Selector } from './promql.ts';
import { receiversOf } from './routes/walk.ts';
import { alertsOf, recordsOf } from './rules/index.ts';
import { boardOf, runbookOf, type Alert, type Record } from './rules/model.ts';

export interface AlertWay {
  readonly alert: Alert;
  /** Who writes what it, or what its records, read; sorted. */
  readonly writers: readonly string[];
  /** How each of them that is scraped gets to a Prometheus. */
  readonly scrapes: readonly Scrape[];
  /** Series of the recorded family that it reads; none where it looks at what is written beside the rules only. */
  readonly records: readonly string[];
  readonly receivers: readonly string[];
  /** File in docs/runbooks. */
  readonly runbook: string;
  /** uid of the board that its page links to, and whether there is one. */
  readonly board: string;
  readonly hasBoard: boolean;
  /** Panels of that board that show what it reads. */
  readonly panels: readonly string[];
  /** That board lists the alerts of its area. */
  readonly isListed: boolean;
}

export type AlertWaysOptions = Pick<Chain, 'groups' | 'foreign' | 'config' | 'boards'>;

export function alertWaysOf({ groups, foreign, config, boards }: AlertWaysOptions): AlertWay[] {
  const records = Map.groupBy(recordsOf(groups), ({ record }) => record as string);
  return alertsOf(groups).map((alert) => {
    const read = readingOf(alert.expr).selectors;
    const writers = [...new Set(writersOf(alert.expr, { records, foreign, seen: [] }))].sort();
    const board = boards.find(({ uid }) => uid === boardOf(alert));
    return {
      alert, writers, scrapes: scrapes.filter(({ writer }) => writers.includes(writer)),
      records: [...new Set(read.flatMap(({ metric }) => (metric !== undefined && records.has(metric) ? [metric] : [])))],
      receivers: receiversOf(config.route, { alertname: alert.alert, severity: alert.severity, team: alert.team, cluster_id: 'x' }),
      runbook: runbookOf(alert), board: boardOf(alert), hasBoard: board !== undefined,
      panels: board ? panelsOf(board, read) : [], isListed: board !== undefined && lists(board, alert.area),
    };
  });
}

interface Tracing {
  readonly records: ReadonlyMap<string, readonly Record[]>;
  readonly foreign: readonly ForeignFamily[];
  /** Records on the way, so that one that reads itself ends. */
  readonly seen: readonly string[];
}

/** Down through records of records to who exposes it; an expression that reads nothing is written by the rules themselves. */
function writersOf(expr: string, tracing: Tracing): string[] {
  const { selectors } = readingOf(expr);
  return selectors.length ? selectors.flatMap((selector) => writersOfSelector(selector, tracing)) : ['rules'];
}

function writersOfSelector(selector: Selector, tracing: Tracing): string[] {
  const { records, foreign, seen } = tracing;
  const { metric = '' } = selector;
  const recorded = records.get(metric);
  if (recorded) return seen.includes(metric) ? [] : recorded.flatMap(({ expr }) => writersOf(expr, { ...tracing, seen: [...seen, metric] }));
  const job = selector.matchers.find(({ label, op }) => label === 'job' && !op.startsWith('!'));
  const ofJob = job ? scrapes.filter(({ jobs }) => jobs.some((name) => isMatched(name, job))).map(({ writer }) => writer) : [];
  // Whether a target answers is written by the scrape; whose target it is says the job.
  if (metric === 'up') return ofJob.length ? ofJob : ['scrape'];
  const found = exposing(metric, foreign);
  const narrowed = found.filter((writer) => ofJob.includes(writer));
  return narrowed.length ? narrowed : found;
}

const exporters = { 'cert-exporter': certCatalogue, 'net-exporter': netCatalogue } as const;

function exposing(metric: string, foreign: readonly ForeignFamily[]): string[] {
  const ours = Object.entries(exporters).filter(([, families]) => families.some((family) => seriesOf(family).includes(metric))).map(([name]) => name);
  const others = foreign.filter((family) => seriesOf(family).includes(metric)).map(({ from }) => from);
  return [...ours, ...others];
}

/** What a panel reads; a variable of Grafana stands in the value of a matcher. */
const readBy = ({ targets = [] }: Panel): Selector[] => (targets as readonly { readonly expr?: string }[]).flatMap(({ expr = '' }) => readingOf(expr).selectors);
const panelsIn = ({ panels = [] }: Dashboard): Panel[] => panels.filter((panel: Panel | RowPanel): panel is Panel => panel.type !== 'row');

/** `up` is read by nearly all and says nothing of one of them; so do the clusters that should exist, which are only joined. */
const joined = ['up', 'keelson_cluster_info'];

function panelsOf(board: Dashboard, read: readonly Selector[]): string[] {
  const metrics = read.flatMap(({ metric }) => metric ?? []);
  const telling = metrics.filter((metric) => !joined.includes(metric));
  const wanted = telling.length ? telling : metrics;
  return panelsIn(board).filter((panel) => readBy(panel).some(({ metric }) => metric !== undefined && wanted.includes(metric))).map(({ title = '' }) => title);
}

function lists(board: Dashboard, area: string): boolean {
  return panelsIn(board).flatMap(readBy).some(({ metric, matchers }) => {
    const ofArea = matchers.find(({ label }) => label === 'area');
    return metric === 'ALERTS' && (ofArea === undefined || isMatched(area, ofArea));
  });
}
