/**
 * What an exporter says about its own process and sources: a few dozen series, written with every scrape. Counted here
 * in a hundred lines, because a client library with its histograms and GC observers takes 20 MB of a small process.
 */
import { processFamilies, type MetricFamily } from './catalogue.ts';
import { header, sampleLine, seriesName, type Format } from './exposition.ts';
import { LoopDelay } from './loop-delay.ts';

/** Imported as an ES module, node:fs would load its promises too: 1 MB. */
const { readdirSync } = process.getBuiltinModule('node:fs');

export type Labels = Readonly<Record<string, string>>;

export interface Gauge {
  set(labels: Labels, value: number): void;
  remove(labels: Labels): void;
}

export interface Counter {
  /** @param by how many; 1 by default */
  inc(labels: Labels, by?: number): void;
}

export class SelfMetrics {
  readonly #families: readonly MetricFamily[];
  /** Family → series as written → value. */
  readonly #values: ReadonlyMap<string, Map<string, number>>;
  readonly #loop = new LoopDelay();
  readonly #startedAt = Date.now() / 1000 - process.uptime();

  /** @param families what the exporter counts about itself, beside the families of every process */
  constructor(families: readonly MetricFamily[]) {
    this.#families = [...families, ...processFamilies];
    this.#values = new Map(this.#families.map((family) => [family.name, new Map<string, number>()]));
  }

  /** @throws Error when the catalogue has no such counter */
  counter(name: string): Counter {
    const { values, series } = this.#family(name, 'counter');
    return { inc: (labels, by = 1) => void values.set(series(labels), (values.get(series(labels)) ?? 0) + by) };
  }

  /** @throws Error when the catalogue has no such gauge */
  gauge(name: string): Gauge {
    const { values, series } = this.#family(name, 'gauge');
    return { set: (labels, value) => void values.set(series(labels), value), remove: (labels) => void values.delete(series(labels)) };
  }

  /** Families without a sample are left out. */
  render(format: Format): string {
    this.#measure();
    return this.#families.map((family) => {
      const values = this.#values.get(family.name);
      if (!values?.size) return '';
      return header(family, format) + [...values].map(([series, value]) => sampleLine(series, value)).join('');
    }).join('');
  }

  /** Ends the timer that measures the event loop. */
  stop(): void {
    this.#loop.stop();
  }

  #measure(): void {
    const { user, system } = process.cpuUsage();
    const memory = process.memoryUsage();
    const set = (name: string, value: number): void => void this.#values.get(name)?.set(name, value);
    set('process_cpu_seconds_total', (user + system) / 1e6);
    set('process_start_time_seconds', this.#startedAt);
    set('process_resident_memory_bytes', memory.rss);
    set('process_open_fds', openFiles());
    set('nodejs_eventloop_lag_p99_seconds', this.#loop.takeP99());
    set('nodejs_heap_size_used_bytes', memory.heapUsed);
  }

  #family(name: string, type: MetricFamily['type']): { values: Map<string, number>; series: (labels: Labels) => string } {
    const family = this.#families.find((candidate) => candidate.name === name);
    const values = this.#values.get(name);
    if (family?.type !== type || !values) throw new Error(`${name} is not a ${type} of the catalogue`);
    return { values, series: (labels) => seriesName(name, family.labels.map((label) => [label, labels[label]])) };
  }
}

/** NaN where there is no /proc. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return NaN;
  }
}
