/** Real time, only faster, so that back-off and silence take tests a fraction of what they take in production; counts its timers. */
import type { Clock } from '../../../provisioner/kube/clock.ts';

export class FastClock implements Clock {
  readonly #factor: number;
  /** Timers that are armed. */
  pending = 0;

  constructor(factor: number) {
    this.#factor = factor;
  }

  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now() * this.#factor;
  }

  after(ms: number, callback: () => void): () => void {
    this.pending++;
    let isArmed = true;
    const disarm = (): void => {
      if (isArmed) this.pending--;
      isArmed = false;
    };
    const timer = setTimeout(() => {
      disarm();
      callback();
    }, Math.max(0, ms) / this.#factor);
    return () => {
      clearTimeout(timer);
      disarm();
    };
  }
}
