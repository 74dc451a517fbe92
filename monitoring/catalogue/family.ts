/**
 * Metrics that rules, boards and runbooks read and that others write: which, of which type, from whom, with which labels. A
 * rule that reads anything that is neither here nor in a catalogue of ours is a typing error or an unwritten dependency.
 * The lists follow the reference of each program (`source`) and are held against what real ones expose (test/monitoring/expositions).
 */
import type { MetricType } from '../../exporters/core/catalogue.ts';

export interface ForeignFamily {
  readonly name: string;
  readonly type: MetricType;
  /** Who writes it: a component of a cluster. */
  readonly from: string;
  /** Labels of its own, without those that scraping adds. */
  readonly labels: readonly string[];
  readonly unit?: 'seconds' | 'bytes' | 'ratio';
  /** How many series one target gives, as an order of magnitude. */
  readonly cardinality?: string;
  readonly help: string;
}

export interface ForeignComponent {
  readonly name: string;
  /** Of the program that the list is for. */
  readonly version: string;
  /** Where the meaning of its metrics is fixed. */
  readonly source: string;
  readonly families: readonly ForeignFamily[];
}

export type Row = readonly [name: string, type: MetricType, labels: string, help: string, cardinality?: string];

/** @param rows name, type, labels separated by blanks, meaning, cardinality */
export function component(name: string, version: string, source: string, rows: readonly Row[]): ForeignComponent {
  return {
    name, version, source,
    families: rows.map(([family, type, labels, help, cardinality]) => ({
      name: family, type, from: name, labels: labels.split(' ').filter(Boolean), help,
      ...(unitOf(family) ? { unit: unitOf(family) } : {}), ...(cardinality ? { cardinality } : {}),
    } as ForeignFamily)),
  };
}

/** The base unit stands in the name (https://prometheus.io/docs/practices/naming/). */
function unitOf(family: string): ForeignFamily['unit'] {
  return (['seconds', 'bytes', 'ratio'] as const).find((unit) => new RegExp(`_${unit}(_total)?$`).test(family));
}
