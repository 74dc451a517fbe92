/** One request on loopback. The caller's token goes nowhere: a component that asks for one gets the relay's own. */
import { request as plain, type IncomingMessage } from 'node:http';
import { request as overTls } from 'node:https';
import { RelayError } from './errors.ts';
import type { Target } from './targets.ts';

export interface UpstreamRequest {
  readonly target: Target;
  /** Of the relay itself. */
  readonly token: () => Promise<string>;
  /** Formats and codings the caller reads; the answer is passed on as it comes. */
  readonly headers: { readonly accept?: string | undefined; readonly 'accept-encoding'?: string | undefined };
  readonly signal: AbortSignal;
}

/** Resolves when the head of a 200 is there. @throws RelayError RELAY_UPSTREAM for anything else */
export async function openUpstream({ target: { url, knowsCallers }, token, headers, signal }: UpstreamRequest): Promise<IncomingMessage> {
  const sent = { accept: headers.accept ?? '*/*', 'accept-encoding': headers['accept-encoding'] ?? 'identity', ...(knowsCallers ? { authorization: `Bearer ${await token()}` } : {}) };
  let response: IncomingMessage;
  try {
    response = await new Promise<IncomingMessage>((resolve, reject) => {
      // Scheduler and controller manager sign their own certificates, for names nobody else can check; loopback is not left.
      const open = url.protocol === 'https:' ? overTls(url, { headers: sent, signal, agent: false, rejectUnauthorized: false }) : plain(url, { headers: sent, signal, agent: false });
      open.once('response', resolve).once('error', reject).end();
    });
  } catch (cause) {
    throw new RelayError('RELAY_UPSTREAM', `${url.host}: ${cause instanceof Error ? cause.message : String(cause)}; does the component run on this node?`, { cause });
  }
  if (response.statusCode === 200) return response;
  response.resume();
  throw new RelayError('RELAY_UPSTREAM', `${url.host} answered ${response.statusCode}; may the relay's service account get /metrics?`);
}
