/** Small parts of HTTP that node:http leaves to its callers. */
import { constants } from 'node:buffer';
import type { Agent as HttpAgent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';

/** How the server's certificate is checked. */
export interface Trust {
  readonly ca?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
}

/** Imported as an ES module, node:http would load all that it exports, fetch and WebSocket too: 12 MB. */
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');
const tls = process.getBuiltinModule('node:tls');

/** V8's longest string: a longer answer could not be parsed. Pages keep lists far below. */
const maxBodyBytes = constants.MAX_STRING_LENGTH;

/** The Retry-After header in milliseconds. The API server only ever sends seconds. */
export function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** The whole body. Throws when the connection breaks before its end. */
export async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error(`the answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/** "?a=1&b=2" of what is defined, or nothing. */
export function queryOf(query: Readonly<Record<string, string | number | boolean | undefined>> | undefined): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]]));
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

/** The host as node:net wants it: IPv6 addresses without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The server's oldest TLS that is spoken. */
const minVersion = 'TLSv1.2';

/** Who we are, in the TLS handshake. */
export interface Identity {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * The parsed certificates of one client and its forks. Node parses them for every connection unless it is given this: a
 * millisecond, and a hundred kilobytes that the garbage collector does not see.
 */
export class TlsContext {
  #of: Identity & { readonly context: SecureContext } | undefined;

  /** Made anew where the credentials have changed. */
  of({ cert, key }: Identity, { ca }: Trust): SecureContext {
    if (!this.#of || this.#of.cert !== cert || this.#of.key !== key) this.#of = { cert, key, context: tls.createSecureContext({ ca, cert, key, minVersion }) };
    return this.#of.context;
  }
}

/** Connections to one server; `maxSockets` undefined: as many as are asked for. @param pool.timeout milliseconds after which an unused one is closed */
export function agentFor(url: URL, trust: Trust, pool: { keepAlive: boolean; maxSockets?: number; timeout?: number | undefined }): HttpAgent | HttpsAgent {
  if (url.protocol !== 'https:') return new http.Agent(pool);
  // A name in SNI and for verification; addresses are verified against the certificate but never sent as SNI (RFC 6066).
  const servername = trust.serverName ?? (isIP(hostOf(url)) ? undefined : hostOf(url));
  return new https.Agent({
    ...pool,
    minVersion,
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    ...(servername === undefined ? {} : { servername }),
    ...(trust.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
  });
}
