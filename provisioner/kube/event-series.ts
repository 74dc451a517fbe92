/**
 * Which events are the same thing said again, and which are too many: client-go's event correlation
 * (tools/record/events_cache.go, tools/events/event_recorder.go) over events.k8s.io series.
 */
import type { Clock } from './clock.ts';
import { BucketLimiter } from './rate-limiter.ts';

/** What was said of one object. */
export interface Said {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly note: string;
}

/** One event in memory, and how much of it the API server knows. */
export interface Series<E> {
  readonly object: string;
  readonly event: E;
  count: number;
  lastMs: number;
  lastAt: Date;
  /** The count that the API server has; 0 before the event exists there. */
  written: number;
  writtenMs: number;
}

/** As client-go: after six quiet minutes the same thing is a new event. */
const endsMs = 360_000;
/** A series that goes on is written at most so often. */
const rewriteMs = 30_000;
/** client-go's EventSourceObjectSpamFilter: 25 at once for one object, then one in five minutes. */
const spam = { burst: 25, perSecond: 1 / 300 };
/** Different messages of one object and reason before they are told as one, as client-go's EventAggregator. */
const maxNotes = 10;
const maxSeries = 4096;

export class EventSeries<E> {
  readonly #clock: Clock;
  readonly #series = new Map<string, Series<E>>();
  readonly #budgets = new Map<string, BucketLimiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The series this belongs to, counted up or new; undefined when the object has said too much. */
  observe(object: string, said: Said, create: (said: Said) => E): Series<E> | undefined {
    const prefix = `${object} ${said.type} ${said.reason} `;
    const note = this.#combined(prefix, said.note);
    const known = this.#series.get(prefix + note);
    const now = this.#clock.monotonicMs();
    if (known && now - known.lastMs < endsMs) {
      known.count++;
      known.lastMs = now;
      known.lastAt = this.#clock.now();
      return known;
    }
    this.#forget();
    if (this.#series.size >= maxSeries || !this.#budget(object).take()) return undefined;
    const series: Series<E> = { object, event: create({ ...said, note }), count: 1, lastMs: now, lastAt: this.#clock.now(), written: 0, writtenMs: -Infinity };
    this.#series.set(prefix + note, series);
    return series;
  }

  /** When the series may be written: a first and a second time at once, so that people see that it repeats. */
  dueMs(series: Series<E>): number {
    return series.count <= 2 ? -Infinity : series.writtenMs + rewriteMs;
  }

  written(series: Series<E>, count: number): void {
    series.written = count;
    series.writtenMs = this.#clock.monotonicMs();
  }

  /** The API server will not have it: the next time begins a new series. */
  refused(series: Series<E>): void {
    series.written = series.count;
    series.lastMs = -Infinity;
  }

  /** The note, or one text for all once there are many different ones. */
  #combined(prefix: string, note: string): string {
    if (this.#series.has(prefix + note)) return note;
    const now = this.#clock.monotonicMs();
    let told = 0;
    for (const [key, series] of this.#series) if (key.startsWith(prefix) && now - series.lastMs < endsMs) told++;
    return told >= maxNotes ? '(combined from similar events)' : note;
  }

  #budget(object: string): BucketLimiter {
    const known = this.#budgets.get(object);
    if (known) return known;
    const budget = new BucketLimiter({ clock: this.#clock, ...spam });
    this.#budgets.set(object, budget);
    return budget;
  }

  /** Series that have ended and are written, and full budgets of objects that no series speaks of. */
  #forget(): void {
    const now = this.#clock.monotonicMs();
    for (const [key, series] of this.#series) {
      if (now - series.lastMs >= endsMs && series.written === series.count) this.#series.delete(key);
    }
    const spokenOf = new Set([...this.#series.values()].map((series) => series.object));
    for (const [object, budget] of this.#budgets) if (budget.isFull() && !spokenOf.has(object)) this.#budgets.delete(object);
  }
}
