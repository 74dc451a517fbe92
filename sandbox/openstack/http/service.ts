/** What a service of the cloud is made of: routes, and its own way to say no. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiError } from '../errors.ts';

export type ServiceName = 'identity' | 'compute' | 'network' | 'image' | 'load-balancer' | 'volumev3';

export const serviceNames: readonly ServiceName[] = ['identity', 'compute', 'network', 'image', 'load-balancer', 'volumev3'];

/** Who calls: the token's user, project and roles. Nobody (`anonymous`) on open routes. */
export interface Caller {
  readonly tokenId: string;
  /** Milliseconds since the epoch. */
  readonly tokenIssuedAtMs: number;
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly string[];
  /** Holds the role admin: sees and changes every project's things. */
  readonly isAdmin: boolean;
}

export const anonymous: Caller = { tokenId: '', tokenIssuedAtMs: 0, userId: '', projectId: '', roles: [], isAdmin: false };

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
  /** Scheme and authority the client used (`http://198.51.100.2:9696`): links in answers start with it. */
  readonly baseUrl: string;
  readonly caller: Caller;
}

export interface ApiResponse {
  readonly status: number;
  /** An object is sent as JSON, a string as it is, undefined as an empty body. */
  readonly body?: unknown;
  /** An empty value takes a header away. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (request: ApiRequest) => ApiResponse | Promise<ApiResponse>;

export interface Route {
  readonly method: string;
  /** `/v2.0/routers/:id/add_router_interface`; a trailing slash of the request is ignored. */
  readonly path: string;
  readonly handle: Handler;
  /** Answered without a token: version documents and logging in. */
  readonly isOpen?: true;
}

export interface Service {
  readonly name: ServiceName;
  readonly routes: readonly Route[];
  /** The refusal in this service's shape. */
  renderError(error: ApiError, request: Pick<ApiRequest, 'method' | 'path' | 'headers'>): ApiResponse;
  /** After a start with the records of an earlier life, before anyone can call: what was pending goes on or ends. */
  resume?(): void;
  /** Headers that go on every answer: microversion. */
  headers?(request: Pick<ApiRequest, 'headers'>): Record<string, string>;
}

export function ok(body: unknown, status = 200): ApiResponse {
  return { status, body };
}

export const noContent: ApiResponse = { status: 204 };
