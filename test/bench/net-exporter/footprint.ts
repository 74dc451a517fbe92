/** What a pod of net-exporter costs at its defaults, as its image has it: ten minutes in a field of nine nodes, scraped every 15 s; and its series in the largest full mesh of the field. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../../fixtures/bundled.ts';
import { Field, nameIn } from '../../exporters/net/field/field.ts';
import { netExporter, type Variant } from '../../exporters/net/field/net-exporter.ts';
import { Prometheus } from '../../exporters/net/field/prometheus.ts';
import type { Figure } from '../figures.ts';

const minutes = 10;
/** Until rounds of every kind have been made, and what only the start needs is collected. */
const settlingMs = 60_000;
const variant = { name: 'net-exporter', pace: 'as in life', port: 8000, isDefault: true } as const satisfies Variant;
/** Three zones of five: the field's largest that is still watched as a full mesh (fullMeshUpTo: 16). */
const largestMesh = 5;
/** Three zones of six: each watches two in its own zone and one in each other. */
const smallestRing = 6;

export async function footprintFigures(): Promise<Figure[]> {
  return [
    ...(await inField(undefined, costs)),
    ...(await inField(largestMesh, (field) => seriesFigure(field, 'full mesh of 15 nodes'))),
    ...(await inField(smallestRing, (field) => seriesFigure(field, 'ring, 18 nodes'))),
  ];
}

async function inField(perZone: number | undefined, measure: (field: Field) => Promise<Figure[]>): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-bench-net-'));
  const field = new Field(perZone);
  try {
    await field.start();
    await writeBundle(join(folder, 'app'), { 'net-exporter': 'exporters/net/main.ts' });
    await field.run(await netExporter(folder, field.topology, { ...variant, main: join(folder, 'app', 'net-exporter.mjs') }));
    await Prometheus.start(field, { folder, everySeconds: 15, jobs: [variant] });
    await pause(settlingMs);
    return await measure(field);
  } finally {
    await field.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function costs(field: Field): Promise<Figure[]> {
  const usage = () => Promise.all(field.nodes.map((node) => field.world.ask('usage', { name: nameIn(node, variant) })));
  const before = await usage();
  await pause(minutes * 60_000);
  const after = await usage();
  const cores = after.map(({ cpuMs }, i) => (cpuMs - before[i]!.cpuMs) / (minutes * 60_000));
  const most = (of: (one: (typeof after)[number]) => number): number => Math.max(...after.map(of));
  return [
    { what: `CPU of a pod over ${minutes} minutes`, measured: 1000 * mean(cores), unit: 'thousandths of a core', goal: 4, note: `mean of nine pods, the busiest ${(1000 * Math.max(...cores)).toFixed(1)}; full mesh of eight peers, scraped every 15 s` },
    { what: 'resident memory of a pod', measured: most((one) => one.residentMb), unit: 'MB', goal: 55, note: `the largest of nine after ${minutes + 1} minutes; anonymous ${most((one) => one.anonymousMb).toFixed(1)}, peak ${most((one) => one.peakMb).toFixed(1)}` },
    ...(await seriesFigure(field, 'full mesh of 9 nodes')),
  ];
}

async function seriesFigure(field: Field, where: string): Promise<Figure[]> {
  const [node] = field.nodes;
  const { text } = await field.world.ask('fetch', { url: `http://${node!.address}:${variant.port}/metrics` });
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  return [{ what: `series of a pod: ${where}`, measured: series, unit: 'series', goal: 320, note: 'at defaults in three zones: one name over UDP and TCP from a DNS Service and two pods, no NTP server' }];
}

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
