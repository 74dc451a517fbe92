/**
 * The rules of the management side over many clusters, nearly all of them well: a fleet on loopback (fleet-of-clusters.ts), a
 * real Prometheus takes it and evaluates. How many clusters: KEELSON_BENCH_CLUSTERS, 1,000 unless said otherwise. Families are
 * recorded anew each time, or kept in the folder KEELSON_BENCH_FAMILIES. Beside it raw federation: what kubelets, nodes, pods and
 * API servers of a cluster of 100 nodes are without recording, for as many clusters as one machine bears.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { groupsFor } from '../../../monitoring/rules/index.ts';
import type { Figure } from '../figures.ts';
import { startFleet, type Families } from './fleet-of-clusters.ts';
import { measureLoad, type GroupCost, type Load } from './load.ts';
import { linesOf, recordCluster } from './recorded-cluster.ts';

const clusters = Number(process.env['KEELSON_BENCH_CLUSTERS'] ?? 1000);
/** A hundredth of them, raw. */
const rawClusters = Math.max(2, Math.round(clusters / 100));
/** Measured by the group `federation` on real exporters: 100 nodes with ten pods each. */
const rawSeries = Number(process.env['KEELSON_BENCH_RAW_SERIES'] ?? 120_000);
const nodes = 100;
/** Two scrapes of everything; then a minute in which every group is seen at work. */
const [warmMs, watchMs] = [130_000, 65_000];

export async function rulesFigures(): Promise<Figure[]> {
  const families = await readFamilies();
  const fleet = await startFleet(clusters, families, rawText);
  try {
    const others = `load average ${loadavg()[0]?.toFixed(1)} when it began`;
    const recorded = await measureLoad({ scrapes: fleet.scrapes, rules: groupsFor('management').filter(({ place }) => place === 'management'), warmMs, watchMs });
    const raw = await measureLoad({ scrapes: [{ job_name: 'raw', static_configs: Array.from({ length: rawClusters }, (_, i) => ({ targets: [fleet.address], labels: { cluster_id: `c${i}`, __metrics_path__: '/raw' } })) }], rules: [], warmMs: 75_000, watchMs: 0 });
    const size = `${clusters} clusters of ${linesOf(families.well).length} series, ${fleet.faulty} of them with faults (${linesOf(families.faulty).length} series) or silent, ${recorded.isUp} up, ${recorded.series} series in all; ${others}`;
    return [...ruleFigures(recorded, size), {
      what: 'raw federation beside it: memory for a hundredth of the clusters', measured: raw.memoryBytes / 1e9, unit: 'GB',
      note: `${rawClusters} clusters of ${rawSeries} series, ${raw.series} series in all; all ${clusters} would be ${((raw.series / rawClusters) * clusters / 1e6).toFixed(0)} million series`,
    }];
  } finally {
    await fleet.stop();
  }
}

const partOf = ({ seconds, intervalSeconds }: GroupCost): number => seconds / intervalSeconds;
const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)} ms`;

function ruleFigures({ groups, rules, missed, active, memoryBytes }: Load, size: string): Figure[] {
  const bySlowness = [...groups].sort((a, b) => partOf(b) - partOf(a));
  const cores = availableParallelism();
  const alerts = [...active].sort((a, b) => b[1] - a[1]);
  return [
    {
      what: 'rules over all clusters: slowest group, part of its interval', measured: (bySlowness[0] ? partOf(bySlowness[0]) : NaN) * 100, unit: '%', goal: 25,
      note: `the slowest evaluation of a minute; ${bySlowness.slice(0, 4).map((group) => `${group.name} ${milliseconds(group.seconds)} of ${group.intervalSeconds} s`).join(', ')}; ${missed} evaluations left out; ${size}`,
    },
    { what: 'rules over all clusters: all groups together, part of the machine', measured: (groups.reduce((sum, group) => sum + partOf(group), 0) / cores) * 100, unit: '%', note: `the sum over ${groups.length} groups of seconds per second, in parts of ${cores} cores` },
    { what: 'rules over all clusters: costliest rule', measured: (rules[0]?.seconds ?? NaN) * 1000, unit: 'ms', note: rules.slice(0, 6).map(({ name, seconds }) => `${name} ${milliseconds(seconds)}`).join(', ') },
    { what: 'rules over all clusters: alerts that are pending or fire', measured: alerts.reduce((sum, [, count]) => sum + count, 0), unit: 'alerts', note: `${alerts.length} kinds; ${alerts.slice(0, 6).map(([name, count]) => `${name} ${count}`).join(', ')}` },
    { what: 'memory of the Prometheus over all clusters', measured: memoryBytes / 1e9, unit: 'GB', goal: 6, note: size },
  ];
}

/** One after the other: each is a cluster of 100 nodes with its own API server. */
async function readFamilies(): Promise<Families> {
  const folder = process.env['KEELSON_BENCH_FAMILIES'];
  const kept = async (name: string, isWell: boolean): Promise<string> => {
    const path = folder ? join(folder, `${name}.prom`) : undefined;
    const found = path ? await readFile(path, 'utf8').catch(() => undefined) : undefined;
    if (found !== undefined) return found;
    const cluster = await recordCluster({ nodes, isWell });
    await cluster.stop();
    if (path) await mkdir(join(path, '..'), { recursive: true }).then(() => writeFile(path, cluster.family));
    return cluster.family;
  };
  return { well: await kept('well', true), faulty: await kept('faulty', false) };
}

/** Of three families that pods and containers have: what raw federation mostly is. */
const rawText = (): string => Array.from({ length: rawSeries }, (_, i) => `${['kube_pod_status_phase', 'container_cpu_usage_seconds_total', 'kubelet_runtime_operations_total'][i % 3]}{namespace="ns-${i % 40}",pod="pod-${i % 1000}-7d9f8b6c5d",container="c-${i % 7}",node="node-${i % 100}",id="${i}"} ${Math.floor(Date.now() / 100)}\n`).join('');
