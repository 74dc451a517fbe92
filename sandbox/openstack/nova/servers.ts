/** The servers API: list, show, create, change, delete. */
import { randomBytes } from 'node:crypto';
import { timestamp, type Core } from '../core.ts';
import { badRequest, forbidden } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { hasTags } from '../neutron/tag-filter.ts';
import { microversion } from './microversion.ts';
import { pageOf } from './paging.ts';
import type { ServerRecord } from './records.ts';
import { createServer, findServer } from './server-create.ts';
import type { ServerLife } from './server-life.ts';
import { addresses, briefView, serverView, statusOf, updatedView } from './server-view.ts';

export function serverRoutes(core: Core, life: ServerLife): Route[] {
  return [
    { method: 'GET', path: '/v2.1/servers', handle: (request) => ok(pageOf('servers', wanted(core, request).map((server) => briefView(server, request)), request)) },
    { method: 'GET', path: '/v2.1/servers/detail', handle: (request) => ok(pageOf('servers', wanted(core, request).map((server) => serverView(core, server, request)), request)) },
    { method: 'POST', path: '/v2.1/servers', handle: (request) => create(core, life, request) },
    { method: 'GET', path: '/v2.1/servers/:id', handle: (request) => ok({ server: serverView(core, findServer(core, request), request) }) },
    { method: 'PUT', path: '/v2.1/servers/:id', handle: (request) => {
      const server = findServer(core, request);
      const { name, description } = asRecord(asRecord(request.body)['server']);
      if (typeof name === 'string' && name !== '') server.name = name;
      if (typeof description === 'string') server.description = description;
      server.updatedAt = timestamp(core);
      return ok({ server: updatedView(core, server, request) });
    } },
    { method: 'DELETE', path: '/v2.1/servers/:id', handle: (request) => {
      const server = findServer(core, request);
      if (server.taskState !== 'deleting') life.remove(server);
      return noContent;
    } },
    { method: 'GET', path: '/v2.1/servers/:id/ips', handle: (request) => ok({ addresses: plainAddresses(core, findServer(core, request)) }) },
    ...metadataRoutes(core),
    ...tagRoutes(core),
  ];
}

function create(core: Core, life: ServerLife, request: ApiRequest): ApiResponse {
  const server = createServer(core, request, life.volumes);
  life.build(server);
  const self = `${request.baseUrl}/v2.1/servers/${server.id}`;
  const body = {
    id: server.id, links: [{ rel: 'self', href: self }, { rel: 'bookmark', href: `${request.baseUrl}/servers/${server.id}` }],
    'OS-DCF:diskConfig': 'MANUAL', security_groups: [{ name: 'default' }], adminPass: randomBytes(9).toString('base64url'),
  };
  return { status: 202, body: { server: body }, headers: { location: self } };
}

/** Newest first, as Nova lists. `name` is a regular expression that may match anywhere. */
function wanted(core: Core, request: ApiRequest): ServerRecord[] {
  const { query, caller } = request;
  const isAllTenants = ['1', 'true', 'True', ''].includes(query.get('all_tenants') ?? 'no');
  if (isAllTenants && !caller.isAdmin) throw forbidden("Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed.");
  const name = nameFilter(query.get('name'));
  const equal = (filter: string, value: string): boolean => query.get(filter) === null || query.get(filter) === value;
  return candidates(core, request).filter((server) => (
    (isAllTenants || server.project_id === caller.projectId)
    && (name?.test(server.name) ?? true)
    && (query.get('status') === null || query.getAll('status').some((status) => status.toUpperCase() === statusOf(server)))
    && (!caller.isAdmin || equal('project_id', server.project_id)) && equal('flavor', server.flavorId) && equal('image', server.imageId) && equal('uuid', server.id) && equal('availability_zone', server.zone)
    && equal('host', server.host) && hasTags(server.tags, query)));
}

/** Those that are gone are seen by administrators who ask for them, and by whoever asks for what has changed. */
function candidates(core: Core, { query, caller }: ApiRequest): ServerRecord[] {
  const { servers, deletedServers } = core.state.nova;
  const since = query.get('changes-since');
  const wantsDeleted = query.getAll('status').some((status) => status.toUpperCase() === 'DELETED');
  if (wantsDeleted && !caller.isAdmin) throw forbidden('Only administrators may list deleted instances');
  if (wantsDeleted || (caller.isAdmin && ['true', 'True', '1'].includes(query.get('deleted') ?? ''))) return Object.values(deletedServers).reverse();
  if (since === null) return Object.values(servers).reverse();
  const sinceMs = Date.parse(since);
  if (Number.isNaN(sinceMs)) throw badRequest(`Invalid input for query parameters changes-since. Value: ${since}. '${since}' is not a 'date-time'`);
  return [...Object.values(deletedServers), ...Object.values(servers)].reverse().filter((server) => Date.parse(server.updatedAt) >= sinceMs);
}

function nameFilter(text: string | null): RegExp | undefined {
  if (text === null) return undefined;
  try {
    return new RegExp(text);
  } catch {
    throw badRequest(`Invalid input for query parameters name. Value: ${text}. '${text}' is not a 'regex'`);
  }
}

function plainAddresses(core: Core, server: ServerRecord): object {
  return Object.fromEntries(Object.entries(addresses(core, server)).map(([network, list]) => [network, list.map(({ version, addr }) => ({ version, addr }))]));
}

function metadataRoutes(core: Core): Route[] {
  const path = '/v2.1/servers/:id/metadata';
  const change = (request: ApiRequest, isReplacing: boolean): ApiResponse => {
    const server = findServer(core, request);
    const sent = asRecord(asRecord(request.body)['metadata']) as Record<string, string>;
    server.metadata = isReplacing ? sent : { ...server.metadata, ...sent };
    return ok({ metadata: server.metadata });
  };
  return [
    { method: 'GET', path, handle: (request) => ok({ metadata: findServer(core, request).metadata }) },
    { method: 'POST', path, handle: (request) => change(request, false) },
    { method: 'PUT', path, handle: (request) => change(request, true) },
    { method: 'DELETE', path: `${path}/:key`, handle: (request) => {
      Reflect.deleteProperty(findServer(core, request).metadata, request.params['key'] ?? '');
      return noContent;
    } },
  ];
}

/** Server tags exist since 2.26. */
function tagRoutes(core: Core): Route[] {
  const path = '/v2.1/servers/:id/tags';
  const find = (request: ApiRequest): ServerRecord => {
    if (microversion(request.headers) < 26) throw badRequest('Server tags need microversion 2.26.');
    return findServer(core, request);
  };
  return [
    { method: 'GET', path, handle: (request) => ok({ tags: [...find(request).tags].sort() }) },
    { method: 'PUT', path, handle: (request) => {
      const server = find(request);
      const sent = asRecord(request.body)['tags'];
      server.tags = Array.isArray(sent) ? sent.map(String) : [];
      return ok({ tags: server.tags });
    } },
    { method: 'DELETE', path, handle: (request) => {
      find(request).tags = [];
      return noContent;
    } },
  ];
}
