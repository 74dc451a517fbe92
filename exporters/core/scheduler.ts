/**
 * Runs a job now and then: at once, then every interval with jitter, never two runs at a time, each with a deadline.
 * A failed run is reported and the next one comes in its turn: the interval is the back-off.
 */
import { sleep, type Clock, type Random } from './clock.ts';

export interface Job {
  readonly name: string;
  /** From the beginning of a run to that of the next; a function is asked after each run. */
  readonly intervalMs: number | (() => number);
  /** Part of the interval by which a run may come earlier or later; spreads exporters that started together. */
  readonly jitter: number;
  /** After this long the run's signal aborts. */
  readonly timeoutMs: number;
  run(signal: AbortSignal): Promise<void>;
  /** Called when a run begins, with how much later than planned it is: a long run before it, or a process that got no CPU. */
  onBegin?(lagMs: number): void;
  /** Called with what a run threw. */
  onError(error: unknown): void;
}

export class Scheduler {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #finishedMs = new Map<string, number>();

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  /** Resolves after the signal has aborted and a run in progress has ended. */
  async run(job: Job, signal: AbortSignal): Promise<void> {
    let plannedMs = this.#clock.monotonicMs();
    this.#finishedMs.set(job.name, plannedMs);
    while (!signal.aborted) {
      const startedMs = this.#clock.monotonicMs();
      job.onBegin?.(Math.max(0, startedMs - plannedMs));
      await this.#once(job, signal);
      this.#finishedMs.set(job.name, this.#clock.monotonicMs());
      const intervalMs = typeof job.intervalMs === 'number' ? job.intervalMs : job.intervalMs();
      plannedMs = startedMs + intervalMs * (1 + job.jitter * (2 * this.#random() - 1));
      await sleep(Math.max(0, plannedMs - this.#clock.monotonicMs()), { clock: this.#clock, signal });
    }
  }

  /** For a liveness check: how long ago a run of the job ended, in milliseconds; undefined for an unknown job. */
  sinceFinishedMs(name: string): number | undefined {
    const finishedMs = this.#finishedMs.get(name);
    return finishedMs === undefined ? undefined : this.#clock.monotonicMs() - finishedMs;
  }

  async #once(job: Job, signal: AbortSignal): Promise<void> {
    const deadline = new AbortController();
    const abort = (): void => deadline.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const cancel = this.#clock.after(job.timeoutMs, () => deadline.abort(new Error(`${job.name} did not end within ${job.timeoutMs} ms`)));
    try {
      await job.run(deadline.signal);
    } catch (error) {
      if (!signal.aborted) job.onError(error);
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }
}
