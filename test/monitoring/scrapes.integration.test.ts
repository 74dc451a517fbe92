/** What the catalogue says of scrapes, held against the charts as Helm renders them: the monitor is there, and keeps what rules and boards read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { foundation } from '../../charts/keelson/bundle/foundation.ts';
import { fleetBoards } from '../../dashboards/boards.ts';
import { queryOf } from '../../dashboards/preview/answer.ts';
import { watchedComponents } from '../../monitoring/catalogue/components.ts';
import { foreignComponents, seriesOf } from '../../monitoring/catalogue/index.ts';
import { scrapes } from '../../monitoring/catalogue/scrapes.ts';
import { readingOf } from '../../monitoring/promql.ts';
import { ruleGroups } from '../../monitoring/rules/index.ts';
import { platformNamespaces } from '../../monitoring/rules/parts.ts';
import { pathOf, targets } from '../../provisioner/metrics-relay/targets.ts';
import { helm, template, type Manifest } from '../fixtures/helm.ts';
import { describeWith } from '../fixtures/needs.ts';
import { packagedUpstream, type UpstreamName } from '../fixtures/upstream-charts.ts';

interface Endpoint {
  readonly path?: string;
  readonly metricRelabelings?: readonly { readonly sourceLabels?: readonly string[]; readonly regex?: string; readonly action: string }[];
}

const expressions = [
  ...ruleGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  ...fleetBoards.flatMap((build) => (build().panels ?? []).flatMap((panel) => (panel.type === 'row' ? [] : ((panel as { targets?: object[] }).targets ?? []).map((target) => queryOf(target).expr)))),
];
const read = new Set(expressions.flatMap((expr) => readingOf(expr).selectors.flatMap(({ metric }) => metric ?? [])));

/** Charts of the watchers themselves have their monitors always, but for what sleeps by default. */
const settings = (chart: string): string[] => ['--set', ['monitoring', 'workload-monitoring'].includes(chart) ? 'scrape.cilium.enabled=true' : 'serviceMonitor.enabled=true'];

describeWith({ tools: ['helm'] }, 'every component that is said to be scraped', () => {
  const charts = new Map<string, Manifest[]>();
  beforeAll(async () => {
    const names = [...new Set(scrapes.map(({ by }) => by.chart))];
    await Promise.all(names.map(async (name) => void charts.set(name, await template(name, 'keelson-system', settings(name)))));
  }, 60_000);

  test.each(scrapes.map((scrape) => [scrape.writer, scrape] as const))('%s', (writer, { by, jobs }) => {
    const monitor = charts.get(by.chart)?.find(({ kind, metadata }) => ['ServiceMonitor', 'PodMonitor'].includes(kind) && metadata.name === by.monitor);
    expect([by, monitor?.metadata.name]).toEqual([by, by.monitor]);
    const { endpoints = [], podMetricsEndpoints = [] } = monitor!['spec'] as { endpoints?: Endpoint[]; podMetricsEndpoints?: Endpoint[] };
    const all = [...endpoints, ...podMetricsEndpoints];
    // One monitor may have an endpoint for each of several components.
    const own = all.filter(({ path = '' }) => jobs.some((job) => path.endsWith(`/${job}`)));
    const keeps = (own.length ? own : all).map(({ metricRelabelings = [] }) => metricRelabelings.filter(({ action, sourceLabels = [] }) => action === 'keep' && sourceLabels.join() === '__name__').map(({ regex = '' }) => regex));
    const wanted = foreignComponents.filter(({ name }) => name === writer).flatMap(({ families }) => families).flatMap(seriesOf).filter((series) => read.has(series));
    expect(wanted.filter((series) => !keeps.some((regexes) => regexes.every((regex) => new RegExp(`^(?:${regex})$`).test(series))))).toEqual([]);
  });
});

describeWith({ tools: ['helm'] }, 'the relay of a control plane', () => {
  test('may be asked for every page that is scraped from it, and that it has', async () => {
    const manifests = await template('workload-monitoring', 'keelson-system');
    const { endpoints } = manifests.find(({ kind, metadata }) => kind === 'ServiceMonitor' && metadata.name === 'control-plane-metrics')!['spec'] as { endpoints: Endpoint[] };
    const scraped = endpoints.map(({ path = '' }) => path).sort();
    expect(scraped).toEqual(Object.keys(targets).map(pathOf).sort());
    const { rules } = manifests.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'keelson-prometheus') as unknown as { rules: { nonResourceURLs?: string[] }[] };
    expect(scraped.filter((path) => !rules.some(({ nonResourceURLs = [] }) => nonResourceURLs.includes(path)))).toEqual([]);
  }, 60_000);
});

