/** What the catalogue says of scrapes, held against the charts as Helm renders them: the monitor is there, and keeps what rules and boards read. */
import { fleetBoards } from '../../dashboards/boards.ts';
import { queryOf } from '../../dashboards/preview/answer.ts';
import { foreignComponents, seriesOf } from '../../monitoring/catalogue/index.ts';
import { scrapes } from '../../monitoring/catalogue/scrapes.ts';
import { readingOf } from '../../monitoring/promql.ts';
import { ruleGroups } from '../../monitoring/rules/index.ts';
import { template, type Manifest } from '../fixtures/helm.ts';
import { describeWith } from '../fixtures/needs.ts';

interface Endpoint {
  readonly path?: string;
  readonly metricRelabelings?: readonly { readonly sourceLabels?: readonly string[]; readonly regex?: string; readonly action: string }[];
}

const expressions = [
  ...ruleGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  ...fleetBoards.flatMap((build) => (build().panels ?? []).flatMap((panel) => (panel.type === 'row' ? [] : ((panel as { targets?: object[] }).targets ?? []).map((target) => queryOf(target).expr)))),
];
const read = new Set(expressions.flatMap((expr) => readingOf(expr).selectors.flatMap(({ metric }) => metric ?? [])));

/** Charts of the watchers themselves have their monitors always. */
const hasSwitch = (chart: string): boolean => !['monitoring', 'workload-monitoring'].includes(chart);

describeWith({ tools: ['helm'] }, 'every component that is said to be scraped', () => {
  const charts = new Map<string, Manifest[]>();
  beforeAll(async () => {
    const names = [...new Set(scrapes.flatMap(({ by }) => by?.chart ?? []))];
    await Promise.all(names.map(async (name) => void charts.set(name, await template(name, 'keelson-system', hasSwitch(name) ? ['--set', 'serviceMonitor.enabled=true'] : []))));
  }, 60_000);

  test.each(scrapes.filter(({ by }) => by).map((scrape) => [scrape.writer, scrape] as const))('%s', (writer, { by, jobs }) => {
    const monitor = charts.get(by!.chart)?.find(({ kind, metadata }) => ['ServiceMonitor', 'PodMonitor'].includes(kind) && metadata.name === by!.monitor);
    expect([by, monitor?.metadata.name]).toEqual([by, by!.monitor]);
    const { endpoints = [], podMetricsEndpoints = [] } = monitor!['spec'] as { endpoints?: Endpoint[]; podMetricsEndpoints?: Endpoint[] };
    const all = [...endpoints, ...podMetricsEndpoints];
    // One monitor may have an endpoint for each of several components.
    const own = all.filter(({ path = '' }) => jobs.some((job) => path.endsWith(`/${job}`)));
    const keeps = (own.length ? own : all).map(({ metricRelabelings = [] }) => metricRelabelings.filter(({ action, sourceLabels = [] }) => action === 'keep' && sourceLabels.join() === '__name__').map(({ regex = '' }) => regex));
    const wanted = foreignComponents.filter(({ name }) => name === writer).flatMap(({ families }) => families).flatMap(seriesOf).filter((series) => read.has(series));
    expect(wanted.filter((series) => !keeps.some((regexes) => regexes.every((regex) => new RegExp(`^(?:${regex})$`).test(series))))).toEqual([]);
  });
});
