/**
 * HTTP to one API server: a bounded pool of kept-alive TLS connections, a deadline and an AbortSignal that reach the
 * socket, retries where the server asks for them. Knows nothing of Kubernetes objects.
 */
import type { Agent as HttpAgent, ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Agent as HttpsAgent, RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { type Clock, Deadline, type Random, sleep, untilAborted } from './clock.ts';
import { errorFromNetwork, isKubeError, KubeError, type Operation } from './errors.ts';
import { agentFor, bodyOf, hostOf, queryOf, retryAfterMs, type Identity, type TlsContext, type Trust } from './http.ts';

/** Who we are. Read before every request, so that rotated credentials take effect; `fresh` after the server refused the last ones. */
export type CredentialSource = (options: { readonly fresh: boolean }) => Promise<Credentials>;
export interface Credentials {
  readonly token?: string | undefined;
  /** PEM, presented in the TLS handshake. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface TransportOptions extends Trust {
  readonly server: string;
  readonly credentials: CredentialSource;
  readonly userAgent: string;
  readonly impersonate?: string | undefined;
  readonly timeoutMs: number;
  readonly maxSockets: number;
  /** After which an unused connection is closed; undefined: as the server likes. */
  readonly idleMs?: number | undefined;
  readonly tls: TlsContext;
  readonly clock: Clock;
  readonly random: Random;
  /** Called once per answer; code "<error>" where none came, as client-go's rest_client_requests_total has it. */
  readonly onAnswer: (code: string, method: string, host: string) => void;
}

export interface Exchange {
  readonly operation: Operation;
  readonly method: string;
  /** Below the server's own path; already escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Buffer | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole exchange with its retries and its body; for a stream, until its headers. */
  readonly timeoutMs?: number | undefined;
  /** May be sent again when the connection breaks before an answer. GET and DELETE always may. */
  readonly isIdempotent?: boolean | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer whose body is still coming. `close` ends the connection; call it in every case. */
export interface Stream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
  close(reason?: Error): void;
}

/** Imported as an ES module, node:http would load all that it exports, fetch and WebSocket too: 12 MB. */
const { request: httpRequest } = process.getBuiltinModule('node:http');
const { request: httpsRequest } = process.getBuiltinModule('node:https');

const maxAttempts = 6;
const firstRetryMs = 200;
/** TCP probes on quiet streams: libuv then sends one a second and gives up after ten, so that a peer that lost power is noticed in 25 s. */
const streamProbeMs = 15_000;

export class Transport {
  readonly options: TransportOptions;
  readonly #url: URL;
  readonly #pool: HttpAgent | HttpsAgent;
  /** Watches hold a connection for minutes: counted against the pool, as many watches as sockets would silence the client. */
  readonly #streams: HttpAgent | HttpsAgent;
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.options = options;
    this.#url = new URL(options.server);
    this.#pool = agentFor(this.#url, options, { keepAlive: true, maxSockets: options.maxSockets, timeout: options.idleMs });
    this.#streams = agentFor(this.#url, options, { keepAlive: false });
    // For each request that still waits when a pool is destroyed, Node opens another connection, which it would use and keep.
    this.#pool.on('free', (socket: Duplex) => {
      if (this.#isClosed) socket.destroy();
    });
  }

  /** Any HTTP status is an answer. Throws KubeError where none comes in time, and the signal's reason when aborted. */
  async request(exchange: Exchange): Promise<Answer> {
    const deadline = this.#deadline(exchange);
    const endsAtMs = this.options.clock.monotonicMs() + (exchange.timeoutMs ?? this.options.timeoutMs);
    try {
      let fresh = false;
      for (let attempt = 1; ; attempt++) {
        const answer = await this.#attempt(exchange, deadline.signal, fresh);
        if (answer === 'connectionLost') continue;
        if (answer.status === 401 && !fresh) {
          fresh = true;
          continue;
        }
        const pauseMs = attempt < maxAttempts ? this.#pauseBeforeRetry(answer, attempt) : undefined;
        if (pauseMs === undefined || this.options.clock.monotonicMs() + pauseMs >= endsAtMs) return answer;
        await sleep(pauseMs, { clock: this.options.clock, signal: deadline.signal });
      }
    } catch (error) {
      // An idle connection that has died without a word would cost the next request a deadline too.
      if (isKubeError(error, 'KUBE_TIMEOUT')) this.#dropIdle();
      throw error;
    } finally {
      deadline.dispose();
    }
  }

  /** Opens a long answer on a connection of its own. Throws as `request` does until the headers are there. */
  async stream(exchange: Exchange): Promise<Stream> {
    const deadline = this.#deadline(exchange);
    try {
      let { response, close } = await this.#send(exchange, { signal: deadline.signal, fresh: false, agent: this.#streams });
      if (response.statusCode === 401) {
        close();
        ({ response, close } = await this.#send(exchange, { signal: deadline.signal, fresh: true, agent: this.#streams }));
      }
      return { status: response.statusCode ?? 0, headers: response.headers, body: response as AsyncIterable<Buffer>, close };
    } finally {
      deadline.dispose();
    }
  }

  /** Ends all connections, also those in use. No request is sent afterwards. */
  close(): void {
    this.#isClosed = true;
    this.#pool.destroy();
    this.#streams.destroy();
  }

  /** 'connectionLost': a kept-alive connection turned out to be closed by the other side, and the request may be sent again. */
  async #attempt(exchange: Exchange, signal: AbortSignal, fresh: boolean): Promise<Answer | 'connectionLost'> {
    let sent: Sent | undefined;
    try {
      sent = await this.#send(exchange, { signal, fresh, agent: this.#pool });
      return { status: sent.response.statusCode ?? 0, headers: sent.response.headers, body: await bodyOf(sent.response) };
    } catch (error) {
      sent?.close();
      if (signal.aborted) throw signal.reason;
      if (error instanceof StaleConnection) return 'connectionLost';
      if (error instanceof KubeError) throw error;
      throw errorFromNetwork(exchange.operation, this.options.server, error);
    }
  }

  async #send(exchange: Exchange, how: { signal: AbortSignal; fresh: boolean; agent: HttpAgent | HttpsAgent }): Promise<Sent> {
    const { token, cert, key } = await untilAborted(this.options.credentials({ fresh: how.fresh }), how.signal);
    how.signal.throwIfAborted(); // it may have fired since, and its event does not come again
    if (this.#isClosed) throw new KubeError('KUBE_UNREACHABLE', `${exchange.operation.what}: the client is closed; close it after the last use`);
    const options = { ...this.#target(exchange, how.agent), headers: this.#headers(exchange, token) };
    const request = this.#url.protocol === 'https:' ? httpsRequest(this.#secured(options, { cert, key })) : httpRequest(options);
    if (how.agent === this.#streams) request.setSocketKeepAlive(true, streamProbeMs);
    request.end(exchange.body);
    return this.#answerTo(request, exchange, how.signal);
  }

  /** The headers of the answer. Aborting ends the connection until the last byte of the body. */
  #answerTo(request: ClientRequest, exchange: Exchange, signal: AbortSignal): Promise<Sent> {
    const count = (code: string): void => this.options.onAnswer(code, exchange.method, this.#url.host);
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const onAbort = (): void => {
        // A request that still waits for a connection would only say so once it got one.
        reject(signal.reason as Error);
        request.destroy();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      request.on('close', () => signal.removeEventListener('abort', onAbort));
      request.on('error', (error) => {
        if (isAnswered) return; // the reader of the body sees it
        count('<error>');
        if (request.reusedSocket && mayRepeat(exchange) && isReset(error)) reject(new StaleConnection());
        else reject(errorFromNetwork(exchange.operation, this.options.server, error));
      });
      request.on('response', (response) => {
        isAnswered = true;
        count(String(response.statusCode));
        response.on('error', () => undefined); // for a body that is not read to its end; a reader gets the error from its iterator
        resolve({ response, close: (reason) => void request.destroy(reason) });
      });
    });
  }

  #target(exchange: Exchange, agent: HttpAgent | HttpsAgent): { agent: HttpAgent | HttpsAgent; host: string; port: string | undefined; method: string; path: string } {
    const path = this.#url.pathname.replace(/\/$/, '') + exchange.path + queryOf(exchange.query);
    return { agent, host: hostOf(this.#url), port: this.#url.port || undefined, method: exchange.method, path };
  }

  /** The agent tells connections apart by certificate and key; what they are made with is the context. */
  #secured(options: RequestOptions, identity: Identity): RequestOptions {
    return { ...options, ...identity, secureContext: this.options.tls.of(identity, this.options) } as RequestOptions;
  }

  #headers(exchange: Exchange, token: string | undefined): OutgoingHttpHeaders {
    return {
      accept: 'application/json',
      'user-agent': this.options.userAgent,
      ...exchange.headers,
      ...(this.options.impersonate === undefined ? {} : { 'impersonate-user': this.options.impersonate }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(exchange.body === undefined ? {} : { 'content-length': Buffer.byteLength(exchange.body) }),
    };
  }

  #deadline(exchange: Exchange): Deadline {
    const ms = exchange.timeoutMs ?? this.options.timeoutMs;
    const reason = (): Error =>
      new KubeError('KUBE_TIMEOUT', `${exchange.operation.what}: no answer from ${this.options.server} within ${ms} ms; it is retried by controllers, elsewhere try again or raise the timeout`);
    return new Deadline({ ms, reason, clock: this.options.clock, parent: exchange.signal });
  }

  /** As client-go: 429, 503, and any other 5xx that says Retry-After. The server's wish plus jitter, else doubling from 200 ms. */
  #pauseBeforeRetry(answer: Answer, attempt: number): number | undefined {
    const wishMs = retryAfterMs(answer.headers);
    if (answer.status !== 429 && answer.status !== 503 && !(answer.status >= 500 && wishMs !== undefined)) return undefined;
    const jitter = this.options.random();
    return wishMs === undefined ? firstRetryMs * 2 ** (attempt - 1) * (0.5 + jitter) : wishMs + jitter * firstRetryMs;
  }

  #dropIdle(): void {
    for (const sockets of Object.values(this.#pool.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }
}

interface Sent {
  readonly response: IncomingMessage;
  readonly close: (reason?: Error) => void;
}

class StaleConnection extends Error {}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

function mayRepeat(exchange: Exchange): boolean {
  return exchange.isIdempotent ?? (exchange.method === 'GET' || exchange.method === 'DELETE');
}
