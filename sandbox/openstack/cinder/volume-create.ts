/** `POST /volumes`: what is asked for, checked before anything is made. Nova makes volumes here too. */
import { newId, type Core } from '../core.ts';
import { badRequest, notFound } from '../errors.ts';
import { asString, type JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { findSnapshot, findVolume } from './find.ts';
import { checkQuota } from './quotas.ts';
import type { VolumeRecord, VolumeTypeRecord } from './records.ts';
import { metadataOf, sizeOf, textOf } from './schema.ts';
import { cinderTime } from './views.ts';

/** @returns the record of the new volume, which is `creating`. @throws ApiError 400, 404, 413 (quota) as Cinder does */
export function createVolume(core: Core, sent: JsonObject, caller: Caller): VolumeRecord {
  const name = textOf('name', sent['name']);
  const description = textOf('description', sent['description']);
  const metadata = metadataOf(sent['metadata']);
  const asked = sent['size'] === undefined || sent['size'] === null ? undefined : sizeOf('size', sent['size']);
  const type = wantedType(core, sent['volume_type']);
  const source = wantedSource(core, sent, caller);
  const size = asked ?? source.size;
  if (size === undefined) throw badRequest('The server could not comply with the request since it is either malformed or otherwise incorrect.');
  if (source.size !== undefined && size < source.size) throw tooSmall(source, size);
  const zone = wantedZone(core, sent['availability_zone'], source.zone);
  checkQuota(core, caller.projectId, { volumes: 1, gigabytes: size });
  const volume: VolumeRecord = {
    id: newId(core), name, description, project_id: caller.projectId, user_id: caller.userId, size, status: 'creating', availability_zone: zone,
    volume_type_id: (source.typeId === undefined ? undefined : core.state.cinder.types[source.typeId] ? source.typeId : undefined) ?? type.id,
    metadata, multiattach: sent['multiattach'] === true, bootable: source.isBootable ?? false,
    snapshot_id: source.snapshotId ?? null, source_volid: source.volumeId ?? null, image_metadata: source.imageMetadata ?? {},
    created_at: cinderTime(core), updated_at: null,
  };
  core.state.cinder.volumes[volume.id] = volume;
  return volume;
}

/** What a volume gets its content from, and what comes with it. */
interface Source {
  readonly size?: number;
  readonly zone?: string;
  readonly typeId?: string;
  readonly isBootable?: boolean;
  readonly snapshotId?: string;
  readonly volumeId?: string;
  readonly imageMetadata?: Record<string, string>;
}

function wantedSource(core: Core, sent: JsonObject, caller: Caller): Source {
  if (typeof sent['snapshot_id'] === 'string') {
    const snapshot = findSnapshot(core, sent['snapshot_id'], caller);
    if (snapshot.status !== 'available') throw badRequest(`Invalid snapshot: Originating snapshot status must be one of available values`);
    return { ...contentOf(core.state.cinder.volumes[snapshot.volume_id]), size: snapshot.size, snapshotId: snapshot.id };
  }
  if (typeof sent['source_volid'] === 'string') {
    const volume = findVolume(core, sent['source_volid'], caller);
    if (volume.status !== 'available' && volume.status !== 'in-use') throw badRequest(`Invalid volume: Originating volume status must be one of available, in-use values`);
    return { ...contentOf(volume), size: volume.size, volumeId: volume.id };
  }
  const imageId = asString(sent['imageRef'] ?? sent['image_id']);
  return imageId === '' ? {} : imageSource(core, imageId, caller);
}

function contentOf(volume: VolumeRecord | undefined): Source {
  return volume ? { zone: volume.availability_zone, typeId: volume.volume_type_id, isBootable: volume.bootable, imageMetadata: { ...volume.image_metadata } } : {};
}

/** Cinder keeps what Glance says of an image with the volume, all as text. */
function imageSource(core: Core, id: string, caller: Caller): Source {
  const image = core.state.glance.images[id];
  const isVisible = image && (caller.isAdmin || image.visibility === 'public' || image.owner === caller.projectId);
  if (!isVisible) throw badRequest('Invalid image identifier or unable to access requested image.');
  return {
    isBootable: true,
    imageMetadata: {
      image_id: image.id, image_name: image.name, checksum: image.checksum ?? '', container_format: image.container_format, disk_format: image.disk_format,
      min_disk: String(image.min_disk), min_ram: String(image.min_ram), size: String(image.size ?? 0), ...image.properties,
    },
  };
}

function tooSmall(source: Source, size: number): Error {
  const of = source.snapshotId === undefined ? 'source volume' : 'snapshot';
  return badRequest(`Invalid input received: Volume size '${size}'GB cannot be smaller than the ${of === 'snapshot' ? 'snapshot size' : 'original volume size'} ${source.size}GB. They must be >= ${of === 'snapshot' ? 'original snapshot size' : 'original volume size'}.`);
}

function wantedType(core: Core, sent: unknown): VolumeTypeRecord {
  const types = Object.values(core.state.cinder.types);
  const asked = asString(sent);
  const type = asked === '' ? defaultType(core) : types.find((one) => one.name === asked || one.id === asked);
  if (!type) throw notFound('VolumeTypeNotFoundByName', `Volume type with name ${asked} could not be found.`);
  return type;
}

/** The last one, as Cinder's own `__DEFAULT__` is there only for clouds that name none. */
export function defaultType(core: Core): VolumeTypeRecord | undefined {
  return Object.values(core.state.cinder.types).at(-1);
}

function wantedZone(core: Core, sent: unknown, sourceZone: string | undefined): string {
  const { zones } = core.state.cinder;
  const asked = asString(sent) || sourceZone || (zones[0] ?? '');
  if (!zones.includes(asked)) throw badRequest(`Availability zone '${asked}' is invalid.`);
  return asked;
}
