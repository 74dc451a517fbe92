/** One HTTP request with a deadline that reaches the socket. Cloud endpoints are plain HTTP in labs and HTTPS with a private CA in companies, so both agents are here. */
import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Keeps connections open between requests; `close` ends them; requests under way and later ones fail. */
export class HttpClient {
  readonly #http = new http.Agent({ keepAlive: true, maxSockets: 8 });
  readonly #https: https.Agent;
  #isClosed = false;

  constructor(options: { ca?: string | undefined; verify?: boolean | undefined } = {}) {
    this.#https = new https.Agent({ keepAlive: true, maxSockets: 8, ca: options.ca, rejectUnauthorized: options.verify ?? true });
    // For each request that still waits when an agent is destroyed, Node opens another connection, which it would use and keep.
    const end = (socket: Duplex): void => {
      if (this.#isClosed) socket.destroy();
    };
    for (const agent of [this.#http, this.#https]) agent.on('free', end);
  }

  /** A server may close a kept connection in the moment we write to it; then the request never arrived and goes out again on a new one. */
  async send(request: HttpRequest): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#isClosed) throw new Error(`${request.method} ${request.url}: the HTTP client is closed; close it after the last use`);
      const state = { isReused: false };
      try {
        return await this.#once(request, state);
      } catch (error) {
        const isStale = state.isReused && error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (!isStale || attempt === 3) throw error;
      }
    }
  }

  #once({ method, url, headers = {}, body, timeoutMs, signal }: HttpRequest, state: { isReused: boolean }): Promise<Answer> {
    const isSecure = url.startsWith('https:');
    const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(deadline.aborted ? deadline.reason : error);
      const outgoing = (isSecure ? https : http).request(
        url,
        { method, agent: isSecure ? this.#https : this.#http, signal: deadline, headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }), ...headers } },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') }));
          incoming.on('error', fail);
        },
      );
      outgoing.on('socket', () => {
        // https://nodejs.org/api/http.html#requestreusedsocket
        state.isReused = outgoing.reusedSocket;
      });
      outgoing.on('error', fail);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#http.destroy();
    this.#https.destroy();
  }
}