describeWith({ tools: ['helm'] }, 'components that are watched by the names of their workloads', () => {
  test('those of Cluster API are what its chart makes, in a namespace of the platform', async () => {
    const made = (await template('cluster-api', 'capi-system')).filter(({ kind }) => kind === 'Deployment');
    expect(made.map(({ metadata }) => metadata.name).sort()).toEqual([...watchedComponents.find(({ name }) => name === 'cluster-api')!.workloads].sort());
    expect(made.filter(({ metadata: { namespace = '' } }) => !platformNamespaces.split('|').includes(namespace))).toEqual([]);
  }, 60_000);
});

/** What is scraped of a chart of others is in that chart, with the values of our bundle. */
describeWith({ tools: ['helm'] }, 'monitors of charts that are not ours', () => {
  let folder: string;
  let monitors: Manifest[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scrapes-'));
    monitors = await template('workload-monitoring', 'keelson-system', settings('workload-monitoring'));
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  interface Monitor {
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly podMetricsEndpoints?: readonly { readonly port: string; readonly relabelings: readonly { readonly replacement?: string }[] }[];
    readonly endpoints?: readonly { readonly port: string }[];
  }
  interface Container {
    readonly name: string;
    readonly args?: readonly string[];
    readonly ports?: readonly { readonly name?: string }[];
  }
  const monitor = (name: string): Monitor => monitors.find(({ kind, metadata }) => ['ServiceMonitor', 'PodMonitor'].includes(kind) && metadata.name === name)!['spec'] as Monitor;
  const bundled = (name: string, keys: readonly string[]): object => Object.fromEntries(Object.entries(foundation.find((app) => app.name === name)!.values ?? {}).filter(([key]) => keys.includes(key)));
  const rendered = async (name: UpstreamName, values: object): Promise<Manifest[]> => {
    await writeFile(join(folder, `${name}.json`), JSON.stringify(values));
    const { path } = await packagedUpstream(name, folder);
    return (loadAll(await helm(['template', name, path, '--namespace', name === 'kyverno' ? 'kyverno' : 'kube-system', '--values', join(folder, `${name}.json`)], { HOME: folder })) as (Manifest | null)[]).filter((one) => one !== null);
  };
  const isSelected = (labels: Record<string, string> | undefined, { selector }: Monitor): boolean => Object.entries(selector.matchLabels).every(([label, value]) => labels?.[label] === value);
  const podsOf = (manifests: readonly Manifest[], wanted: Monitor): Container[][] => manifests.flatMap(({ spec }) => {
    const { metadata, spec: pod } = (spec as { template?: { metadata: Manifest['metadata']; spec: { containers: Container[] } } } | undefined)?.template ?? {};
    return pod && isSelected(metadata?.labels, wanted) ? [pod.containers] : [];
  });

  test('the driver of Cinder CSI and its four sidecars, each on its port', async () => {
    const wanted = monitor('keelson-cinder-csi');
    const [containers = [], ...more] = podsOf(await rendered('openstack-cinder-csi', bundled('openstack-cinder-csi', ['csi'])), wanted);
    expect(more).toEqual([]);
    const listening = containers.flatMap(({ args = [] }) => args.flatMap((arg) => /^--http-endpoint=:(\d+)$/.exec(arg)?.[1] ?? [])).sort();
    expect(listening).toEqual(['8080', '8081', '8082', '8083', '8084']);
    expect(wanted.podMetricsEndpoints!.map(({ relabelings }) => /:(\d+)$/.exec(relabelings[0]!.replacement!)![1]).sort()).toEqual(listening);
    expect(containers.some(({ ports = [] }) => ports.some(({ name }) => name === wanted.podMetricsEndpoints![0]!.port))).toBe(true);
  }, 60_000);

  test('the agents of Cilium', async () => {
    const wanted = monitor('keelson-cilium');
    const pods = podsOf(await rendered('cilium', bundled('cilium', ['prometheus'])), wanted);
    expect(pods.map((containers) => containers.flatMap(({ ports = [] }) => ports.flatMap(({ name = '' }) => (name === wanted.podMetricsEndpoints![0]!.port ? [name] : []))))).toEqual([['prometheus']]);
  }, 60_000);

  test('the four controllers of Kyverno', async () => {
    const wanted = monitor('keelson-kyverno');
    const services = (await rendered('kyverno', {})).filter(({ kind, metadata }) => kind === 'Service' && isSelected(metadata.labels, wanted));
    const ports = services.flatMap(({ spec }) => (spec as { ports: { name: string; targetPort: unknown }[] }).ports.filter(({ name }) => name === wanted.endpoints![0]!.port).map(({ targetPort }) => targetPort));
    expect(ports).toEqual([8000, 8000, 8000, 8000]);
  }, 60_000);
});
