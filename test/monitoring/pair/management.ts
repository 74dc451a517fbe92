/** The management side of the tests: two Prometheus and two Alertmanagers that gossip, over the clusters that they are told. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { remotelyKept } from '../../../charts/monitoring/prometheus-values.ts';
import { federationScrapeConfig } from '../../../monitoring/federation.ts';
import { probeJob } from '../../../monitoring/fleet.ts';
import { identityOf } from '../../../provisioner/operators/monitoring/federation.ts';
import type { ApiServer } from '../../fixtures/api-server.ts';
import { freePort } from '../../fixtures/free-port.ts';
import type { WorkloadCluster } from './cluster.ts';
import { clusterObject } from './operator.ts';
import { hastenedRules, interval } from './pace.ts';
import { Program } from './processes.ts';

export interface ManagementOptions {
  readonly folder: string;
  readonly api: ApiServer;
  /** host:port of what the operator serves. */
  readonly operator: string;
  readonly clusters: readonly WorkloadCluster[];
  /** Alertmanager's configuration, with the receiver in it. */
  readonly routing: object;
  /** Each scrapes the pair too, as in the chart; default not, because then the death of one is a page of its own. */
  readonly isWatched?: boolean;
  /** More scrape jobs of both. */
  readonly scrapes?: readonly object[];
  /** Remote write of both Prometheus. */
  readonly remoteWrite?: string;
}

export interface Management {
  readonly prometheus: readonly [Program, Program];
  readonly prometheusUrls: readonly [string, string];
  readonly alertmanagers: readonly [Program, Program];
  readonly alertmanagerUrls: readonly [string, string];
  /** Scrapes these clusters from now on, as when ScrapeConfigs come and go. */
  watch(clusters: readonly WorkloadCluster[]): Promise<void>;
  stop(): Promise<void>;
}

type WriteFile = (name: string, content: string | object) => Promise<string>;

export async function startManagement(options: ManagementOptions): Promise<Management> {
  const { folder, clusters, routing } = options;
  const file: WriteFile = async (name, content) => {
    await writeFile(join(folder, name), typeof content === 'string' ? content : stringify(content, { version: '1.1', aliasDuplicateObjects: false }), { mode: 0o600 });
    return join(folder, name);
  };
  const [webs, gossips, ports] = await Promise.all([two(), two(), two()]);
  const amConfig = await file('alertmanager.yaml', routing);
  const alertmanager = (i: 0 | 1): Program => new Program('alertmanager', [
    `--config.file=${amConfig}`, `--storage.path=${folder}/am-${i}`, `--web.listen-address=127.0.0.1:${webs[i]}`, `--cluster.listen-address=127.0.0.1:${gossips[i]}`,
    `--cluster.peer=127.0.0.1:${gossips[i ? 0 : 1]}`, '--cluster.peer-timeout=2s', '--cluster.gossip-interval=100ms', '--cluster.reconnect-interval=1s', '--log.level=warn',
  ], join(folder, `am-${i}.log`));
  await file('management-rules.yaml', hastenedRules());
  const configure = (i: 0 | 1, watched: readonly WorkloadCluster[]): Promise<string> => prometheusConfig({ ...options, file, webs, ports, i, watched }).then((content) => file(`management-${i}.yaml`, content));
  const prometheus = async (i: 0 | 1): Promise<Program> => new Program('prometheus', [
    `--config.file=${await configure(i, clusters)}`, `--storage.tsdb.path=${folder}/management-${i}`, `--web.listen-address=127.0.0.1:${ports[i]}`, '--log.level=warn',
  ], join(folder, `management-${i}.log`));
  const pair = [await prometheus(0), await prometheus(1)] as const;
  const alertmanagers = [alertmanager(0), alertmanager(1)] as const;
  for (const program of [...alertmanagers, ...pair]) program.start();
  const urls = ([a, b]: readonly [number, number]): [string, string] => [`http://127.0.0.1:${a}`, `http://127.0.0.1:${b}`];
  return {
    prometheus: pair, alertmanagers, prometheusUrls: urls(ports), alertmanagerUrls: urls(webs),
    watch: async (watched) => {
      await Promise.all([configure(0, watched), configure(1, watched)]);
      for (const program of pair) program.reload();
    },
    stop: async () => void (await Promise.all([...pair, ...alertmanagers].map((program) => program.kill()))),
  };
}

