/** The federation proxy as one function: three listeners (queries, metrics, health) until its signal. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { FederationError } from './errors.ts';
import { ProxyMetrics } from './metrics.ts';
import { decide } from './query.ts';
import { Upstream } from './upstream.ts';
import { textFormat, withoutUpstream, withUpstream } from './upstream-state.ts';

/** The part of a pino logger that is used. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface FederationProxyOptions {
  /** The Prometheus: http://prometheus-operated.keelson-system:9090 */
  readonly upstream: string;
  /** host:port or :port for queries. */
  readonly listen: string;
  /** Default :8080. */
  readonly metricsListen?: string;
  /** Default :8081. */
  readonly healthListen?: string;
  /** For the whole answer of the Prometheus; default 9 s, below the usual scrape timeout of 10 s. */
  readonly timeoutMs?: number;
  /** Before compression; default 8 MiB. */
  readonly maxBodyBytes?: number;
  readonly log?: Log;
  /** Called once all three listen. */
  readonly onListening?: (ports: { readonly queries: number; readonly metrics: number; readonly health: number }) => void;
}

/** Several Prometheuses may scrape at once; a crowd is an accident or an attack. */
const maxInFlight = 8;

/**
 * Resolves after the signal has aborted and all connections are closed.
 * @throws FederationError `options` for an address or URL that is none, Error when a port is taken
 */
export async function runFederationProxy(options: FederationProxyOptions, signal: AbortSignal): Promise<void> {
  const upstream = new Upstream({ url: parseUpstream(options.upstream), timeoutMs: options.timeoutMs ?? 9000, maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024 });
  const metrics = new ProxyMetrics();
  const proxy = new Proxy({ upstream, metrics, log: options.log, signal });
  const servers: Server[] = [];
  const open = async (address: string, handle: RequestListener): Promise<number> => {
    const server = createServer({ requestTimeout: 30_000 }, handle);
    servers.push(server);
    return listen(server, address);
  };
  try {
    const ports = {
      queries: await open(options.listen, (request, response) => void proxy.handle(request, response)),
      metrics: await open(options.metricsListen ?? ':8080', (_, response) => void serveMetrics(metrics, response)),
      health: await open(options.healthListen ?? ':8081', (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')),
    };
    options.log?.info({ ...ports, upstream: options.upstream }, 'listening');
    options.onListening?.(ports);
    await aborted(signal);
  } finally {
    await Promise.all(servers.map(close));
    upstream.close();
  }
}

interface ProxyParts {
  readonly upstream: Upstream;
  readonly metrics: ProxyMetrics;
  readonly log: Log | undefined;
  readonly signal: AbortSignal;
}

class Proxy {
  readonly #parts: ProxyParts;
  #inFlight = 0;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
  }

  /** Never rejects: every outcome is an answer or a closed connection, and is counted. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const decision = decide(request.method, request.url);
    if (decision.kind === 'refuse') return this.#answer(response, { status: 403, result: 'refused', text: decision.why });
    if (this.#inFlight >= maxInFlight) return this.#answer(response, { status: 429, result: 'busy', text: `${maxInFlight} queries are running` });
    this.#inFlight++;
    try {
      await this.#forward(request, response);
    } finally {
      this.#inFlight--;
    }
  }

  /** Always 200: a scrape that fails says nothing of why, a series does. */
  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { metrics } = this.#parts;
    const { body, result } = await this.#family(deadlineOf(request));
    metrics.requests.inc({ result });
    metrics.bytes.set(body.length);
    const isGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(request.headers['accept-encoding'] ?? ''));
    response.writeHead(200, { 'content-type': textFormat, ...(isGzip ? { 'content-encoding': 'gzip' } : {}) });
    response.end(isGzip ? await promisify(gzip)(body) : body);
  }

  async #family(withinMs: number | undefined): Promise<{ readonly body: Buffer; readonly result: string }> {
    const { upstream, metrics, log, signal } = this.#parts;
    const end = metrics.seconds.startTimer();
    try {
      return { body: withUpstream(await upstream.federate(signal, withinMs)), result: 'forwarded' };
    } catch (error) {
      if (!(error instanceof FederationError)) throw error;
      log?.warn({ code: error.code }, error.message);
      return { body: withoutUpstream(error), result: error.code };
    } finally {
      end();
    }
  }

  #answer(response: ServerResponse, { status, result, text }: { status: number; result: string; text: string }): void {
    this.#parts.metrics.requests.inc({ result });
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }).end(`${text}\n`);
  }
}

/** Part of the scrape's time that Prometheus may take: the rest is for the way back. */
const shareOfScrape = 0.8;

/** From the header that a scraping Prometheus sends; undefined where nobody says. */
function deadlineOf({ headers }: IncomingMessage): number | undefined {
  const seconds = Number(headers['x-prometheus-scrape-timeout-seconds']);
  return seconds > 0 ? Math.floor(seconds * 1000 * shareOfScrape) : undefined;
}

async function serveMetrics({ registry }: ProxyMetrics, response: ServerResponse): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}

function parseUpstream(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (url?.protocol !== 'http:') throw new FederationError('options', `--upstream ${text}: write the Prometheus as http://host:port`);
  return url;
}

async function listen(server: Server, address: string): Promise<number> {
  const { host, port } = /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[^:]*)):(?<port>\d{1,5})$/.exec(address)?.groups ?? {};
  if (port === undefined || Number(port) > 65535) throw new FederationError('options', `--listen ${address}: write host:port or :port`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: Number(port), ...(host ? { host: host.replace(/^\[|\]$/g, '') } : {}) }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const force = setTimeout(() => server.closeAllConnections(), 500);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(force);
}
