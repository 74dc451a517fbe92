/** GET under an address policy: checked by name, by the address that is connected to (no second resolution in between), and again at every redirect. */
import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { AddressPolicy } from './address-policy.ts';
import { RepositoryError, shown } from './errors.ts';

export interface Access {
  readonly policy: AddressPolicy;
  /** PEM, instead of the system's. */
  readonly ca?: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface GuardedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Where it came from in the end. */
  readonly url: URL;
}

const maxRedirects = 5;

/**
 * Any HTTP status but a redirect is an answer. `authorization` goes to the origin of `url` only: a redirect elsewhere
 * (registries send blobs from object stores) goes without.
 * @throws {RepositoryError} REPOSITORY_REFUSED, REPOSITORY_UNREACHABLE, REPOSITORY_INVALID where more than `limitBytes` come
 */
export async function guardedGet(start: URL, headers: Readonly<Record<string, string>>, access: Access, limitBytes: number): Promise<GuardedAnswer> {
  const signals = [AbortSignal.timeout(access.timeoutMs), ...(access.signal ? [access.signal] : [])];
  const signal = AbortSignal.any(signals);
  let url = start;
  for (let hop = 0; hop <= maxRedirects; hop++) {
    access.policy.checkUrl(url);
    const { authorization, ...plain } = headers;
    const sent = authorization !== undefined && url.origin === start.origin ? { ...plain, authorization } : plain;
    const answer = await once(url, sent, { access, signal, limitBytes });
    if (![301, 302, 303, 307, 308].includes(answer.status) || answer.headers.location === undefined) return answer;
    url = target(answer.headers.location, url);
  }
  throw new RepositoryError('REPOSITORY_INVALID', `${shown(start)}: more than ${maxRedirects} redirects; correct the address`);
}

function target(location: string, base: URL): URL {
  const url = URL.parse(location, base.href);
  if (!url) throw new RepositoryError('REPOSITORY_INVALID', `${shown(base)}: it redirects to something that is no address`);
  url.username = '';
  url.password = '';
  return url;
}

interface Once {
  readonly access: Access;
  readonly signal: AbortSignal;
  readonly limitBytes: number;
}

async function once(url: URL, headers: Readonly<Record<string, string>>, { access, signal, limitBytes }: Once): Promise<GuardedAnswer> {
  try {
    const response = await new Promise<IncomingMessage>((done, fail) => {
      const lookup = checkedLookup(url, access.policy);
      const options = { method: 'GET', headers: { 'user-agent': 'keelson', ...headers }, lookup, signal, agent: false as const };
      const request = url.protocol === 'https:' ? httpsRequest(url, { ...options, ...(access.ca === undefined ? {} : { ca: access.ca }) }, done) : httpRequest(url, options, done);
      request.once('error', fail);
      request.end();
    });
    return { status: response.statusCode ?? 0, headers: response.headers, body: await bounded(response, url, limitBytes), url };
  } catch (error) {
    access.signal?.throwIfAborted();
    if (error instanceof RepositoryError) throw error;
    const why = signal.aborted ? `no answer within ${access.timeoutMs} ms` : error instanceof Error ? error.message : String(error);
    throw new RepositoryError('REPOSITORY_UNREACHABLE', `${shown(url)}: ${why}`, { cause: error });
  }
}

/** The first address that is refused refuses the name: one that resolves to both sides is meant to deceive. */
function checkedLookup(url: URL, policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      try {
        for (const { address } of addresses) policy.checkAddress(url, address);
      } catch (refusal) {
        return callback(refusal as NodeJS.ErrnoException, '', 0);
      }
      const [first] = addresses;
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}

async function bounded(response: IncomingMessage, url: URL, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      response.destroy();
      throw new RepositoryError('REPOSITORY_INVALID', `${shown(url)}: more than ${limitBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
