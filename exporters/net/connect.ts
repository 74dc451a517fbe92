/** One TCP connection, made and ended: how long it took, or in which of the known ways it failed. */
import { connect as open } from 'node:net';
import { afterReading, type Clock } from '../core/clock.ts';
import { systemErrorCode } from '../core/errors.ts';
import type { ConnectError } from './catalogue.ts';

export type ConnectResult =
  | { readonly kind: 'connected'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly error: ConnectError; readonly detail: string };

export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Never rejects. @param host an address, not a name */
export function connect(host: string, port: number, { timeoutMs, clock, signal }: ConnectOptions): Promise<ConnectResult> {
  const startedMs = clock.monotonicMs();
  if (signal.aborted) return Promise.resolve(ended);
  return new Promise((resolve) => {
    const socket = open({ host, port, autoSelectFamily: false, noDelay: true });
    const end = (result: ConnectResult): void => {
      cancel();
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(result);
    };
    const abort = (): void => end(ended);
    const cancel = afterReading(clock, timeoutMs, () => end({ kind: 'failed', error: 'timeout', detail: `no answer within ${timeoutMs} ms` }));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => end({ kind: 'connected', seconds: (clock.monotonicMs() - startedMs) / 1000 }));
    socket.on('error', (error) => end({ kind: 'failed', error: connectErrorOf(error), detail: error.message }));
  });
}

const ended: ConnectResult = { kind: 'failed', error: 'timeout', detail: 'the round was ended' };

/** errno of connect(2) and send(2). */
const kinds: Readonly<Record<string, ConnectError>> = {
  ECONNREFUSED: 'refused', ECONNRESET: 'reset', EPIPE: 'reset', ECONNABORTED: 'reset', ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable', EHOSTDOWN: 'unreachable', ENETUNREACH: 'no_route', ENETDOWN: 'no_route', EADDRNOTAVAIL: 'no_route', EAFNOSUPPORT: 'no_route', EINVAL: 'no_route',
};

export function connectErrorOf(error: unknown): ConnectError {
  return kinds[systemErrorCode(error) ?? ''] ?? 'other';
}
