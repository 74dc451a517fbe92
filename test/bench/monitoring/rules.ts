/**
 * The rules of the management side over many clusters: a generator on loopback answers for each of them with a recorded
 * family, a real Prometheus takes them all and evaluates. How many: KEELSON_BENCH_CLUSTERS, 1,000 unless said otherwise.
 * Beside it raw federation: the same generator answers with what kubelets, nodes, pods and API servers of a cluster of 100
 * nodes are without recording, for as many clusters as one machine bears.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { federationJob } from '../../../monitoring/federation.ts';
import { fleetMetrics, probeJob } from '../../../monitoring/fleet.ts';
import { groupsFor, recordsOf, ruleGroups } from '../../../monitoring/rules/index.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { Program } from '../../monitoring/pair/processes.ts';
import { query } from '../../monitoring/pair/query.ts';
import type { Figure } from '../figures.ts';

const clusters = Number(process.env['KEELSON_BENCH_CLUSTERS'] ?? 1000);
/** A hundredth of them, raw. */
const rawClusters = Math.max(2, Math.round(clusters / 100));
/** Measured by the group `federation` on real exporters: 100 nodes with ten pods each. */
const rawSeries = Number(process.env['KEELSON_BENCH_RAW_SERIES'] ?? 120_000);
const gigabyte = 1e9;
/** Every series has been scraped and every rule evaluated with all of them, at the charts' intervals of a minute. */
const warmUpMs = 170_000;
const rawWarmUpMs = 75_000;

interface Load {
  readonly memoryGb: number;
  readonly series: number;
  readonly isUp: number;
  /** Of each group: seconds, and part of its interval. */
  readonly groups: readonly { readonly seconds: number; readonly part: number }[];
}

export async function rulesFigures(): Promise<Figure[]> {
  const generator = await serve();
  try {
    const recorded = await load({ generator: generator.address, path: '/family', count: clusters, warmMs: warmUpMs, rules: groupsFor('management').filter(({ place }) => place === 'management') });
    const raw = await load({ generator: generator.address, path: '/raw', count: rawClusters, warmMs: rawWarmUpMs, rules: [] });
    const note = `${clusters} clusters of ${generator.series} series, ${recorded.isUp} of them up, ${recorded.series} series in all`;
    return [
      { what: 'rules over all clusters: slowest group, part of its interval', measured: Math.max(...recorded.groups.map(({ part }) => part)) * 100, unit: '%', goal: 25, note },
      { what: 'rules over all clusters: all groups together', measured: recorded.groups.reduce((sum, { seconds }) => sum + seconds, 0), unit: 's', note: 'per evaluation of each' },
      { what: 'memory of the Prometheus over all clusters', measured: recorded.memoryGb, unit: 'GB', goal: 6, note },
      { what: 'raw federation beside it: memory for a hundredth of the clusters', measured: raw.memoryGb, unit: 'GB', note: `${rawClusters} clusters of ${rawSeries} series, ${raw.isUp} of them up, ${raw.series} series in all; all ${clusters} would be ${((raw.series / raw.isUp) * clusters / 1e6).toFixed(0)} million series` },
    ];
  } finally {
    generator.server.close();
    generator.server.closeAllConnections();
  }
}

async function load({ generator, path, count, warmMs, rules }: { readonly generator: string; readonly path: string; readonly count: number; readonly warmMs: number; readonly rules: Parameters<typeof renderGroups>[0] }): Promise<Load> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'rules.yaml'), stringify(renderGroups(rules, { runbookBase: '' }), { version: '1.1' }));
  await writeFile(join(folder, 'prometheus.yaml'), stringify({
    global: { scrape_interval: '60s', scrape_timeout: '30s', evaluation_interval: '60s' }, rule_files: [join(folder, 'rules.yaml')],
    scrape_configs: [
      { job_name: federationJob, metrics_path: path, static_configs: Array.from({ length: count }, (_, i) => ({ targets: [generator], labels: { ...identity(i), instance: `c${i}` } })) },
      ...['keelson-clusters', probeJob].map((job_name) => ({ job_name, metrics_path: `/${job_name}`, static_configs: [{ targets: [generator] }] })),
    ],
  }, { version: '1.1', aliasDuplicateObjects: false }));
  const prometheus = new Program('prometheus', [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], join(folder, 'prometheus.log'));
  prometheus.start();
  try {
    await new Promise((resolve) => setTimeout(resolve, warmMs));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const of = (name: string): number[] => [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value));
    const intervals = of('prometheus_rule_group_interval_seconds');
    const groups = of('prometheus_rule_group_last_duration_seconds').map((seconds, i) => ({ seconds, part: seconds / (intervals[i] ?? 60) }));
    const [observed] = await query(url, `count(up{job="${federationJob}"} == 1)`);
    return { memoryGb: (await residentBytes(prometheus.pid)) / gigabyte, series: of('prometheus_tsdb_head_series')[0] ?? NaN, isUp: observed?.value ?? 0, groups };
  } finally {
    await prometheus.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

const identity = (i: number): Record<string, string> => ({ cluster_id: `c${i}`, cluster_type: 'workload_cluster', organization: `org${i % 50}`, environment: 'production', provider: 'openstack', region: `r${i % 4}` });

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** A cluster at half of what its records allow: more than one of 100 nodes sends. */
function family(): string[] {
  return recordsOf(ruleGroups).flatMap(({ record, labels, set = {}, maxSeries }) =>
    Array.from({ length: Math.ceil(maxSeries / 2) }, (_, i) => {
      const own = labels.map((label) => `${label}="${set[label] ?? `${label}-${i}`}"`).join(',');
      return `${record}${own ? `{${own}}` : ''}`;
    }));
}

/** Of three families that pods and containers have: what raw federation mostly is. */
const raw = (): string[] => Array.from({ length: rawSeries }, (_, i) => `${['kube_pod_status_phase', 'container_cpu_usage_seconds_total', 'kubelet_runtime_operations_total'][i % 3]}{namespace="ns-${i % 40}",pod="pod-${i % 1000}-7d9f8b6c5d",container="c-${i % 7}",node="node-${i % 100}",id="${i}"}`);

async function serve(): Promise<{ readonly server: Server; readonly address: string; readonly series: number }> {
  const lines = family();
  const rawLines = raw();
  const each = (line: (i: number) => string): string => `${Array.from({ length: clusters }, (_, i) => line(i)).join('\n')}\n`;
  const pages: Record<string, () => string> = {
    '/family': () => `${lines.map((line) => `${line} ${line.startsWith('keelson:heartbeat') ? Date.now() / 1000 : (Math.random() * 0.5).toFixed(4)}`).join('\n')}\n`,
    '/raw': () => `${rawLines.map((line) => `${line} ${Math.floor(Date.now() / 100)}`).join('\n')}\n`,
    '/keelson-clusters': () => each((i) => `${fleetMetrics.info.name}{cluster_id="c${i}",cluster_type="workload_cluster",organization="org${i % 50}",region="r${i % 4}",environment="production",phase="running",version="v1.36.3",class="openstack-v1"} 1\n${fleetMetrics.federated.name}{cluster_id="c${i}"} 1`),
    [`/${probeJob}`]: () => each((i) => `${fleetMetrics.probeSuccess.name}{cluster_id="c${i}",organization="org${i % 50}",region="r${i % 4}"} 1`),
  };
  const server = createServer(({ url = '' }, response) => void response.setHeader('content-type', 'text/plain; version=0.0.4').end(pages[url]?.() ?? ''));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, series: lines.length };
}
