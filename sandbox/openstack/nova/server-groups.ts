/** Server groups: which servers belong together, or apart. */
import { newId, type Core } from '../core.ts';
import { badRequest, notFound } from '../errors.ts';
import { asRecord, asString, isRecord, type JsonObject } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { repr } from '../neutron/attributes.ts';
import { microversion } from './microversion.ts';
import { pageOf } from './paging.ts';
import { checkCount } from './quotas.ts';
import type { ServerGroupRecord } from './records.ts';

const path = '/v2.1/os-server-groups';

export function serverGroupRoutes(core: Core): Route[] {
  const table = core.state.nova.serverGroups;
  const mine = (project: string): ServerGroupRecord[] => Object.values(table).filter((group) => group.project_id === project);
  const find = (request: ApiRequest): ServerGroupRecord => {
    const id = request.params['id'] ?? '';
    const group = table[id];
    if (!group || (!request.caller.isAdmin && group.project_id !== request.caller.projectId)) throw notFound('itemNotFound', `Instance group ${id} could not be found.`);
    return group;
  };
  return [
    { method: 'GET', path, handle: (request) => {
      const isAll = request.caller.isAdmin && request.query.has('all_projects');
      const groups = isAll ? Object.values(table) : mine(request.caller.projectId);
      const page = pageOf('server_groups', groups.map((group) => ({ id: group.id, ...view(core, group, request) })), request);
      return ok({ server_groups: page['server_groups'] });
    } },
    { method: 'POST', path, handle: (request) => {
      const asked = askedFor(request);
      checkCount(core, request.caller.projectId, 'server_groups', mine(request.caller.projectId).length);
      const group: ServerGroupRecord = { id: newId(core), project_id: request.caller.projectId, user_id: request.caller.userId, ...asked };
      table[group.id] = group;
      return ok({ server_group: view(core, group, request) });
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ server_group: view(core, find(request), request) }) },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const { id } = find(request);
      Reflect.deleteProperty(table, id);
      for (const server of Object.values(core.state.nova.servers)) if (server.serverGroupId === id) server.serverGroupId = null;
      return noContent;
    } },
  ];
}

/** The soft policies came with 2.15; `policy` and its rules took the place of `policies` with 2.64. @throws ApiError 400 in the words of Nova's schemas */
function askedFor(request: ApiRequest): Pick<ServerGroupRecord, 'name' | 'policy' | 'rules'> {
  const minor = microversion(request.headers);
  const sent = asRecord(request.body)['server_group'];
  if (!isRecord(sent)) throw badRequest("'server_group' is a required property");
  for (const name of ['name', minor >= 64 ? 'policy' : 'policies']) {
    if (sent[name] === undefined) throw badRequest(`Invalid input for field/attribute server_group. Value: ${repr(sent)}. '${name}' is a required property`);
  }
  const policies = ['anti-affinity', 'affinity', ...(minor >= 15 ? ['soft-anti-affinity', 'soft-affinity'] : [])];
  const check = (field: string, policy: unknown): string => {
    if (typeof policy === 'string' && policies.includes(policy)) return policy;
    throw badRequest(`Invalid input for field/attribute ${field}. Value: ${asString(policy)}. ${repr(policy)} is not one of [${policies.map((one) => `'${one}'`).join(', ')}]`);
  };
  const name = asString(sent['name']);
  if (minor < 64) {
    const list = Array.isArray(sent['policies']) ? sent['policies'] as unknown[] : [];
    if (list.length > 1) throw badRequest(`Invalid input for field/attribute policies. Value: ${repr(list)}. ${repr(list)} is too long`);
    if (list.length < 1) throw badRequest(`Invalid input for field/attribute policies. Value: ${repr(list)}. ${repr(list)} is too short`);
    return { name, policy: check('0', list[0]), rules: {} };
  }
  const policy = check('policy', sent['policy']);
  const rules = asRecord(sent['rules']);
  if (Object.keys(rules).length > 0 && policy !== 'anti-affinity') throw badRequest('Only anti-affinity policy supports rules.');
  return { name, policy, rules };
}

function view(core: Core, group: ServerGroupRecord, request: ApiRequest): JsonObject {
  const minor = microversion(request.headers);
  const members = Object.values(core.state.nova.servers).filter((server) => server.serverGroupId === group.id).map((server) => server.id);
  return {
    id: group.id, name: group.name, members, ...(minor >= 64 ? { policy: group.policy, rules: group.rules } : { policies: [group.policy], metadata: {} }),
    ...(minor >= 13 ? { project_id: group.project_id, user_id: group.user_id } : {}),
  };
}
