/**
 * A set of keys to work on, with client-go's semantics (util/workqueue): a key is handed to one worker at a time; added
 * while it waits it stays once; added while it is worked on it comes again afterwards; none is lost.
 */
import { type Clock, type Random, systemClock, systemRandom } from './clock.ts';
import { controllerRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** What a queue tells about itself; see metrics.ts. Times are of the given clock, in milliseconds. */
export interface QueueObserver {
  added(depth: number): void;
  taken(depth: number, waitedMs: number): void;
  finished(depth: number, workedMs: number): void;
  retried(): void;
}

export interface WorkQueueOptions {
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly rateLimiter?: RateLimiter | undefined;
  readonly observer?: QueueObserver | undefined;
}

export class WorkQueue<K extends string = string> {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #observer: QueueObserver | undefined;
  /** Keys that wait for a worker, in order, with the time each was added. A Map keeps insertion order. */
  readonly #waiting = new Map<K, number>();
  /** Keys in a worker's hands, with the time each was taken. */
  readonly #processing = new Map<K, number>();
  /** Keys added while in a worker's hands. */
  readonly #again = new Set<K>();
  readonly #delayed = new Map<K, { readonly atMs: number; readonly cancel: () => void }>();
  readonly #takers = new Set<(key: K | undefined) => void>();
  readonly #onIdle = new Set<() => void>();
  #isShutDown = false;

  constructor(options: WorkQueueOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#limiter = options.rateLimiter ?? controllerRateLimiter({ clock: this.#clock, random: options.random ?? systemRandom });
    this.#observer = options.observer;
  }

  /** Keys that wait for a worker. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Milliseconds that each key in a worker's hands has been there. */
  processingMs(): number[] {
    const now = this.#clock.monotonicMs();
    return [...this.#processing.values()].map((since) => now - since);
  }

  add(key: K): void {
    if (this.#isShutDown || this.#waiting.has(key) || this.#again.has(key)) return;
    if (this.#processing.has(key)) this.#again.add(key);
    else this.#enqueue(key);
    this.#observer?.added(this.length);
  }

  /** Adds the key once the time has passed. Of two waits for one key the shorter counts. */
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
    const first = this.#waiting.keys().next();
    if (!first.done) return Promise.resolve(this.#take(first.value));
    if (this.#isShutDown) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.add(resolve));
  }

  /** The worker has finished with the key, well or not. */
  done(key: K): void {
    const since = this.#processing.get(key);
    if (since === undefined) return;
    this.#processing.delete(key);
    if (this.#again.delete(key)) this.#enqueue(key);
    this.#observer?.finished(this.length, this.#clock.monotonicMs() - since);
    if (this.#processing.size === 0 && this.#waiting.size === 0) {
      for (const resolve of this.#onIdle) resolve();
      this.#onIdle.clear();
    }
  }

  /** Takes no more keys, drops those that wait, and answers undefined to every `get`. Keys in work finish by `done`. */
  shutDown(): void {
    this.#isShutDown = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#again.clear();
    for (const taker of this.#takers) taker(undefined);
    this.#takers.clear();
  }

  /** Resolves when nothing waits and nothing is worked on; delayed keys do not count. */
  whenIdle(): Promise<void> {
    if (this.#processing.size === 0 && this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.add(resolve));
  }

  #enqueue(key: K): void {
    this.#waiting.set(key, this.#clock.monotonicMs());
    const [taker] = this.#takers;
    if (!taker) return;
    this.#takers.delete(taker);
    taker(this.#take(key));
  }

  #take(key: K): K {
    const now = this.#clock.monotonicMs();
    const since = this.#waiting.get(key) ?? now;
    this.#waiting.delete(key);
    this.#processing.set(key, now);
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
