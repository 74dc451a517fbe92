/**
 * The exporter's HTTP side: `/metrics`, `/healthz`, `/readyz` and a page at `/`, with TLS where asked for. On node:http
 * alone, because an idle exporter on every node is counted in megabytes.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { parseAddress } from './address.ts';
import { ExporterError, systemErrorCode } from './errors.ts';
import { contentTypes, endOfDocument, negotiate, type Format } from './exposition.ts';
import { gzipFile } from './gzip.ts';
import type { Health } from './health.ts';
import type { SelfMetrics } from './self-metrics.ts';
import type { Snapshot } from './snapshot.ts';
import type { TlsFiles } from './tls-files.ts';

export interface ServerOptions {
  /** host:port; port 0 takes a free one. */
  readonly address: string;
  /** The snapshot of this moment. */
  readonly snapshot: () => Snapshot;
  readonly self: SelfMetrics;
  readonly health: Health;
  /** HTML of the page at `/`. @param query what stands behind the "?" */
  readonly page: (query: URLSearchParams) => Promise<string>;
  /** More paths of the exporter's own: "/matrix". */
  readonly routes?: Readonly<Record<string, Route>>;
  /** Certificate and key to serve with; plain HTTP without. */
  readonly tls?: TlsFiles | undefined;
  /** Called with the error of a request that could not be answered; the connection is closed. */
  readonly onError: (error: unknown) => void;
}

/** An answer at a path. @param query what stands behind the "?" */
export type Route = (query: URLSearchParams) => Promise<{ readonly contentType: string; readonly body: string }>;

/** Imported as an ES module, node:http would load all that it exports, fetch and WebSocket too: 12 MB. */
const { createServer } = process.getBuiltinModule('node:http');

export const html = 'text/html; charset=utf-8';

/** Pages work without scripts and outside resources. */
const contentPolicy = { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'" };

/** A scraper that does not read, or does not finish its request, in this time is cut off. */
const requestTimeoutMs = 30_000;

export class ExporterServer {
  readonly #options: ServerOptions;
  #server: Server | HttpsServer | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** @returns the port. @throws ExporterError LISTEN_FAILED, ADDRESS_INVALID, TLS_INVALID */
  async start(): Promise<number> {
    const { host, port } = parseAddress(this.#options.address);
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      this.#handle(request, response).catch((error: unknown) => {
        response.destroy();
        this.#options.onError(error);
      });
    };
    const { tls, onError } = this.#options;
    const server = tls ? await withTls(tls, onError, handle) : createServer({ requestTimeout: requestTimeoutMs }, handle);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(this.#options.address, cause)));
      server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    });
    return (server.address() as AddressInfo).port;
  }

  /** Takes no new requests and ends idle connections; open requests have a second to finish. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server?.listening) return;
    const force = setTimeout(() => server.closeAllConnections(), 1000);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearTimeout(force);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    const { health, page, routes = {} } = this.#options;
    const [path, query] = (request.url ?? '').split('?', 2);
    switch (path) {
      case '/metrics': return this.#metrics(request, response);
      case '/healthz': return sendReport(response, health.live());
      case '/readyz': return sendReport(response, health.ready());
      case '/': return send(response, 200, html, await page(new URLSearchParams(query)), contentPolicy);
    }
    const route = Object.hasOwn(routes, path ?? '') ? routes[path ?? ''] : undefined;
    if (!route) return send(response, 404, 'text/plain', `not found; there are ${['/metrics', '/healthz', '/readyz', ...Object.keys(routes)].join(', ')} and /\n`);
    const { contentType, body } = await route(new URLSearchParams(query));
    send(response, 200, contentType, body, contentPolicy);
  }

  async #metrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const snapshot = this.#options.snapshot();
    const format = negotiate(request.headers.accept);
    response.setHeader('content-type', contentTypes[format]);
    response.setHeader('vary', 'accept, accept-encoding');
    const isGzip = acceptsGzip(request.headers['accept-encoding']);
    if (isGzip) response.setHeader('content-encoding', 'gzip');
    if (request.method === 'HEAD') return void response.end();
    response.setTimeout(requestTimeoutMs, () => response.destroy());
    const tail = (): Buffer => Buffer.from(this.#options.self.render(format) + endOfDocument[format]);
    if (!isGzip) return pipeline(Readable.from(plain(snapshot, format, tail)), response);
    const file = gzipFile(await snapshot.deflated(format), tail());
    response.setHeader('content-length', file.reduce((bytes, part) => bytes + part.length, 0));
    await pipeline(Readable.from(file), response);
  }
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** TLS is loaded only where it is wanted: 7 MB. */
async function withTls(files: TlsFiles, onError: (error: unknown) => void, handle: Handle): Promise<HttpsServer> {
  const { serveTls } = await import('./tls-files.ts');
  return serveTls({ files, onError }, { requestTimeout: requestTimeoutMs }, handle);
}

function* plain(snapshot: Snapshot, format: Format, tail: () => Buffer): Generator<Buffer> {
  yield* snapshot.chunks(format);
  yield tail();
}

/** Whether a gzip answer is welcome: named, or by "*", and not with weight 0. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((part) => {
    const [coding = '', weight = 'q=1'] = part.split(';').map((text) => text.trim().toLowerCase());
    return (coding === 'gzip' || coding === '*') && Number(weight.slice(2)) > 0;
  });
}

function sendReport(response: ServerResponse, { isOk, text }: { isOk: boolean; text: string }): void {
  send(response, isOk ? 200 : 503, 'text/plain; charset=utf-8', text);
}

function send(response: ServerResponse, status: number, contentType: string, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff', ...headers });
  response.end(body);
}

function listenError(address: string, cause: Error): ExporterError {
  const what = { EADDRINUSE: 'the port is taken', EACCES: 'this user may not bind the port', EADDRNOTAVAIL: 'no interface has this address' };
  const reason = what[(systemErrorCode(cause) ?? '') as keyof typeof what] ?? cause.message;
  return new ExporterError('LISTEN_FAILED', `listen on ${address}: ${reason}; choose another address with --address`, { cause });
}
