/** What one cluster sends: with the real exporters over real objects, and kubelets and net-exporters as they would be, at 10, 50 and 100 nodes. */
import { loadavg } from 'node:os';
import { gzipSync } from 'node:zlib';
import type { Figure } from '../figures.ts';
import { linesOf, podsPerNode, recordCluster } from './recorded-cluster.ts';

const sizes = (process.env['KEELSON_BENCH_NODES'] ?? '10,50,100').split(',').map(Number);

interface Measured {
  readonly nodes: number;
  readonly series: number;
  readonly bytes: number;
  readonly zipped: number;
  readonly raw: { readonly series: number; readonly bytes: number; readonly seconds: number; readonly load: number };
}

export async function federationFigures(): Promise<Figure[]> {
  const measured: Measured[] = [];
  for (const nodes of sizes) measured.push(await measure(nodes));
  const [small, , large] = measured;
  if (!small || !large) throw new Error('nothing was measured');
  return [
    { what: 'federated series of a cluster of 100 nodes', measured: large.series, unit: 'series', goal: 1500 },
    { what: 'federated bytes of a cluster of 100 nodes, uncompressed', measured: large.bytes / 1000, unit: 'KB', goal: 150, note: `${Math.round(large.zipped / 1000)} KB compressed` },
    { what: 'growth of federated series from 10 to 100 nodes', measured: large.series / small.series, unit: 'times', goal: 9.99, note: `ten times the nodes; ${measured.map(({ nodes, series, bytes }) => `${nodes} nodes ${series} series ${Math.round(bytes / 1000)} KB`).join(', ')}` },
    { what: 'raw federation of the same 100 nodes: series', measured: large.raw.series, unit: 'series', note: `{job=~".+"}, ${podsPerNode} pods on each node` },
    { what: 'raw federation of the same 100 nodes: bytes', measured: large.raw.bytes / 1e6, unit: 'MB', note: `${(large.raw.bytes / large.bytes).toFixed(0)} times as much` },
    { what: 'raw federation of the same 100 nodes: time of one answer', measured: large.raw.seconds, unit: 's', note: `load average ${large.raw.load.toFixed(1)} when it was asked` },
  ];
}

async function measure(nodes: number): Promise<Measured> {
  const cluster = await recordCluster({ nodes, isWell: false });
  try {
    const { family } = cluster;
    const [load = NaN] = loadavg();
    const raw = await cluster.federate('{job=~".+"}');
    return { nodes, series: linesOf(family).length, bytes: Buffer.byteLength(family), zipped: gzipSync(family).length, raw: { series: linesOf(raw.text).length, bytes: Buffer.byteLength(raw.text), seconds: raw.seconds, load } };
  } finally {
    await cluster.stop();
  }
}
