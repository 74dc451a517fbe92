/** Volumes, snapshots and attachments as the API shows them, which depends on the microversion asked for. */
import { createHash } from 'node:crypto';
import type { Core } from '../core.ts';
import type { JsonObject } from '../http/json.ts';
import type { ApiRequest, ApiResponse } from '../http/service.ts';
import { attachmentsOf } from './find.ts';
import { microversion } from './microversion.ts';
import type { AttachmentRecord, SnapshotRecord, VolumeRecord, VolumeTypeRecord } from './records.ts';

/** What WebOb answers to a delete: nothing, of its default type. */
export function emptyAnswer(status: number): ApiResponse {
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8' } };
}

/** Cinder's clock shows microseconds without a zone. */
export function cinderTime(core: Pick<Core, 'clock'>): string {
  return new Date(core.clock.now()).toISOString().replace('Z', '000');
}

export function links(collection: string, id: string, request: ApiRequest): JsonObject[] {
  const project = request.params['project'] ?? '';
  return [
    { rel: 'self', href: `${request.baseUrl}/v3/${project}/${collection}/${id}` },
    { rel: 'bookmark', href: `${request.baseUrl}/${project}/${collection}/${id}` },
  ];
}

export function briefVolume(volume: VolumeRecord, request: ApiRequest): JsonObject {
  return { id: volume.id, name: volume.name, links: links('volumes', volume.id, request) };
}

/** What the answers to create and update calls show: without the attributes that extensions add. */
export function plainVolume(core: Core, volume: VolumeRecord, request: ApiRequest): JsonObject {
  const { id, name, description, size, status, availability_zone, created_at, updated_at, metadata, user_id, snapshot_id, source_volid, multiattach } = volume;
  return {
    id, name, description, size, status, availability_zone, created_at, updated_at, metadata, user_id, snapshot_id, source_volid, multiattach,
    attachments: attachmentsOf(core, id).filter((one) => one.status === 'attached' || one.status === 'detaching').map((one) => volumeAttachment(one, request)),
    volume_type: core.state.cinder.types[volume.volume_type_id]?.name ?? null, bootable: String(volume.bootable), encrypted: false,
    replication_status: null, consistencygroup_id: null, links: links('volumes', id, request),
  };
}

/** @param isShown shown alone: a list leaves out what would cost a look at each backend */
export function volumeView(core: Core, volume: VolumeRecord, request: ApiRequest, isShown: boolean): JsonObject {
  const minor = microversion(request.headers);
  return {
    ...plainVolume(core, volume, request),
    'os-vol-tenant-attr:tenant_id': volume.project_id,
    ...(Object.keys(volume.image_metadata).length > 0 ? { volume_image_metadata: volume.image_metadata } : {}),
    ...(minor >= 13 ? { group_id: null } : {}),
    ...(minor >= 48 && isShown ? { shared_targets: false, service_uuid: serviceId(volume.availability_zone) } : {}),
    ...(minor >= 63 ? { volume_type_id: volume.volume_type_id } : {}),
    ...(minor >= 65 ? { consumes_quota: true } : {}),
    ...(request.caller.isAdmin ? {
      migration_status: null, 'os-vol-mig-status-attr:migstat': null, 'os-vol-mig-status-attr:name_id': null, 'os-vol-host-attr:host': `${backendOf(volume.availability_zone)}#files`,
      ...(minor >= 21 ? { provider_id: null } : {}), ...(minor >= 61 ? { cluster_name: null } : {}),
    } : {}),
  };
}

/** The backend of a zone, as an administrator sees it. */
export function backendOf(zone: string): string {
  return `keelson@${zone}`;
}

/** A service has the same id as long as the zone exists. */
function serviceId(zone: string): string {
  const hex = createHash('sha256').update(`cinder-volume ${zone}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

/** An attachment inside a volume. */
function volumeAttachment(one: AttachmentRecord, request: ApiRequest): JsonObject {
  return {
    id: one.volume_id, attachment_id: one.id, volume_id: one.volume_id, server_id: one.server_id, device: one.device, attached_at: one.attached_at,
    host_name: request.caller.isAdmin ? one.host : null,
  };
}

export function briefAttachment(one: AttachmentRecord): JsonObject {
  return { id: one.id, status: one.status, instance: one.server_id, volume_id: one.volume_id };
}

export function attachmentView(one: AttachmentRecord): JsonObject {
  const isAttached = one.status === 'attached';
  return {
    ...briefAttachment(one), attach_mode: isAttached ? 'rw' : 'null', attached_at: one.attached_at ?? '', detached_at: '',
    connection_info: isAttached ? { access_mode: 'rw', attachment_id: one.id, driver_volume_type: 'local' } : {},
  };
}

/** @param isFull shown alone or in a detailed list */
export function snapshotView(snapshot: SnapshotRecord, request: ApiRequest, isFull: boolean): JsonObject {
  const minor = microversion(request.headers);
  const { id, name, description, volume_id, size, status, metadata, created_at, updated_at } = snapshot;
  return {
    id, name, description, volume_id, size, status, metadata, created_at, updated_at,
    ...(isFull ? { 'os-extended-snapshot-attributes:project_id': snapshot.project_id, 'os-extended-snapshot-attributes:progress': status === 'creating' ? '0%' : '100%' } : {}),
    ...(minor >= 14 ? { group_snapshot_id: null } : {}),
    ...(minor >= 41 ? { user_id: snapshot.user_id } : {}),
    ...(minor >= 65 ? { consumes_quota: true } : {}),
  };
}

export function typeView(type: VolumeTypeRecord, request: ApiRequest): JsonObject {
  const { id, name, description } = type;
  return { id, name, description, is_public: true, extra_specs: request.caller.isAdmin ? type.extra_specs : {} };
}
