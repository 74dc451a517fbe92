/** Counts what the families of `sourceFamilies` say, in one place for all sources of an exporter. */
import type { Counter, Gauge, SelfMetrics } from './self-metrics.ts';

export interface SourceState {
  readonly name: string;
  readonly isUp: boolean;
  readonly objects: number;
  /** Why the source as a whole could not be read; undefined while it can. */
  readonly failure: string | undefined;
  /** Reason → how often, since the start. */
  readonly errors: Readonly<Record<string, number>>;
}

export class SourceHealth {
  readonly name: string;
  readonly #metrics: SourceMetrics;
  readonly #errors = new Map<string, number>();
  #isUp = false;
  #isSynced = false;
  #objects = 0;
  #failure: string | undefined = 'first pass not done';

  constructor(name: string, metrics: SourceMetrics) {
    this.name = name;
    this.#metrics = metrics;
  }

  /** A pass over the source ended well. Single objects may have been skipped. */
  succeeded(now: Date, objects: number): void {
    this.#isUp = true;
    this.#isSynced = true;
    this.#failure = undefined;
    this.#objects = objects;
    this.#metrics.up.set({ source: this.name }, 1);
    this.#metrics.lastSuccess.set({ source: this.name }, now.getTime() / 1000);
    this.#metrics.objects.set({ source: this.name }, objects);
  }

  /**
   * The source as a whole could not be read. What was known stays exported.
   * @param isAnswered true where that is an answer too (the kind is not installed): the exporter is as ready as it gets
   */
  failed(why: string, isAnswered = false): void {
    this.#isUp = false;
    this.#failure = why;
    this.#isSynced ||= isAnswered;
    this.#metrics.up.set({ source: this.name }, 0);
  }

  /** One object was skipped. */
  skipped(reason: string): void {
    this.#errors.set(reason, (this.#errors.get(reason) ?? 0) + 1);
    this.#metrics.errors.inc({ source: this.name, reason });
  }

  /** For readiness: undefined after the first success. */
  notReady(): string | undefined {
    return this.#isSynced ? undefined : (this.#failure ?? 'first pass not done');
  }

  get state(): SourceState {
    return { name: this.name, isUp: this.#isUp, objects: this.#objects, failure: this.#failure, errors: Object.fromEntries(this.#errors) };
  }
}

/** The four families of `sourceFamilies`, shared by all sources. */
export interface SourceMetrics {
  readonly up: Gauge;
  readonly lastSuccess: Gauge;
  readonly objects: Gauge;
  readonly errors: Counter;
}

export function sourceMetrics(prefix: string, self: SelfMetrics): SourceMetrics {
  return {
    up: self.gauge(`${prefix}_source_up`),
    lastSuccess: self.gauge(`${prefix}_source_last_success_timestamp_seconds`),
    objects: self.gauge(`${prefix}_source_objects`),
    errors: self.counter(`${prefix}_source_errors_total`),
  };
}
