/**
 * Sample lines by the object they come from. Sources replace an object's lines as they learn of it; `publish` makes
 * what is known now the snapshot that scrapes see. Rendering happens once per change, never in a scrape, and a change
 * touches only the block that its object is in.
 */
import { Block } from './block.ts';
import type { MetricFamily } from './catalogue.ts';
import type { Clock } from './clock.ts';
import { ExporterError } from './errors.ts';
import { sampleLine, seriesName } from './exposition.ts';
import { Snapshot } from './snapshot.ts';

export interface Sample {
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Complete lines of one object, by the position of their family in the catalogue; undefined where it has none. */
export type Rendered = readonly (string | undefined)[];

/** Objects per block: at three certificates each a block is some 50 KB of text, compressed in under a millisecond. */
const objectsPerBucket = 64;

/** Changes that come close together become one snapshot. */
const publishAfterMs = 100;

export class SeriesStore {
  readonly #families: readonly MetricFamily[];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #clock: Clock;
  readonly #bucketOf = new Map<string, Bucket>();
  readonly #buckets = new Set<Bucket>();
  readonly #open = new Set<Bucket>();
  #snapshot = Snapshot.empty;
  #cancelPublish: (() => void) | undefined;

  /** @param catalogue the families that are written; samples of others are left out */
  constructor(catalogue: readonly MetricFamily[], clock: Clock) {
    this.#families = catalogue;
    this.#positions = new Map(catalogue.map((family, position) => [family.name, position]));
    this.#clock = clock;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Whether samples of the family are written: what makes them may be costly. */
  has(family: string): boolean {
    return this.#positions.has(family);
  }

  /** Samples as lines. Two samples of one object must not have the same family and labels. */
  render(samples: readonly Sample[]): Rendered {
    const lines: string[][] = [];
    for (const { family, labels, value } of samples) {
      const position = this.#positions.get(family);
      const known = position === undefined ? undefined : this.#families[position];
      if (position === undefined || !known) continue;
      (lines[position] ??= []).push(sampleLine(seriesName(family, known.labels.map((label) => [label, labels[label]])), value));
    }
    // join() gives one flat string; adding them up would keep every piece alive.
    return Array.from({ length: lines.length }, (_, position) => lines[position]?.join(''));
  }

  /** Replaces all lines of an object. Objects must not share a series: the object's name belongs in its labels. */
  set(object: string, lines: Rendered): void {
    if (lines.length > this.#families.length) throw new ExporterError('FAMILY_UNKNOWN', `lines of ${object}: ${lines.length} families where the catalogue has ${this.#families.length}; render them with this store`);
    const bucket = this.#bucketOf.get(object) ?? this.#openBucket();
    this.#bucketOf.set(object, bucket);
    bucket.set(object, lines);
    if (bucket.size >= objectsPerBucket) this.#open.delete(bucket);
    this.#schedulePublish();
  }

  delete(object: string): void {
    const bucket = this.#bucketOf.get(object);
    if (!bucket) return;
    this.#bucketOf.delete(object);
    bucket.delete(object);
    if (bucket.size > 0) this.#open.add(bucket);
    else {
      this.#open.delete(bucket);
      this.#buckets.delete(bucket);
    }
    this.#schedulePublish();
  }

  /** Swaps in a snapshot of everything set so far; does nothing when nothing has changed. */
  publish(): void {
    if (!this.#cancelPublish) return;
    this.#cancelPublish();
    this.#cancelPublish = undefined;
    const families = this.#families.map((family): { family: MetricFamily; blocks: Block[] } => ({ family, blocks: [] }));
    for (const bucket of this.#buckets) {
      const blocks = bucket.blocks(this.#families.length);
      for (const [position, block] of blocks.entries()) if (block) families[position]?.blocks.push(block);
    }
    this.#snapshot = new Snapshot(families);
  }

  /** No snapshot is made any more. */
  stop(): void {
    this.#cancelPublish?.();
    this.#cancelPublish = undefined;
  }

  #schedulePublish(): void {
    this.#cancelPublish ??= this.#clock.after(publishAfterMs, () => this.publish());
  }

  #openBucket(): Bucket {
    const [open] = this.#open;
    if (open) return open;
    const bucket = new Bucket();
    this.#buckets.add(bucket);
    this.#open.add(bucket);
    return bucket;
  }
}

/** A few objects and their blocks, one per family. Objects are sorted, so equal content gives equal bytes. */
class Bucket {
  readonly #objects = new Map<string, Rendered>();
  #blocks: readonly (Block | undefined)[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  set(object: string, lines: Rendered): void {
    this.#objects.set(object, lines);
    this.#blocks = undefined;
  }

  delete(object: string): void {
    this.#objects.delete(object);
    this.#blocks = undefined;
  }

  blocks(families: number): readonly (Block | undefined)[] {
    this.#blocks ??= this.#render(families);
    return this.#blocks;
  }

  #render(families: number): readonly (Block | undefined)[] {
    const objects = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lines]) => lines);
    return Array.from({ length: families }, (_, position) => {
      const lines = objects.flatMap((object) => object[position] ?? []);
      return lines.length > 0 ? new Block(lines) : undefined;
    });
  }
}
