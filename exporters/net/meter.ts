/**
 * Gauges, counters and histograms that probes write, made into a snapshot at the end of a round. Series that belong to
 * something that is gone are forgotten by their labels.
 */
import { Block } from '../core/block.ts';
import type { MetricFamily } from '../core/catalogue.ts';
import { sampleLine, seriesName } from '../core/exposition.ts';
import { Snapshot } from '../core/snapshot.ts';

export type Labels = Readonly<Record<string, string>>;

/** Of a histogram: how many values per bucket (not cumulative), the last for those above all bounds; and their sum. */
interface Distribution {
  readonly counts: number[];
  sum: number;
}

interface Series {
  readonly labels: Labels;
  value: number;
  readonly distribution: Distribution | undefined;
}

export class Meter {
  readonly #families: ReadonlyMap<string, { readonly family: MetricFamily; readonly series: Map<string, Series> }>;

  constructor(families: readonly MetricFamily[]) {
    this.#families = new Map(families.map((family) => [family.name, { family, series: new Map<string, Series>() }]));
  }

  /** A value of this moment; undefined removes the series. */
  set(name: string, labels: Labels, value: number | undefined): void {
    if (value === undefined) return void this.#family(name).series.delete(this.#key(name, labels));
    this.#series(name, labels).value = value;
  }

  /** Adds to a counter; adding 0 makes the series appear, so that its first increase is seen. */
  add(name: string, labels: Labels, by = 1): void {
    this.#series(name, labels).value += by;
  }

  /** Adds a value to a histogram. */
  observe(name: string, labels: Labels, value: number): void {
    const { distribution } = this.#series(name, labels);
    if (!distribution) throw new Error(`${name} is not a histogram`);
    const bounds = this.#family(name).family.buckets ?? [];
    const bucket = bounds.findIndex((bound) => value <= bound);
    const at = bucket < 0 ? bounds.length : bucket;
    distribution.counts[at] = (distribution.counts[at] ?? 0) + 1;
    distribution.sum += value;
  }

  /** Removes the series of these families whose label is not among those that are kept. */
  keep(families: readonly string[], label: string, kept: ReadonlySet<string>): void {
    for (const name of families) {
      const { series } = this.#family(name);
      for (const [key, { labels }] of series) if (!kept.has(labels[label] ?? '')) series.delete(key);
    }
  }

  /** Removes all series of a family. */
  clear(name: string): void {
    this.#family(name).series.clear();
  }

  /** How many series are written. */
  get size(): number {
    return [...this.#families.values()].reduce((sum, { family, series }) => sum + series.size * (family.type === 'histogram' ? (family.buckets?.length ?? 0) + 3 : 1), 0);
  }

  /** Everything as it is now. Series are sorted, so equal content gives equal bytes. */
  snapshot(): Snapshot {
    return new Snapshot([...this.#families.values()].map(({ family, series }) => {
      const lines = [...series.keys()].sort().flatMap((key) => linesOf(family, series.get(key)));
      return { family, blocks: lines.length > 0 ? [new Block(lines)] : [] };
    }));
  }

  #family(name: string): { readonly family: MetricFamily; readonly series: Map<string, Series> } {
    const found = this.#families.get(name);
    if (!found) throw new Error(`${name} is not in the catalogue`);
    return found;
  }

  #key(name: string, labels: Labels): string {
    return this.#family(name).family.labels.map((label) => labels[label] ?? '').join('\u0000');
  }

  #series(name: string, labels: Labels): Series {
    const { family, series } = this.#family(name);
    const key = this.#key(name, labels);
    const known = series.get(key);
    if (known) return known;
    const fresh: Series = { labels: { ...labels }, value: 0, distribution: family.type === 'histogram' ? { counts: new Array<number>((family.buckets?.length ?? 0) + 1).fill(0), sum: 0 } : undefined };
    series.set(key, fresh);
    return fresh;
  }
}

function linesOf(family: MetricFamily, series: Series | undefined): string[] {
  if (!series) return [];
  const labels = family.labels.map((label): readonly [string, string | undefined] => [label, series.labels[label]]);
  const { distribution } = series;
  if (!distribution) return [sampleLine(seriesName(family.name, labels), series.value)];
  let cumulative = 0;
  const buckets = distribution.counts.map((count, i) => {
    cumulative += count;
    const bound = family.buckets?.[i];
    return sampleLine(seriesName(`${family.name}_bucket`, [...labels, ['le', bound === undefined ? '+Inf' : String(bound)]]), cumulative);
  });
  return [...buckets, sampleLine(seriesName(`${family.name}_sum`, labels), distribution.sum), sampleLine(seriesName(`${family.name}_count`, labels), cumulative)];
}
