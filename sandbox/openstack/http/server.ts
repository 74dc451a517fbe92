/** One HTTP listener per service: reads the body, finds the route, asks who calls, writes the answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ApiError, badRequest } from '../errors.ts';
import { clientName, type AccessLog } from './access-log.ts';
import { createRouter } from './router.ts';
import { anonymous, type ApiRequest, type ApiResponse, type Caller, type Service } from './service.ts';

/** Nova refuses user data over 64 KiB; nothing a client sends us is larger than this. */
const maxBodyBytes = 2 * 1024 * 1024;

export interface ServerOptions {
  readonly service: Service;
  /** @throws ApiError 401 when the token is missing, unknown or expired. */
  readonly authenticate: (headers: IncomingMessage['headers']) => Caller;
  readonly accessLog: AccessLog;
  readonly log: { error(context: object, message: string): void };
  /** Value of X-Openstack-Request-Id. */
  readonly requestId: () => string;
}

export function createServiceServer(options: ServerOptions): Server {
  const { service } = options;
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
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const method = incoming.method ?? 'GET';
    const found = find(method === 'HEAD' ? 'GET' : method, url.pathname) ?? find(method, url.pathname);
    let response: ApiResponse;
    try {
      if (!found) throw options.service.name === 'identity' ? unknownPath() : authenticated(incoming.headers, unknownPath);
      const caller = found.route.isOpen ? anonymous : options.authenticate(incoming.headers);
      const request: ApiRequest = {
        method, path: url.pathname, params: found.params, query: url.searchParams, headers: incoming.headers, caller,
        baseUrl: `http://${incoming.headers.host ?? 'localhost'}`, body: await readJson(incoming),
      };
      response = await found.route.handle(request);
    } catch (error) {
      response = options.service.renderError(asApiError(error), { method, path: url.pathname, headers: incoming.headers });
    }
    incoming.resume();
    write(outgoing, response, method);
    options.accessLog.record({
      service: service.name, method, route: found?.route.path ?? 'unknown', status: response.status, userAgent: clientName(incoming.headers['user-agent']),
    });

    function write(to: ServerResponse, { status, body, headers }: ApiResponse, verb: string): void {
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const all = {
        ...(body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' }),
        'content-length': String(Buffer.byteLength(text)),
        'x-openstack-request-id': options.requestId(),
        ...service.headers?.({ headers: incoming.headers }),
        ...headers,
      };
      to.writeHead(status, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')));
      to.end(verb === 'HEAD' ? undefined : text);
    }
  }

  /** A path nobody serves is still 401 to a caller without a token: the authentication filter sits in front of the application. */
  function authenticated(headers: IncomingMessage['headers'], then: () => ApiError): ApiError {
    options.authenticate(headers);
    return then();
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
