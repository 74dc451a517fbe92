/** Where two states of one object differ: the live one and the one that applying the release would make of it. Paths only, since values may be secret. */
import type { KubeObject } from '../../../kube/index.ts';
import type { Step } from './path.ts';

/** What the API server itself keeps, and what says how things are rather than how they should be. */
const kept = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds']);

export function* differences(live: KubeObject, wanted: KubeObject): Generator<readonly Step[]> {
  const { status: _liveStatus, metadata: liveMetadata, ...liveRest } = live;
  const { status: _wantedStatus, metadata: wantedMetadata, ...wantedRest } = wanted;
  const without = (metadata: object): object => Object.fromEntries(Object.entries(metadata).filter(([key]) => !kept.has(key)));
  yield* compare([{ key: 'metadata' }], without(liveMetadata), without(wantedMetadata));
  yield* compare([], liveRest, wantedRest);
}

function* compare(path: readonly Step[], live: unknown, wanted: unknown): Generator<readonly Step[]> {
  if (isMap(live) && isMap(wanted)) {
    for (const key of new Set([...Object.keys(live), ...Object.keys(wanted)])) yield* compare([...path, { key }], live[key], wanted[key]);
    return;
  }
  if (Array.isArray(live) && Array.isArray(wanted)) {
    const pairs = paired(live, wanted);
    if (pairs) {
      for (const { step, live: one, wanted: other } of pairs) yield* compare([...path, step], one, other);
      return;
    }
  }
  if (JSON.stringify(live) !== JSON.stringify(wanted)) yield path;
}

interface Pair {
  readonly step: Step;
  readonly live: unknown;
  readonly wanted: unknown;
}

/** Items with names by their names, other lists of maps by position where they are as long; undefined: compared as a whole. */
function paired(live: readonly unknown[], wanted: readonly unknown[]): readonly Pair[] | undefined {
  const all = [...live, ...wanted];
  if (!all.every(isMap)) return undefined;
  const byName = new Map<string, { live?: unknown; wanted?: unknown; index: number }>();
  for (const [side, items] of [['live', live], ['wanted', wanted]] as const) {
    for (const [index, item] of items.entries()) {
      const { name } = item as { readonly name?: unknown };
      const entry = typeof name === 'string' ? (byName.get(name) ?? { index }) : undefined;
      if (!entry || side in entry) return live.length === wanted.length ? live.map((one, i) => ({ step: { item: one, index: i }, live: one, wanted: wanted[i] })) : undefined;
      entry[side] = item;
      byName.set(name as string, entry);
    }
  }
  return [...byName.values()].map((entry) => ({ step: { item: entry.live ?? entry.wanted, index: entry.index }, live: entry.live, wanted: entry.wanted }));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
