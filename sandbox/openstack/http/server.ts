/** One HTTP listener per service: finds the route, asks who calls and which faults strike, reads the body, writes the answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock, Random } from '../clock.ts';
import { ApiError, badRequest } from '../errors.ts';
import { strikeAfter, strikeBefore, type Struck } from '../faults/apply.ts';
import type { FaultBoard } from '../faults/board.ts';
import { clientName, type AccessLog } from './access-log.ts';
import { createRouter } from './router.ts';
import { anonymous, type ApiResponse, type Caller, type Service } from './service.ts';

/** Nova refuses user data over 64 KiB; nothing a client sends us is larger than this. */
const maxBodyBytes = 2 * 1024 * 1024;

export interface ServerOptions {
  readonly service: Service;
  /** @throws ApiError 401 when the token is missing, unknown or expired. */
  readonly authenticate: (headers: IncomingMessage['headers'], call: { readonly method: string; readonly path: string }) => Caller;
  /** Name of a project, for faults that say it. */
  readonly projectName: (id: string) => string;
  readonly accessLog: AccessLog;
  readonly faults: FaultBoard;
  readonly clock: Clock;
  readonly random: Random;
  /** Called before every answer: what the client is told is kept. What it throws becomes a 500. */
  readonly commit: () => void;
  readonly log: { error(context: object, message: string): void };
  /** Value of X-Openstack-Request-Id. */
  readonly requestId: () => string;
}

/** What a call came to: an answer, or a connection that is reset. */
type Outcome = { readonly kind: 'answered'; readonly response: ApiResponse } | { readonly kind: 'reset' };

export function createServiceServer(options: ServerOptions): Server {
  const { service, faults, clock, random } = options;
  const find = createRouter(service.routes);
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      options.log.error({ service: service.name, error: String(error) }, 'could not answer');
      outgoing.destroy();
    });
  });
  // Longer than the 90 s for which Go clients keep idle connections: otherwise a call may meet one that is just being closed.
  server.keepAliveTimeout = 120_000;
  return server;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const call = incomingCall(incoming);
    const beganMs = clock.now();
    const gone = new AbortController();
    outgoing.once('close', () => { gone.abort(); });
    const outcome = await struck(call, incoming, gone.signal);
    incoming.resume();
    if (outcome.kind === 'reset') incoming.socket.resetAndDestroy();
    else write(outgoing, outcome.response, call);
    options.accessLog.record({
      service: service.name, method: call.method, route: call.found?.route.path ?? 'unknown', userAgent: clientName(incoming.headers['user-agent']),
      status: outcome.kind === 'reset' ? 0 : outcome.response.status,
    }, { path: call.path, atMs: beganMs, tookMs: clock.now() - beganMs, projectId: call.caller.projectId, userId: call.caller.userId });
  }

  function incomingCall(incoming: IncomingMessage) {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const method = incoming.method ?? 'GET';
    const found = find(method === 'HEAD' ? 'GET' : method, url.pathname) ?? find(method, url.pathname);
    const { caller, refusal } = whoCalls(incoming.headers, { method, path: url.pathname });
    return { method, path: url.pathname, query: url.searchParams, headers: incoming.headers, found, caller, refusal };
  }

  function whoCalls(headers: IncomingMessage['headers'], call: { method: string; path: string }): { caller: Caller; refusal?: unknown } {
    try {
      return { caller: options.authenticate(headers, call) };
    } catch (refusal) {
      return { caller: anonymous, refusal };
    }
  }

  /** The call with the faults that strike it. */
  async function struck(call: ReturnType<typeof incomingCall>, incoming: IncomingMessage, gone: AbortSignal): Promise<Outcome> {
    const { caller, method, path } = call;
    const strikes = faults.strike({
      service: service.name, method, path, project: { id: caller.projectId, name: options.projectName(caller.projectId) },
      tokenIssuedAtMs: caller === anonymous || call.found?.route.isOpen ? undefined : caller.tokenIssuedAtMs,
    });
    const before = await strikeBefore(strikes, { service: service.name, clock, random, gone });
    if (before) return afterStrike(before, call);
    const response = await handled(call, incoming);
    const after = strikeAfter(strikes, response, { service: service.name });
    return after ? afterStrike(after, call) : { kind: 'answered', response };
  }

  function afterStrike(result: Struck, call: ReturnType<typeof incomingCall>): Outcome {
    if (result.kind === 'reset') return result;
    const response = service.renderError(result.error, call);
    return { kind: 'answered', response: { ...response, headers: { ...response.headers, ...result.headers } } };
  }

  async function handled(call: ReturnType<typeof incomingCall>, incoming: IncomingMessage): Promise<ApiResponse> {
    const { found, caller, refusal, method, path, query, headers } = call;
    try {
      // A path nobody serves is still 401 to a caller without a token: the authentication filter sits in front of the application.
      if (!found && (service.name === 'identity' || refusal === undefined)) throw unknownPath();
      if (!found?.route.isOpen && refusal !== undefined) throw refusal;
      if (!found) throw unknownPath();
      const body = await readJson(incoming);
      const response = await found.route.handle({
        method, path, params: found.params, query, headers, caller: found.route.isOpen ? anonymous : caller, baseUrl: `http://${headers.host ?? 'localhost'}`, body,
      });
      options.commit();
      return response;
    } catch (error) {
      return service.renderError(asApiError(error), call);
    }
  }

  function write(to: ServerResponse, { status, body, headers }: ApiResponse, call: Pick<ReturnType<typeof incomingCall>, 'method' | 'headers'>): void {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const all = {
      ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
      'content-length': String(Buffer.byteLength(text)),
      'x-openstack-request-id': options.requestId(),
      ...service.headers?.({ headers: call.headers }),
      ...headers,
    };
    to.writeHead(status, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')));
    to.end(call.method === 'HEAD' ? undefined : text);
  }

  function asApiError(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    options.log.error({ service: service.name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'a handler failed');
    return new ApiError(500, 'InternalError', 'The server has either erred or is incapable of performing the requested operation.');
  }
}

function unknownPath(): ApiError {
  return new ApiError(404, 'HTTPNotFound', 'The resource could not be found.');
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new ApiError(413, 'RequestEntityTooLarge', 'Request is too large.');
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw badRequest('Malformed JSON in request body', 'MalformedRequestBody');
  }
}
