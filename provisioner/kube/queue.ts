/**
 * A set of keys to work on, with client-go's semantics (util/workqueue): a key is handed to one worker at a time; added
 * while it waits it stays once; added while it is worked on it comes again afterwards; none is lost. What is more urgent
 * comes first, as in controller-runtime's priorityqueue.
 */
import { type Clock, type Random, systemClock, systemRandom } from './clock.ts';
import { controllerRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** now: somebody waits for it. soon: looks at what is as it should be, and what is under way. later: what concerns the whole fleet and takes its time. */
export type Urgency = 'now' | 'soon' | 'later';
const urgencies: readonly Urgency[] = ['now', 'soon', 'later'];

/** What a queue tells about itself; see metrics.ts. Times are of the given clock, in milliseconds. */
export interface QueueObserver {
  added(depth: number): void;
  taken(depth: number, waitedMs: number): void;
  finished(depth: number, workedMs: number): void;
  retried(): void;
}

export interface WorkQueueOptions<K extends string = string> {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly rateLimiter?: RateLimiter | undefined;
  readonly observer?: QueueObserver | undefined;
  /** Of a key whose adder does not say; by default all are now, and come in the order in which they were added. */
  readonly urgencyOf?: ((key: K) => Urgency) | undefined;
  /** How many keys that are not urgent now may be in hands at a time: the other workers are kept for those that are. By default any number. */
  readonly calmAtOnce?: number | undefined;
}

export class WorkQueue<K extends string = string> {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #observer: QueueObserver | undefined;
  readonly #urgencyOf: (key: K) => Urgency;
  readonly #calmAtOnce: number;
  /** Keys that wait for a worker, in order, with the time each was added. A Map keeps insertion order. */
  readonly #waiting: Readonly<Record<Urgency, Map<K, number>>> = { now: new Map(), soon: new Map(), later: new Map() };
  /** Keys in a worker's hands. */
  readonly #processing = new Map<K, { readonly sinceMs: number; readonly isCalm: boolean }>();
  /** Keys added while in a worker's hands. */
  readonly #again = new Map<K, Urgency>();
  readonly #delayed = new Map<K, { readonly atMs: number; readonly cancel: () => void }>();
  readonly #takers = new Set<(key: K | undefined) => void>();
  readonly #onIdle = new Set<() => void>();
  #isShutDown = false;

  constructor(options: WorkQueueOptions<K> = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#limiter = options.rateLimiter ?? controllerRateLimiter({ clock: this.#clock, random: options.random ?? systemRandom });
    this.#observer = options.observer;
    this.#urgencyOf = options.urgencyOf ?? (() => 'now');
    this.#calmAtOnce = options.calmAtOnce ?? Infinity;
  }

  /** Keys that wait for a worker. */
  get length(): number {
    return urgencies.reduce((sum, urgency) => sum + this.#waiting[urgency].size, 0);
  }

  /** Milliseconds that each key in a worker's hands has been there. */
  processingMs(): number[] {
    const now = this.#clock.monotonicMs();
    return [...this.#processing.values()].map(({ sinceMs }) => now - sinceMs);
  }

  /** A key that waits already moves forward where it is more urgent now, and never back. */
  add(key: K, urgency: Urgency = this.#urgencyOf(key)): void {
    if (this.#isShutDown) return;
    const known = this.#again.get(key) ?? urgencies.find((one) => this.#waiting[one].has(key));
    if (known !== undefined && urgencies.indexOf(known) <= urgencies.indexOf(urgency)) return;
    if (this.#processing.has(key)) this.#again.set(key, urgency);
    else this.#enqueue(key, { urgency, before: known });
    this.#observer?.added(this.length);
  }

  /** Adds the key once the time has passed, as urgent as it is then. Of two waits for one key the shorter counts. */
  addAfter(key: K, ms: number): void {
    if (this.#isShutDown) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const atMs = this.#clock.monotonicMs() + ms;
    const known = this.#delayed.get(key);
    if (known && known.atMs <= atMs) return;
    known?.cancel();
    this.#arm(key, atMs);
  }

  /** Adds the key after its back-off, which grows until `forget`. */
  addRateLimited(key: K): void {
    if (this.#isShutDown) return;
    this.#observer?.retried();
    this.addAfter(key, this.#limiter.when(key));
  }

  /** Ends the key's back-off, not its place in the queue. */
  forget(key: K): void {
    this.#limiter.forget(key);
  }

  failures(key: K): number {
    return this.#limiter.failures(key);
  }

  /** The next key, to be given back with `done`; undefined once the queue is shut down and empty. */
  get(): Promise<K | undefined> {
    const key = this.#takeNext();
    if (key !== undefined || this.#isShutDown) return Promise.resolve(key);
    return new Promise((resolve) => this.#takers.add(resolve));
  }

  /** The worker has finished with the key, well or not. */
  done(key: K): void {
    const work = this.#processing.get(key);
    if (!work) return;
    this.#processing.delete(key);
    const urgency = this.#again.get(key);
    if (this.#again.delete(key)) this.#enqueue(key, { urgency });
    this.#observer?.finished(this.length, this.#clock.monotonicMs() - work.sinceMs);
    if (this.#processing.size === 0 && this.length === 0) {
      for (const resolve of this.#onIdle) resolve();
      this.#onIdle.clear();
    }
  }

  /** Takes no more keys, drops those that wait, and answers undefined to every `get`. Keys in work finish by `done`. */
  shutDown(): void {
    this.#isShutDown = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    for (const urgency of urgencies) this.#waiting[urgency].clear();
    this.#again.clear();
    for (const taker of this.#takers) taker(undefined);
    this.#takers.clear();
  }

  /** Resolves when nothing waits and nothing is worked on; delayed keys do not count. */
  whenIdle(): Promise<void> {
    if (this.#processing.size === 0 && this.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.add(resolve));
  }

  /** The first key that may be taken; undefined where none may. */
  #takeNext(): K | undefined {
    const urgency = urgencies.find((one) => this.#waiting[one].size > 0 && this.#mayTake(one));
    const first = urgency && this.#waiting[urgency].keys().next();
    return first && !first.done ? this.#take(first.value, urgency) : undefined;
  }

  /** Whoever finishes a key asks for the next one, so that nothing is forgotten that must wait here. */
  #mayTake(urgency: Urgency): boolean {
    return urgency === 'now' || [...this.#processing.values()].filter(({ isCalm }) => isCalm).length < this.#calmAtOnce;
  }

  /** @param before where it waits already: it keeps the time it has waited */
  #enqueue(key: K, { urgency = 'now', before }: { readonly urgency?: Urgency | undefined; readonly before?: Urgency | undefined }): void {
    const since = before && this.#waiting[before].get(key);
    if (before) this.#waiting[before].delete(key);
    this.#waiting[urgency].set(key, since ?? this.#clock.monotonicMs());
    // Those that are kept for what is urgent may wait beside calm keys: the oldest of these goes first, not this one.
    const [taker] = this.#takers;
    const next = taker && this.#takeNext();
    if (!taker || next === undefined) return;
    this.#takers.delete(taker);
    taker(next);
  }

  #take(key: K, urgency: Urgency): K {
    const now = this.#clock.monotonicMs();
    const since = this.#waiting[urgency].get(key) ?? now;
    this.#waiting[urgency].delete(key);
    this.#processing.set(key, { sinceMs: now, isCalm: urgency !== 'now' });
    this.#observer?.taken(this.length, now - since);
    return key;
  }

  #arm(key: K, atMs: number): void {
    const cancel = this.#clock.after(atMs - this.#clock.monotonicMs(), () => {
      // Timers longer than 24.8 days fire early.
      if (this.#clock.monotonicMs() + 1 < atMs) {
        this.#arm(key, atMs);
        return;
      }
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, cancel });
  }
}
