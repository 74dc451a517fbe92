/**
 * Samples by the object they come from. Sources replace an object's samples as they learn of it; `publish` makes what
 * is known now the snapshot that scrapes see. Rendering happens here, once per change, never in a scrape.
 */
import type { MetricFamily } from './catalogue.ts';
import { ExporterError } from './errors.ts';
import { sampleLine, seriesName } from './exposition.ts';
import { Snapshot } from './snapshot.ts';

export interface Sample {
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What became of an object's samples. */
export interface Stored {
  readonly samples: number;
  /** Samples of the same object, family and labels as an earlier one: the smaller value stays, the other is dropped. */
  readonly collisions: number;
}

export class SeriesStore {
  readonly #families: ReadonlyMap<string, MetricFamily>;
  /** Object → family → rendered lines. */
  readonly #objects = new Map<string, ReadonlyMap<string, string>>();
  #snapshot = Snapshot.empty;

  constructor(catalogue: readonly MetricFamily[]) {
    this.#families = new Map(catalogue.map((family) => [family.name, family]));
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /**
   * Replaces all samples of an object. Objects must not share a series: the object's name belongs in its labels.
   * @throws ExporterError FAMILY_UNKNOWN when a sample's family is not in the catalogue
   */
  set(object: string, samples: readonly Sample[]): Stored {
    const lowest = new Map<string, Sample & { readonly series: string }>();
    for (const sample of samples) {
      const series = this.#series(sample);
      const known = lowest.get(series);
      if (!known || sample.value < known.value) lowest.set(series, { ...sample, series });
    }
    const lines = new Map<string, string>();
    for (const { family, value, series } of lowest.values()) lines.set(family, (lines.get(family) ?? '') + sampleLine(series, value));
    this.#objects.set(object, lines);
    return { samples: lowest.size, collisions: samples.length - lowest.size };
  }

  delete(object: string): void {
    this.#objects.delete(object);
  }

  /** Swaps in a snapshot of everything set so far. Objects are sorted, so equal content gives equal bytes. */
  publish(): void {
    const objects = [...this.#objects].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#snapshot = new Snapshot(
      [...this.#families.values()].map((family) => ({
        family,
        blocks: objects.flatMap(([, lines]) => lines.get(family.name) ?? []),
      })),
    );
  }

  /** Name and labels as they will be written: two samples with the same text are one series to Prometheus. */
  #series({ family, labels }: Sample): string {
    const known = this.#families.get(family);
    if (!known) throw new ExporterError('FAMILY_UNKNOWN', `sample of ${family}: no such family in the catalogue; add it there`);
    return seriesName(family, known.labels.map((label) => [label, labels[label]]));
  }
}
