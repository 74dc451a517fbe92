/** Key pairs and server groups. */
import { newId, timestamp, type Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { asRecord, asString, asStrings, type JsonObject } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { microversion } from './microversion.ts';
import type { KeypairRecord, ServerGroupRecord } from './records.ts';
import { fingerprint, newSshKeyPair } from './ssh-key.ts';

export function keypairRoutes(core: Core): Route[] {
  const table = core.state.nova.keypairs;
  const find = (request: ApiRequest): KeypairRecord => {
    const name = request.params['name'] ?? '';
    const keypair = table[`${request.caller.userId}/${name}`];
    if (!keypair) throw notFound('itemNotFound', `Keypair ${name} not found for user ${request.caller.userId}`);
    return keypair;
  };
  const view = (keypair: KeypairRecord, request: ApiRequest): JsonObject => {
    const { name, public_key, fingerprint, type } = keypair;
    return { name, public_key, fingerprint, ...(microversion(request.headers) >= 2 ? { type } : {}) };
  };
  return [
    { method: 'GET', path: '/v2.1/os-keypairs', handle: (request) => ok({
      keypairs: Object.values(table).filter((one) => one.user_id === request.caller.userId).map((keypair) => ({ keypair: view(keypair, request) })),
    }) },
    { method: 'POST', path: '/v2.1/os-keypairs', handle: (request) => {
      const sent = asRecord(asRecord(request.body)['keypair']);
      const name = asString(sent['name']);
      const minor = microversion(request.headers);
      const made = sent['public_key'] === undefined && minor < 92 ? newSshKeyPair() : undefined;
      const key = made?.publicKey ?? asString(sent['public_key']);
      const print = fingerprint(key);
      if (print === undefined) throw badRequest('Keypair data is invalid: failed to generate fingerprint');
      if (table[`${request.caller.userId}/${name}`]) throw conflict('conflictingRequest', `Key pair '${name}' already exists.`);
      const keypair: KeypairRecord = { name, user_id: request.caller.userId, type: 'ssh', public_key: key, fingerprint: print, created_at: timestamp(core) };
      table[`${keypair.user_id}/${name}`] = keypair;
      return ok({ keypair: { ...view(keypair, request), user_id: keypair.user_id, ...(made ? { private_key: made.privateKey } : {}) } }, minor >= 2 ? 201 : 200);
    } },
    { method: 'GET', path: '/v2.1/os-keypairs/:name', handle: (request) => {
      const keypair = find(request);
      return ok({ keypair: { ...view(keypair, request), user_id: keypair.user_id, id: 1, created_at: keypair.created_at.replace('Z', '.000000'), deleted: false, deleted_at: null, updated_at: null } });
    } },
    { method: 'DELETE', path: '/v2.1/os-keypairs/:name', handle: (request) => {
      const keypair = find(request);
      Reflect.deleteProperty(table, `${keypair.user_id}/${keypair.name}`);
      return microversion(request.headers) >= 2 ? noContent : { status: 202 };
    } },
  ];
}

export function serverGroupRoutes(core: Core): Route[] {
  const table = core.state.nova.serverGroups;
  const find = (request: ApiRequest): ServerGroupRecord => {
    const id = request.params['id'] ?? '';
    const group = table[id];
    if (!group || (!request.caller.isAdmin && group.project_id !== request.caller.projectId)) throw notFound('itemNotFound', `Instance group ${id} could not be found.`);
    return group;
  };
  const view = (group: ServerGroupRecord, request: ApiRequest): JsonObject => {
    const minor = microversion(request.headers);
    const members = Object.values(core.state.nova.servers).filter((server) => server.serverGroupId === group.id).map((server) => server.id);
    return {
      id: group.id, name: group.name, members, ...(minor >= 64 ? { policy: group.policy, rules: group.rules } : { policies: [group.policy], metadata: {} }),
      ...(minor >= 13 ? { project_id: group.project_id, user_id: group.user_id } : {}),
    };
  };
  return [
    { method: 'GET', path: '/v2.1/os-server-groups', handle: (request) => ok({
      server_groups: Object.values(table).filter((group) => group.project_id === request.caller.projectId).map((group) => view(group, request)),
    }) },
    { method: 'POST', path: '/v2.1/os-server-groups', handle: (request) => {
      const sent = asRecord(asRecord(request.body)['server_group']);
      const policy = asString(sent['policy']) || (asStrings(sent['policies'])[0] ?? '');
      if (!['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'].includes(policy)) {
        throw badRequest(`Invalid input for field/attribute 0. Value: ${policy}. '${policy}' is not one of ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity']`);
      }
      const group: ServerGroupRecord = {
        id: newId(core), name: asString(sent['name']), project_id: request.caller.projectId, user_id: request.caller.userId, policy, rules: asRecord(sent['rules']),
      };
      table[group.id] = group;
      return ok({ server_group: view(group, request) });
    } },
    { method: 'GET', path: '/v2.1/os-server-groups/:id', handle: (request) => ok({ server_group: view(find(request), request) }) },
    { method: 'DELETE', path: '/v2.1/os-server-groups/:id', handle: (request) => {
      Reflect.deleteProperty(table, find(request).id);
      return noContent;
    } },
  ];
}
