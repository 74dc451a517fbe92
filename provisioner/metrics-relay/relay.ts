/** The relay as one function: an HTTPS server on the node's address until its signal. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { KubeClient, Log } from '../kube/index.ts';
import { bearerOf, judge } from './access.ts';
import { RelayError } from './errors.ts';
import { selfSigned } from './self-signed.ts';
import { pathOf, type Target, targets as usualTargets } from './targets.ts';
import { openUpstream } from './upstream.ts';

export interface MetricsRelayOptions {
  /** To the API server that knows the callers. */
  readonly client: KubeClient;
  /** The relay's own token, for components that ask for one. */
  readonly token: () => Promise<string>;
  /** host:port or :port. */
  readonly listen: string;
  /** Name in the certificate: that of the node. */
  readonly name: string;
  readonly log: Log;
  /** By name; default: etcd, scheduler and controller manager of this node. */
  readonly targets?: Readonly<Record<string, Target>>;
  /** From the request to the last byte; default 9 s, below the usual scrape timeout of 10 s. */
  readonly timeoutMs?: number;
  /** Called once it listens. */
  readonly onListening?: (port: number) => void;
}

/** Prometheuses ask for three targets each; a crowd is an accident or an attack, and each of its tokens would be a question to the API server. */
const maxInFlight = 16;
const renewMs = 24 * 3_600_000;

/** Resolves after the signal has aborted and all connections are closed. @throws RelayError RELAY_OPTIONS, RELAY_PORT */
export async function runMetricsRelay(options: MetricsRelayOptions, signal: AbortSignal): Promise<void> {
  const relay = new Relay(options, signal);
  const server = createServer({ ...(await selfSigned(options.name, new Date())), minVersion: 'TLSv1.2', requestTimeout: 10_000 }, (request, response) => void relay.handle(request, response));
  const port = await listen(server, options.listen);
  const renewal = setInterval(() => void selfSigned(options.name, new Date()).then((pair) => server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' })), renewMs);
  options.log.info({ port, targets: Object.keys(options.targets ?? usualTargets) }, 'metrics relay listens');
  options.onListening?.(port);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  clearInterval(renewal);
  await close(server);
}

class Relay {
  readonly #options: MetricsRelayOptions;
  readonly #paths: ReadonlyMap<string, Target>;
  readonly #signal: AbortSignal;
  #inFlight = 0;

  constructor(options: MetricsRelayOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#paths = new Map(Object.entries(options.targets ?? usualTargets).map(([name, target]) => [pathOf(name), target]));
  }

  /** Never rejects: every outcome is an answer or a closed connection. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method !== 'GET') return say(response, 405, 'only GET');
    if (path === '/healthz') return say(response, 200, 'ok');
    const target = this.#paths.get(path);
    if (!target) return say(response, 404, `there is ${[...this.#paths.keys()].join(', ')}`);
    const token = bearerOf(request.headers.authorization);
    if (token === undefined) return say(response, 401, 'a bearer token is needed');
    if (this.#inFlight >= maxInFlight) return say(response, 429, `${maxInFlight} requests are under way`);
    this.#inFlight++;
    try {
      await this.#relay(request, response, { path, token, target });
    } finally {
      this.#inFlight--;
    }
  }

  async #relay(request: IncomingMessage, response: ServerResponse, { path, token, target }: { path: string; token: string; target: Target }): Promise<void> {
    const { client, log, timeoutMs = 9000 } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([this.#signal, deadline]);
    try {
      const verdict = await judge(client, { token, path }, signal);
      if (verdict.kind === 'unknown') return say(response, 401, 'the API server does not know this token');
      if (verdict.kind === 'forbidden') return say(response, 403, `${verdict.user} may not get ${path}: give it a ClusterRole with nonResourceURLs: [${path}]`);
      const { accept, 'accept-encoding': encoding } = request.headers;
      const upstream = await openUpstream({ target, token: this.#options.token, headers: { accept, 'accept-encoding': encoding }, signal });
      const { 'content-type': type = 'text/plain; version=0.0.4', 'content-encoding': coding } = upstream.headers;
      response.writeHead(200, { 'content-type': type, ...(coding === undefined ? {} : { 'content-encoding': coding }) });
      await pipeline(upstream, response);
    } catch (cause) {
      const error = deadline.aborted ? new RelayError('RELAY_TIMEOUT', `${path}: no whole answer within ${timeoutMs} ms`, { cause }) : cause;
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ path, error: message }, 'not relayed');
      if (response.headersSent) response.destroy();
      else say(response, deadline.aborted ? 504 : 502, message);
    }
  }
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) }).end(`${text}\n`);
}

async function listen(server: Server, address: string): Promise<number> {
  const { host, port } = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^:]*)):(?<port>\d{1,5})$/.exec(address)?.groups ?? {};
  if (port === undefined || Number(port) > 65535) throw new RelayError('RELAY_OPTIONS', `--listen ${address}: write host:port or :port`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new RelayError('RELAY_PORT', `listen on ${address}: ${cause.message}; choose another port`, { cause })));
    server.listen({ port: Number(port), ...(host ? { host: host.replace(/^\[|\]$/g, '') } : {}) }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  const force = setTimeout(() => server.closeAllConnections(), 500);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(force);
}
