/** Waiting for something to become true, with words for what is waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../provisioner/cli/explain.ts';
import { FleetError } from './errors.ts';

export interface UntilOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Called with what is still missing whenever that changes. */
  readonly step?: (what: string) => void;
}

/** What a look found: it is so, with a value, or not yet, and why. */
export type Look<T> = { readonly ready: true; readonly value: T } | { readonly ready: false; readonly why: string };

export const notYet = (why: string): Look<never> => ({ ready: false, why });
export const ready = <T>(value: T): Look<T> => ({ ready: true, value });

/**
 * Looks again and again until it is ready. A look that throws counts as "not yet": while a cluster comes up, its API
 * server, its webhooks and its load balancer all refuse now and then.
 * @throws FleetError FLEET_TIMEOUT with the last reason
 */
export async function until<T>(what: string, look: () => Promise<Look<T>>, options: UntilOptions): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let why = 'not looked yet';
  let cause: unknown;
  while (performance.now() < deadline) {
    options.signal.throwIfAborted();
    try {
      const seen = await look();
      if (seen.ready) return seen.value;
      why = seen.why;
      cause = undefined;
    } catch (error) {
      options.signal.throwIfAborted();
      why = messageOf(error);
      cause = error;
    }
    options.step?.(`${what}: ${why}`);
    await sleep(options.intervalMs ?? 500, undefined, { signal: options.signal });
  }
  throw new FleetError('FLEET_TIMEOUT', `${what}: not after ${Math.round(options.timeoutMs / 1000)} s: ${why}`, { cause });
}
