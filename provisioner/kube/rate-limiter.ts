/** How long a key waits before it is tried again. The same three limiters and defaults as client-go's util/workqueue. */
import type { Clock, Random } from './clock.ts';

export interface RateLimiter {
  /** Milliseconds until `key` may be tried again; counts as one failure. */
  when(key: string): number;
  /** The key went well: its next failure is its first again. */
  forget(key: string): void;
  failures(key: string): number;
}

/** Doubles per failure of the key: 5 ms, 10 ms … 1000 s, plus up to a tenth so that keys which failed together spread. */
export class ExponentialLimiter implements RateLimiter {
  readonly #failures = new Map<string, number>();
  readonly #random: Random;
  readonly #baseMs: number;
  readonly #maxMs: number;

  constructor(options: { readonly random: Random; readonly baseMs?: number; readonly maxMs?: number }) {
    this.#random = options.random;
    this.#baseMs = options.baseMs ?? 5;
    this.#maxMs = options.maxMs ?? 1_000_000;
  }

  when(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(this.#maxMs, this.#baseMs * 2 ** failures) * (1 + this.#random() / 10);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }
}

/** A bucket over all keys: ten a second, a hundred at once. Keeps a queue of thousands of failing keys from becoming a flood. */
export class BucketLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  constructor(options: { readonly clock: Clock; readonly perSecond?: number; readonly burst?: number }) {
    this.#clock = options.clock;
    this.#perSecond = options.perSecond ?? 10;
    this.#burst = options.burst ?? 100;
    this.#tokens = this.#burst;
    this.#atMs = options.clock.monotonicMs();
  }

  /** A token if there is one: for what is dropped rather than delayed. */
  take(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  isFull(): boolean {
    this.#fill();
    return this.#tokens >= this.#burst;
  }

  /** Tokens may go below zero: what is owed is the wait. */
  when(): number {
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000;
  }

  forget(): void {
    // Belongs to no key.
  }

  failures(): number {
    return 0;
  }

  #fill(): void {
    const now = this.#clock.monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#atMs) / 1000) * this.#perSecond);
    this.#atMs = now;
  }
}

/** The longest wait of several limiters. */
export class MaxOfLimiter implements RateLimiter {
  readonly #limiters: readonly RateLimiter[];

  constructor(limiters: readonly RateLimiter[]) {
    this.#limiters = limiters;
  }

  when(key: string): number {
    return Math.max(...this.#limiters.map((limiter) => limiter.when(key)));
  }

  forget(key: string): void {
    for (const limiter of this.#limiters) limiter.forget(key);
  }

  failures(key: string): number {
    return Math.max(...this.#limiters.map((limiter) => limiter.failures(key)));
  }
}

/** client-go's DefaultTypedControllerRateLimiter. */
export function controllerRateLimiter(seams: { readonly clock: Clock; readonly random: Random }): RateLimiter {
  return new MaxOfLimiter([new ExponentialLimiter(seams), new BucketLimiter(seams)]);
}
