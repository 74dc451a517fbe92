/** The volumes API: list, show, create, change, delete. */
import type { Core } from '../core.ts';
import { badRequest } from '../errors.ts';
import { ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { attachmentsOf, findVolume, sees, snapshotsOf } from './find.ts';
import { listed, type Listing } from './listing.ts';
import { metadataRoutes } from './metadata.ts';
import type { VolumeRecord } from './records.ts';
import { metadataOf, sentObject, textOf } from './schema.ts';
import { briefVolume, cinderTime, emptyAnswer, plainVolume, volumeView } from './views.ts';
import { createVolume } from './volume-create.ts';
import type { VolumeLife } from './volume-life.ts';

const path = '/v3/:project/volumes';

export function volumeRoutes(core: Core, life: VolumeLife): Route[] {
  const find = (request: ApiRequest): VolumeRecord => findVolume(core, request.params['id'] ?? '', request.caller);
  const listing = listingOf(core);
  const list = (request: ApiRequest, view: (volume: VolumeRecord) => object): ApiResponse => {
    const { page, rest } = listed(mine(core, request), request, listing);
    return ok({ volumes: page.map(view), ...rest });
  };
  return [
    { method: 'GET', path, handle: (request) => list(request, (volume) => briefVolume(volume, request)) },
    { method: 'GET', path: `${path}/detail`, handle: (request) => list(request, (volume) => volumeView(core, volume, request, false)) },
    { method: 'POST', path, handle: (request) => {
      const volume = createVolume(core, sentObject(request, 'volume'), request.caller);
      void life.create(volume);
      // An image makes a volume bootable only once its content has arrived.
      return ok({ volume: { ...plainVolume(core, volume, request), bootable: 'false' } }, 202);
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ volume: volumeView(core, find(request), request, true) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const volume = find(request);
      const sent = sentObject(request, 'volume');
      const name = sent['name'] ?? sent['display_name'];
      const description = sent['description'] ?? sent['display_description'];
      if (name !== undefined) volume.name = textOf('name', name);
      if (description !== undefined) volume.description = textOf('description', description);
      if (sent['metadata'] !== undefined) volume.metadata = metadataOf(sent['metadata']);
      volume.updated_at = cinderTime(core);
      return ok({ volume: plainVolume(core, volume, request) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const volume = find(request);
      const snapshots = snapshotsOf(core, volume.id);
      const isCascade = request.query.get('cascade')?.toLowerCase() === 'true';
      checkDeletable(core, volume, isCascade ? 0 : snapshots.length);
      for (const snapshot of snapshots) life.removeSnapshot(snapshot);
      life.remove(volume);
      return emptyAnswer(202);
    } },
    ...metadataRoutes(`${path}/:id`, 'Volume', find),
  ];
}

/** An administrator sees its own project's volumes, and everyone's when it asks for them. */
function mine(core: Core, request: ApiRequest): VolumeRecord[] {
  const { caller, query } = request;
  const isAll = caller.isAdmin && ['1', 'true', 'True'].includes(query.get('all_tenants') ?? '');
  const project = query.get('project_id');
  return Object.values(core.state.cinder.volumes).filter((volume) => (
    sees(volume, caller) && (isAll ? project === null || volume.project_id === project : volume.project_id === caller.projectId)));
}

function listingOf(core: Core): Listing<VolumeRecord> {
  return { collection: 'volumes', kind: 'Volume', filters: {
    name: ({ name }) => name ?? '', status: ({ status }) => status, metadata: ({ metadata }) => metadata, bootable: ({ bootable }) => bootable,
    availability_zone: (volume) => volume.availability_zone, id: ({ id }) => id, multiattach: ({ multiattach }) => multiattach,
    volume_type: (volume) => core.state.cinder.types[volume.volume_type_id]?.name ?? '', user_id: (volume) => volume.user_id,
  } };
}

/** @throws ApiError 400 when it is attached, busy or has snapshots */
function checkDeletable(core: Core, volume: VolumeRecord, snapshots: number): void {
  const isIdle = ['available', 'error', 'error_extending', 'error_deleting'].includes(volume.status);
  if (isIdle && attachmentsOf(core, volume.id).length === 0 && snapshots === 0) return;
  throw badRequest('Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, '
    + 'belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.');
}
