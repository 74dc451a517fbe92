/** Snapshots: the content a volume had at one time. */
import { newId, type Core } from '../core.ts';
import { badRequest } from '../errors.ts';
import { ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { findSnapshot, findVolume } from './find.ts';
import { listed, type Listing } from './listing.ts';
import { metadataRoutes } from './metadata.ts';
import { checkQuota } from './quotas.ts';
import type { SnapshotRecord, VolumeRecord } from './records.ts';
import { metadataOf, needs, sentObject, textOf } from './schema.ts';
import { cinderTime, emptyAnswer, snapshotView } from './views.ts';
import type { VolumeLife } from './volume-life.ts';
import { microversion } from './microversion.ts';

const path = '/v3/:project/snapshots';
const listing: Listing<SnapshotRecord> = { collection: 'snapshots', kind: 'Snapshot', filters: {
  name: ({ name }) => name ?? '', status: ({ status }) => status, volume_id: (snapshot) => snapshot.volume_id, metadata: ({ metadata }) => metadata, id: ({ id }) => id,
} };

export function snapshotRoutes(core: Core, life: VolumeLife): Route[] {
  const find = (request: ApiRequest): SnapshotRecord => findSnapshot(core, request.params['id'] ?? '', request.caller);
  const list = (request: ApiRequest, isFull: boolean): ApiResponse => {
    const isAll = request.caller.isAdmin && ['1', 'true', 'True'].includes(request.query.get('all_tenants') ?? '');
    const mine = Object.values(core.state.cinder.snapshots).filter((one) => isAll || one.project_id === request.caller.projectId);
    const { page, rest } = listed(mine, request, listing);
    return ok({ snapshots: page.map((snapshot) => snapshotView(snapshot, request, isFull)), ...rest });
  };
  return [
    { method: 'GET', path, handle: (request) => list(request, false) },
    { method: 'GET', path: `${path}/detail`, handle: (request) => list(request, true) },
    { method: 'POST', path, handle: (request) => {
      const snapshot = create(core, request);
      life.createSnapshot(snapshot);
      return ok({ snapshot: snapshotView(snapshot, request, false) }, 202);
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ snapshot: snapshotView(find(request), request, true) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const snapshot = find(request);
      const sent = sentObject(request, 'snapshot');
      if (sent['name'] !== undefined) snapshot.name = textOf('name', sent['name']);
      if (sent['description'] !== undefined) snapshot.description = textOf('description', sent['description']);
      snapshot.updated_at = cinderTime(core);
      return ok({ snapshot: snapshotView(snapshot, request, false) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const snapshot = find(request);
      if (snapshot.status !== 'available' && snapshot.status !== 'error') {
        throw badRequest(`Invalid snapshot: Snapshot status must be one of available, error values, and snapshot must not be part of a group.`);
      }
      life.removeSnapshot(snapshot);
      return emptyAnswer(202);
    } },
    ...metadataRoutes(`${path}/:id`, 'Snapshot', find),
  ];
}

function create(core: Core, request: ApiRequest): SnapshotRecord {
  const sent = sentObject(request, 'snapshot');
  needs(sent, 'snapshot', 'volume_id');
  const name = textOf('name', sent['name']);
  const volume = findVolume(core, String(sent['volume_id']), request.caller);
  // Since 3.66 a volume in use may be taken without force.
  const isForced = sent['force'] === true || sent['force'] === 'true' || microversion(request.headers) >= 66;
  checkTakeable(volume, isForced);
  checkQuota(core, volume.project_id, { snapshots: 1, gigabytes: volume.size });
  const snapshot: SnapshotRecord = {
    id: newId(core), name, description: textOf('description', sent['description']), project_id: volume.project_id, user_id: request.caller.userId,
    volume_id: volume.id, size: volume.size, status: 'creating', metadata: metadataOf(sent['metadata']), created_at: cinderTime(core), updated_at: null,
  };
  core.state.cinder.snapshots[snapshot.id] = snapshot;
  return snapshot;
}

/** @throws ApiError 400 */
function checkTakeable({ id, status }: VolumeRecord, isForced: boolean): void {
  if (status === 'available' || (isForced && status === 'in-use')) return;
  if (status === 'error') throw badRequest('Invalid volume: The snapshot cannot be created when the volume is in error status.');
  throw badRequest(`Invalid volume: Volume ${id} status must be ${isForced ? 'available or in-use' : 'available'}, but current status is: ${status}.`);
}
