/** Transfers: a volume is offered to whoever has the key. */
import { createHash, randomBytes } from 'node:crypto';
import { newId, type Core } from '../core.ts';
import { badRequest } from '../errors.ts';
import { asString, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { findTransfer, findVolume, sees } from './find.ts';
import { checkQuota } from './quotas.ts';
import type { TransferRecord } from './records.ts';
import { sentObject, textOf } from './schema.ts';
import { cinderTime, emptyAnswer, links } from './views.ts';
import type { VolumeLife } from './volume-life.ts';

/** Both names are served; the first is the older one, which links keep. */
const paths = ['/v3/:project/os-volume-transfer', '/v3/:project/volume-transfers'];

export function transferRoutes(core: Core, life: VolumeLife): Route[] {
  const { transfers, volumes } = core.state.cinder;
  const brief = (one: TransferRecord, request: ApiRequest): JsonObject => ({ id: one.id, name: one.name, volume_id: one.volume_id, links: links('os-volume-transfer', one.id, request) });
  const full = (one: TransferRecord, request: ApiRequest): JsonObject => ({ ...brief(one, request), created_at: one.created_at });
  const find = (request: ApiRequest): TransferRecord => findTransfer(core, request.params['id'] ?? '');
  const mine = (request: ApiRequest): TransferRecord[] => Object.values(transfers).filter((one) => {
    const volume = volumes[one.volume_id];
    return volume !== undefined && sees(volume, request.caller);
  });
  return paths.flatMap((path): Route[] => [
    { method: 'GET', path, handle: (request) => ok({ transfers: mine(request).map((one) => brief(one, request)) }) },
    { method: 'GET', path: `${path}/detail`, handle: (request) => ok({ transfers: mine(request).map((one) => full(one, request)) }) },
    { method: 'POST', path, handle: (request) => {
      const sent = sentObject(request, 'transfer');
      const volume = findVolume(core, asString(sent['volume_id']), request.caller);
      if (volume.status !== 'available') throw badRequest('Invalid volume: status must be available');
      const key = randomBytes(8).toString('hex');
      const transfer: TransferRecord = { id: newId(core), name: textOf('name', sent['name']) ?? '', volume_id: volume.id, key_hash: hashOf(key), created_at: cinderTime(core) };
      transfers[transfer.id] = transfer;
      life.setStatus(volume, 'awaiting-transfer');
      return ok({ transfer: { ...full(transfer, request), auth_key: key } }, 202);
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ transfer: full(find(request), request) }) },
    { method: 'POST', path: `${path}/:id/accept`, handle: (request) => {
      const transfer = find(request);
      const volume = volumes[transfer.volume_id];
      if (!volume || hashOf(asString(sentObject(request, 'accept')['auth_key'])) !== transfer.key_hash) {
        throw badRequest(`Invalid auth key: Attempt to transfer ${transfer.id} with invalid auth key.`);
      }
      checkQuota(core, request.caller.projectId, { volumes: 1, gigabytes: volume.size });
      Object.assign(volume, { project_id: request.caller.projectId, user_id: request.caller.userId });
      Reflect.deleteProperty(transfers, transfer.id);
      life.setStatus(volume, 'available');
      return ok({ transfer: brief(transfer, request) }, 202);
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const transfer = find(request);
      const volume = findVolume(core, transfer.volume_id, request.caller);
      Reflect.deleteProperty(transfers, transfer.id);
      life.setStatus(volume, 'available');
      return emptyAnswer(202);
    } },
  ]);
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
