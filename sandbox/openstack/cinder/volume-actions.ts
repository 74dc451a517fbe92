/** Actions on a volume: extend, bootable, status; and those that Cinder's first attachments had. */
import type { Core } from '../core.ts';
import { badRequest, forbidden } from '../errors.ts';
import { asRecord, asString } from '../http/json.ts';
import type { ApiRequest, ApiResponse, Route } from '../http/service.ts';
import { attachmentsOf, findVolume } from './find.ts';
import { microversion } from './microversion.ts';
import { checkQuota } from './quotas.ts';
import type { VolumeRecord, VolumeStatus } from './records.ts';
import { sizeOf } from './schema.ts';
import type { VolumeLife } from './volume-life.ts';

/** Those of Zed, in its order, for the refusal of any other. */
const statuses = [
  'creating', 'available', 'deleting', 'error', 'error_deleting', 'error_managing', 'managing', 'attaching', 'in-use', 'detaching', 'maintenance', 'restoring-backup',
  'error_restoring', 'reserved', 'awaiting-transfer', 'backing-up', 'error_backing-up', 'error_extending', 'downloading', 'uploading', 'retyping', 'extending',
];

const accepted: ApiResponse = { status: 202 };

export function volumeActionRoutes(core: Core, life: VolumeLife): Route[] {
  return [{ method: 'POST', path: '/v3/:project/volumes/:id/action', handle: (request) => {
    const [action = ''] = Object.keys(asRecord(request.body));
    const given = asRecord(asRecord(request.body)[action]);
    const volume = findVolume(core, request.params['id'] ?? '', request.caller);
    switch (action) {
      case 'os-extend': return extend(core, life, { volume, size: sizeOf('new_size', given['new_size']), request });
      case 'os-set_bootable':
        volume.bootable = given['bootable'] === true || given['bootable'] === 'true';
        return { status: 200 };
      case 'os-update_readonly_flag': return accepted;
      case 'os-reset_status': return reset(core, life, { volume, status: asString(given['status']), request });
      default: throw badRequest(`There is no such action: ${action}. Verify the request body and Content-Type header and try again.`);
    }
  } }];
}

function extend(core: Core, life: VolumeLife, { volume, size, request }: { volume: VolumeRecord; size: number; request: ApiRequest }): ApiResponse {
  const allowed = microversion(request.headers) >= 42 ? ['available', 'in-use'] : ['available'];
  if (!allowed.includes(volume.status)) {
    const wanted = allowed.length === 1 ? "'available'" : "['available', 'in-use']";
    throw badRequest(`Invalid volume: Volume ${volume.id} status must be '{'status': ${wanted}}' to extend, currently ${volume.status}.`);
  }
  if (size <= volume.size) {
    throw badRequest(`Invalid input received: New size for extend must be greater than current size. (current: ${volume.size}, extended: ${size}).`);
  }
  checkQuota(core, volume.project_id, { gigabytes: size - volume.size });
  life.extend(volume, size);
  return accepted;
}

function reset(core: Core, life: VolumeLife, { volume, status, request }: { volume: VolumeRecord; status: string; request: ApiRequest }): ApiResponse {
  if (!request.caller.isAdmin) throw forbidden("Policy doesn't allow volume_extension:volume_admin_actions:reset_status to be performed.");
  if (!statuses.includes(status)) throw badRequest(`Volume status: ${status} is invalid, valid statuses are: (${statuses.map((one) => `'${one}'`).join(', ')}).`);
  if (status === 'in-use' && attachmentsOf(core, volume.id).length === 0) throw badRequest('Cannot reset-state to in-use because volume does not have any attachments.');
  life.setStatus(volume, status as VolumeStatus);
  return accepted;
}
