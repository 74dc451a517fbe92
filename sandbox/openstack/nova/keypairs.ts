/** Key pairs. */
import { timestamp, type Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { asRecord, asString, type JsonObject } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { microversion } from './microversion.ts';
import { checkCount } from './quotas.ts';
import type { KeypairRecord } from './records.ts';
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
      checkCount(core, request.caller.projectId, 'key_pairs', Object.values(table).filter((one) => one.user_id === request.caller.userId).length);
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
