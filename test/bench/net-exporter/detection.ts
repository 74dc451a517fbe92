/**
 * The ten faults, and "it is me", in the field at the pace of life (15 s): our program, a plain ring of two neighbours and a
 * plain full mesh of the same probes, all three in the same nodes at the same time. Prometheus looks every second, so
 * that what is measured is the program and its rules; a scrape and an evaluation every 15 s add up to 30 s to a blame.
 */
import { cases, inLife, type Case } from '../../exporters/net/field/cases.ts';
import { detect, type Detection } from '../../exporters/net/field/detection.ts';
import type { Variant } from '../../exporters/net/field/net-exporter.ts';
import type { Prometheus } from '../../exporters/net/field/prometheus.ts';
import { provingGround, type ProvingGround } from '../../exporters/net/field/proving-ground.ts';
import type { Figure } from '../figures.ts';
import { plainPrefix, symptomsOf, type Plain } from './plain.ts';

const intervalSeconds = 15;
const variants = {
  ours: { name: 'net-exporter', pace: 'as in life', port: 8000 },
  ring: { name: 'ring', pace: 'as in life', port: 8100, prefix: plainPrefix, hasNoZones: true, mesh: { fullMeshUpTo: 0, ownZonePeers: 2, otherZonePeers: 0, witnesses: 0 } },
  mesh: { name: 'mesh', pace: 'as in life', port: 8200, prefix: plainPrefix, hasNoZones: true, mesh: { fullMeshUpTo: 128, witnesses: 0 } },
} as const satisfies Record<string, Variant>;

interface Row { readonly one: Case; readonly ours: Detection; readonly ring: PlainDetection; readonly mesh: PlainDetection }

/** The plain ones have no last word: the first symptom counts, and everything that is named until the fault is healed. */
interface PlainDetection { seconds: number | undefined; readonly named: Set<string>; readonly complain: Set<string> }

export async function detectionFigures(): Promise<Figure[]> {
  const ground = await provingGround(Object.values(variants), { patienceMs: 120_000 });
  try {
    await new Promise((resolve) => { setTimeout(resolve, 4 * intervalSeconds * 1000); }); // what is usual is known after four rounds
    const rows: Row[] = [];
    for (const one of cases.map(inLife)) {
      const row = await measured(ground, one);
      console.error(lineOf(row));
      rows.push(row);
    }
    return rows.flatMap(figuresOf);
  } finally {
    await ground.end();
  }
}

async function measured({ field, prometheus, look }: ProvingGround, one: Case): Promise<Row> {
  const plain = { ring: nothing(), mesh: nothing() };
  await plainQuiet(prometheus);
  const began = performance.now();
  let isThere = true;
  const ours = await detect(field, [one], {
    pollMs: 500, patienceMs: 120_000, calmMs: 5000,
    look: async () => {
      if (isThere) for (const job of ['ring', 'mesh'] as const) note(plain[job], await symptomsOf(prometheus, job), (performance.now() - began) / 1000);
      return look();
    },
    onHeal: () => { isThere = false; },
  });
  return { one, ours, ...plain };
}

/** Until the plain ones have forgotten the last fault, or a minute: on a busy machine they may always complain of somebody. */
async function plainQuiet(prometheus: Prometheus): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until; await new Promise((resolve) => { setTimeout(resolve, 1000); })) {
    const all = await Promise.all((['ring', 'mesh'] as const).map((job) => symptomsOf(prometheus, job)));
    if (all.every(({ complain }) => complain.length === 0)) return;
  }
}

const nothing = (): PlainDetection => ({ seconds: undefined, named: new Set(), complain: new Set() });

function note(detection: PlainDetection, { complain, named }: Plain, seconds: number): void {
  if (complain.length > 0) detection.seconds ??= seconds;
  for (const pod of complain) detection.complain.add(pod);
  for (const name of named) detection.named.add(name);
}

function figuresOf({ one, ours, ring, mesh }: Row): Figure[] {
  const wrong = [...ours.wrong, ...ours.everBlamed];
  return [
    {
      what: `${one.name}: verdict of all pods`, measured: ours.saidSeconds, unit: 's', goal: one.intervals * intervalSeconds,
      note: `${one.blame.length === 0 ? 'what all pods say is the blame' : `blamed after ${seconds(ours.blamedSeconds)}: ${one.blame.join(', ')}`}; wrong: ${listed(wrong)}; in passing: ${listed(ours.inPassing)}; gone ${seconds(ours.clearedSeconds)} after the fault${ours.missing.length === 0 ? '' : `; missing: ${ours.missing.join(', ')}`}`,
    },
    ...([['plain ring', ring], ['plain full mesh', mesh]] as const).map(([name, plain]): Figure => ({
      what: `${one.name}: ${name}, first symptom`, measured: plain.seconds ?? Infinity, unit: 's',
      note: plain.seconds === undefined ? 'not seen' : `${plain.complain.size} pods complain of ${[...plain.named].sort().join(', ')}`,
    })),
  ];
}

const seconds = (value: number | undefined): string => (value === undefined ? 'never' : `${value.toFixed(1)} s`);
const lineOf = ({ one, ours }: Row): string => `${one.name}: said ${seconds(ours.saidSeconds)}, blamed ${seconds(ours.blamedSeconds)}, gone ${seconds(ours.clearedSeconds)}; wrong: ${listed([...ours.wrong, ...ours.everBlamed])}; in passing: ${listed(ours.inPassing)}; missing: ${listed(ours.missing)}`;
const listed = (all: readonly string[]): string => (all.length === 0 ? 'nothing' : all.join(', '));
