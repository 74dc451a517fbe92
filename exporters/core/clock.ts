/** Time and chance, passed in so that tests decide both. The same shape as in `provisioner/kube`, so one clock serves both. */

export interface Clock {
  /** The wall clock: for timestamps that others read. It may jump. */
  now(): Date;
  /** Milliseconds that only go forward: for durations and deadlines. */
  monotonicMs(): number;
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Uniform in [0, 1). */
export type Random = () => number;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after the time has passed, or early when the signal aborts; never rejects. */
export function sleep(ms: number, options: { clock: Clock; signal: AbortSignal }): Promise<void> {
  const { clock, signal } = options;
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
  });
}

/**
 * When the time for an answer is up, and what has come by then is read: after a stall of this process libuv runs timers before it
 * looks at sockets (uv_run), and the stall would be the other side's.
 */
export function afterReading(clock: Pick<Clock, 'after'>, ms: number, callback: () => void): () => void {
  let reading: NodeJS.Immediate | undefined;
  const cancel = clock.after(ms, () => (reading = setImmediate(callback)));
  return () => {
    cancel();
    clearImmediate(reading);
  };
}
