/** Time that stands still until a test moves it. */
import type { Clock } from '../../../provisioner/kube/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  #ms = 0;
  #timers: readonly Timer[] = [];
  #order = 0;

  /** Timers that are armed. */
  get pending(): number {
    return this.#timers.length;
  }

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#ms);
  }

  monotonicMs(): number {
    return this.#ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#ms + Math.max(0, ms), order: this.#order++, callback };
    this.#timers = [...this.#timers, timer];
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  /** Moves time on; timers fire in order, and what they wake runs before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#ms + ms;
    await settle();
    for (let next = this.#nextUntil(endMs); next; next = this.#nextUntil(endMs)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#ms = Math.max(this.#ms, next.atMs);
      next.callback();
      await settle();
    }
    this.#ms = endMs;
  }

  #nextUntil(endMs: number): Timer | undefined {
    return this.#timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
  }
}

/** Lets everything that can run without time passing run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
