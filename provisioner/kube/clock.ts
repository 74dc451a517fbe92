/** Time and chance, passed in wherever they matter, so that tests decide both. */

export interface Clock {
  /** The wall clock: for timestamps that others read. It may jump. */
  now(): Date;
  /** Milliseconds that only go forward: for durations and deadlines. */
  monotonicMs(): number;
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Uniform in [0, 1), like Math.random. */
export type Random = () => number;

/** setTimeout takes a signed 32-bit number of milliseconds (24.8 days) and fires at once beyond it. */
const maxTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), maxTimerMs));
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = Math.random;

/** Resolves after `ms`; rejects with the signal's reason when that comes first. Leaves no timer and no listener behind. */
export function sleep(ms: number, options: { clock: Clock; signal?: AbortSignal | undefined }): Promise<void> {
  const { clock, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise, or the signal's reason when that comes first. The promise itself goes on; it must be harmless to leave. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/**
 * An AbortSignal that fires with its parent or after a time, whichever is first, and whose `dispose` leaves nothing
 * behind. (AbortSignal.any keeps its composite reachable from a long-lived parent until a garbage collection.)
 */
export class Deadline {
  readonly signal: AbortSignal;
  readonly #dispose: () => void;

  constructor(options: { ms: number; reason: () => Error; clock: Clock; parent?: AbortSignal | undefined }) {
    const { parent, clock } = options;
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(parent?.reason);
    if (parent?.aborted) onAbort();
    parent?.addEventListener('abort', onAbort, { once: true });
    const cancel = clock.after(options.ms, () => controller.abort(options.reason()));
    this.signal = controller.signal;
    this.#dispose = () => {
      cancel();
      parent?.removeEventListener('abort', onAbort);
    };
  }

  dispose(): void {
    this.#dispose();
  }
}