const two = async (): Promise<[number, number]> => [await freePort(), await freePort()];

interface ConfigOptions extends ManagementOptions {
  readonly file: WriteFile;
  readonly webs: readonly [number, number];
  readonly ports: readonly [number, number];
  readonly i: number;
  readonly watched: readonly WorkloadCluster[];
}

async function prometheusConfig({ folder, api, operator, isWatched = false, scrapes = [], remoteWrite, file, webs, ports, i, watched }: ConfigOptions): Promise<object> {
  const ofOperator = ([job_name, regex]: readonly [string, string]) => ({ job_name, static_configs: [{ targets: [operator] }], metric_relabel_configs: [{ source_labels: ['__name__'], regex, action: 'keep' }] });
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval, ...(remoteWrite ? { external_labels: { prometheus_replica: String(i) } } : {}) },
    rule_files: [join(folder, 'management-rules.yaml')],
    // As prometheus-operator does it: both of a pair must say the same.
    alerting: { alert_relabel_configs: [{ regex: 'prometheus_replica', action: 'labeldrop' }], alertmanagers: [{ static_configs: [{ targets: webs.map((web) => `127.0.0.1:${web}`) }] }] },
    ...(remoteWrite ? { remote_write: [{ url: remoteWrite, write_relabel_configs: [{ source_labels: ['__name__'], regex: remotelyKept, action: 'keep' }] }] } : {}),
    scrape_configs: [
      ...(await Promise.all(watched.map((cluster) => federationJob(cluster, api, file)))),
      ...([['keelson-clusters', 'keelson_cluster_.+'], [probeJob, 'probe_.+']] as const).map(ofOperator),
      { job_name: 'keelson-alertmanager', static_configs: [{ targets: webs.map((web) => `127.0.0.1:${web}`) }] },
      ...(isWatched ? [{ job_name: 'prometheus-operated', static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }] }] : []),
      ...scrapes,
    ],
  };
}

/** Our ScrapeConfig as prometheus-operator translates it (held to the real one in federation.integration.test.ts). */
async function federationJob(cluster: WorkloadCluster, api: ApiServer, file: WriteFile): Promise<object> {
  const spec = federationScrapeConfig({
    cluster: cluster.name, namespace: 'keelson-system', endpoint: new URL(cluster.way.url).host, proxyNamespace: cluster.name, interval,
    tokenSecret: { name: 'x', key: 'token' }, caSecret: { name: 'x', key: 'ca.crt' }, identity: identityOf(clusterObject(cluster.name), cluster.name),
  }).spec as Record<string, never> & { staticConfigs: object[]; params: object; metricRelabelings: { sourceLabels?: string[]; regex: string; action: string }[] };
  return {
    job_name: `scrapeConfig/${cluster.name}`, scheme: 'https', metrics_path: spec['metricsPath'], params: spec.params, static_configs: spec.staticConfigs,
    authorization: { type: 'Bearer', credentials_file: await file(`${cluster.name}-token`, cluster.token) }, tls_config: { ca_file: await file(`${cluster.name}-ca`, api.ca.cert) },
    honor_labels: spec['honorLabels'], honor_timestamps: spec['honorTimestamps'], sample_limit: spec['sampleLimit'], label_limit: spec['labelLimit'],
    relabel_configs: [{ target_label: 'job', replacement: spec['jobName'] }],
    metric_relabel_configs: spec.metricRelabelings.map(({ sourceLabels, ...rest }) => ({ ...rest, ...(sourceLabels ? { source_labels: sourceLabels } : {}) })),
  };
}
