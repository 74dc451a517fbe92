/** Growing pauses between attempts, with jitter so that many clients do not return in step. */
import type { Clock, Random } from './clock.ts';

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** After so long without a failure the next pause is the first again. */
  readonly resetAfterMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Doubling pauses; each is drawn from [pause, 2 × pause), as client-go's wait.NewExponentialBackoffManager with jitter 1. */
export class Backoff {
  readonly #options: BackoffOptions;
  #pauseMs = 0;
  #lastMs = -Infinity;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const { initialMs, maxMs, resetAfterMs, clock, random } = this.#options;
    const now = clock.monotonicMs();
    const isFresh = this.#pauseMs === 0 || now - this.#lastMs - this.#pauseMs > resetAfterMs;
    this.#pauseMs = isFresh ? initialMs : Math.min(maxMs, this.#pauseMs * 2);
    this.#lastMs = now;
    return this.#pauseMs * (1 + random());
  }

  reset(): void {
    this.#pauseMs = 0;
  }
}
