/** Makes faults happen to one HTTP call: what comes instead of its answer, or after its work. */
import type { Clock, Random } from '../clock.ts';
import { ApiError } from '../errors.ts';
import type { ApiResponse, ServiceName } from '../http/service.ts';
import type { Strike } from './board.ts';

/** What a struck call ends with. `refused` is rendered in the service's shape. */
export type Struck =
  | { readonly kind: 'refused'; readonly error: ApiError; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'reset' };

export interface StruckCall {
  readonly service: ServiceName;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when the client hangs up or the cloud stops. */
  readonly gone: AbortSignal;
}

/** What happens before the call does anything; undefined: it goes on. Delays add up, the first refusal decides. */
export async function strikeBefore(strikes: readonly Strike[], call: StruckCall): Promise<Struck | undefined> {
  for (const { effect, healed } of strikes) {
    const until = AbortSignal.any([healed, call.gone]);
    switch (effect.kind) {
      case 'delay':
        await call.clock.sleep(effect.delayMs + call.random() * (effect.jitterMs ?? 0), until).catch(() => undefined);
        break;
      case 'hang':
        await aborted(until);
        break;
      case 'status': return { kind: 'refused', error: new ApiError(effect.status, 'Fault', effect.message ?? usualMessage(call.service, effect.status)) };
      case 'rateLimit': return { kind: 'refused', error: new ApiError(429, 'TooManyRequests', usualMessage(call.service, 429)), headers: { 'retry-after': String(effect.retryAfterSeconds) } };
      case 'tokenExpiry': return { kind: 'refused', error: new ApiError(401, 'Unauthorized', 'The request you have made requires authentication.') };
      case 'reset': return { kind: 'reset' };
      case 'halfApplied': break;
    }
    if (call.gone.aborted) return { kind: 'reset' };
  }
  return undefined;
}

/** What the client gets although the call worked; undefined: its answer. */
export function strikeAfter(strikes: readonly Strike[], response: ApiResponse, call: Pick<StruckCall, 'service'>): Struck | undefined {
  if (response.status >= 400) return undefined;
  for (const { effect, land } of strikes) {
    if (effect.kind !== 'halfApplied' || !land()) continue;
    return effect.answer === 'reset' ? { kind: 'reset' } : { kind: 'refused', error: new ApiError(500, 'Fault', usualMessage(call.service, 500)) };
  }
  return undefined;
}

/** What each service says when it is in trouble (wording of Zed). */
function usualMessage(service: ServiceName, status: number): string {
  if (status === 500) return internalErrors[service] ?? 'The server has either erred or is incapable of performing the requested operation.';
  return messages[status] ?? `The request was refused with status ${status}.`;
}

const internalErrors: Partial<Record<ServiceName, string>> = {
  identity: 'An unexpected error prevented the server from fulfilling your request.',
  compute: 'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.\n<class \'oslo_db.exception.DBConnectionError\'>',
  network: 'Request Failed: internal server error while processing your request.',
  'load-balancer': 'An unknown exception occurred.',
};

const messages: Readonly<Record<number, string>> = {
  403: 'You are not authorized to perform the requested action.',
  409: 'Conflict occurred attempting to perform the requested action.',
  413: 'Request is too large.',
  429: 'This request was rate-limited.',
  502: 'The proxy server received an invalid response from an upstream server.',
  503: 'The server is currently unavailable. Please try again at a later time.',
  504: 'The gateway did not receive a timely response from the upstream server.',
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => { resolve(); }, { once: true });
  });
}
