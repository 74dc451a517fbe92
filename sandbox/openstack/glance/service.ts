/** Glance v2, reading only: what servers boot from. */
import type { Core } from '../core.ts';
import type { ApiError } from '../errors.ts';
import { notFound } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type ApiResponse, type Caller, type Route, type Service } from '../http/service.ts';
import { keystoneError } from '../keystone/service.ts';
import type { ImageRecord } from './records.ts';

/** Zed's API versions, newest first. */
const versions = ['v2.15', 'v2.13', 'v2.12', 'v2.11', 'v2.10', 'v2.9', 'v2.8', 'v2.7', 'v2.6', 'v2.5', 'v2.4', 'v2.3', 'v2.2', 'v2.1', 'v2.0'];
const defaultLimit = 25;

export function glance(core: Core): Service {
  return { name: 'image', routes: imageRoutes(core), renderError };
}

function imageRoutes(core: Core): Route[] {
  const versionDocument = (request: ApiRequest): object => ({
    versions: versions.map((id, i) => ({ id, status: i === 0 ? 'CURRENT' : 'SUPPORTED', links: [{ rel: 'self', href: `${request.baseUrl}/v2/` }] })),
  });
  return [
    { method: 'GET', path: '/', isOpen: true, handle: (request) => ({ status: 300, body: versionDocument(request), headers: { 'x-openstack-request-id': '' } }) },
    { method: 'GET', path: '/versions', isOpen: true, handle: (request) => ok(versionDocument(request)) },
    { method: 'GET', path: '/v2/images', handle: (request) => ok(list(core, request)) },
    { method: 'GET', path: '/v2/images/:id', handle: (request) => {
      const id = request.params['id'] ?? '';
      const image = core.state.glance.images[id];
      if (!image || !isVisible(image, request.caller)) throw notFound('NotFound', `No image found with ID ${id}`);
      return ok(view(image));
    } },
  ];
}

function list(core: Core, request: ApiRequest): JsonObject {
  const { query } = request;
  const found = Object.values(core.state.glance.images).reverse().filter((image) => isVisible(image, request.caller) && matches(image, query));
  const limit = Math.min(Number(query.get('limit') ?? defaultLimit) || defaultLimit, 1000);
  const marker = query.get('marker');
  const after = marker === null ? 0 : found.findIndex((image) => image.id === marker) + 1;
  const page = found.slice(after, after + limit);
  const filters = new URLSearchParams(query);
  filters.delete('marker');
  const first = filters.size === 0 ? '/v2/images' : `/v2/images?${filters.toString()}`;
  const last = page.at(-1);
  const hasNext = last !== undefined && page.length === limit;
  if (hasNext) filters.set('marker', last.id);
  return { images: page.map(view), first, schema: '/v2/schemas/images', ...(hasNext ? { next: `/v2/images?${filters.toString()}` } : {}) };
}

const controls = new Set(['limit', 'marker', 'sort_key', 'sort_dir', 'sort', 'member_status']);

function matches(image: ImageRecord, query: URLSearchParams): boolean {
  return [...new Set(query.keys())].filter((name) => !controls.has(name)).every((name) => {
    const values = query.getAll(name);
    if (name === 'tag') return values.every((tag) => image.tags.includes(tag));
    if (name === 'visibility' && values[0] === 'all') return true;
    const have = view(image)[name];
    return values.some((value) => String(have) === value || (value.startsWith('in:') && value.slice(3).split(',').includes(String(have))));
  });
}

function isVisible(image: ImageRecord, caller: Caller): boolean {
  return caller.isAdmin || image.visibility === 'public' || image.owner === caller.projectId;
}

function view(image: ImageRecord): JsonObject {
  const { properties, ...shown } = image;
  return {
    ...properties, ...shown, virtual_size: image.size,
    self: `/v2/images/${image.id}`, file: `/v2/images/${image.id}/file`, schema: '/v2/schemas/image', stores: 'file',
  };
}

const titles: Readonly<Record<number, string>> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict' };

/** What its middleware says of a request without a token, before Glance sees it. */
const unauthorizedMessage = 'This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.';

/** WebOb's JSON, with the traces of its HTML. */
function renderError(error: ApiError, request: Pick<ApiRequest, 'headers'>): ApiResponse {
  const title = titles[error.status] ?? 'Error';
  const message = error.status === 401 ? unauthorizedMessage : error.message;
  const body = { message: `${message}<br /><br />\n\n\n`, code: `${error.status} ${title}`, title };
  return { status: error.status, body, ...(error.status === 401 ? { headers: { ...keystoneError(error, request).headers, 'x-openstack-request-id': '' } } : {}) };
}
