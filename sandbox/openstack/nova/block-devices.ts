/** `block_device_mapping_v2` of a create call: which volumes a server gets, and what it boots from (`nova/compute/api.py`, `_validate_bdm`). */
import { findSnapshot } from '../cinder/find.ts';
import type { VolumeRecord } from '../cinder/records.ts';
import { newId, type Core } from '../core.ts';
import { ApiError, badRequest } from '../errors.ts';
import { asRecord, asString, type JsonObject } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { isUuid, repr } from '../neutron/attributes.ts';
import type { ServerVolume } from './records.ts';

const sourceTypes = ['volume', 'image', 'snapshot', 'blank'];

export interface BootPlan {
  /** Empty when it boots from a volume. */
  readonly imageId: string;
  /** Of the image, or of the one the root volume was made from. */
  readonly imageName: string;
  readonly volumes: readonly ServerVolume[];
}

/** @throws ApiError 400 */
export function bootPlan(core: Core, sent: JsonObject, caller: Caller): BootPlan {
  const imageRef = asString(sent['imageRef']).split('/').at(-1) ?? '';
  const devices = Array.isArray(sent['block_device_mapping_v2']) ? sent['block_device_mapping_v2'].map(asRecord) : [];
  for (const device of devices) checkSource(device);
  if (imageRef === '' && devices.length === 0) throw badRequest(sent['imageRef'] === undefined ? 'Missing imageRef attribute' : 'Invalid imageRef provided.');
  const roots = devices.filter((device) => bootIndex(device) === 0);
  const root = roots[0];
  const isFromVolume = root !== undefined && root['destination_type'] === 'volume';
  if (!root && imageRef === '' || roots.length > 1) throw badSequence();
  const imageId = imageRef || (root?.['source_type'] === 'image' ? asString(root['uuid']) : '');
  const image = imageId === '' ? undefined : imageOf(core, imageId);
  const used = new Set(isFromVolume ? [] : ['/dev/vda']);
  const sorted = isFromVolume ? [root, ...devices.filter((device) => device !== root)] : devices;
  const planned = sorted.filter((device) => device['destination_type'] === 'volume').map((device) => serverVolume(core, device, { caller, used }));
  const imageName = image?.name ?? (isFromVolume ? rootImageName(core, root) : '');
  // The order the client gave is the order in which volumes are reserved; devices are named with the root first.
  return { imageId: isFromVolume ? '' : imageId, imageName, volumes: planned };
}

/** The next free name of a disk. */
export function nextDevice(used: ReadonlySet<string>): string {
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') if (!used.has(`/dev/vd${letter}`)) return `/dev/vd${letter}`;
  throw new ApiError(403, 'TooManyDiskDevices', 'The maximum allowed number of disk devices (26) to attach to a single instance has been exceeded.');
}

function checkSource(device: JsonObject): void {
  const source = device['source_type'];
  if (typeof source === 'string' && sourceTypes.includes(source)) return;
  throw badRequest(`Invalid input for field/attribute source_type. Value: ${asString(source)}. ${repr(source)} is not one of ['volume', 'image', 'snapshot', 'blank']`);
}

function bootIndex(device: JsonObject): number {
  const index = device['boot_index'];
  return index === null || index === undefined ? -1 : Number(index);
}

function badSequence(): ApiError {
  return badRequest('Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.');
}

function imageOf(core: Core, id: string): { name: string } {
  const image = core.state.glance.images[id];
  if (!image) throw badRequest(isUuid(id) ? 'Can not find requested image' : 'Invalid imageRef provided.');
  return image;
}

function serverVolume(core: Core, device: JsonObject, { caller, used }: { caller: Caller; used: Set<string> }): ServerVolume {
  const isRoot = bootIndex(device) === 0;
  const name = nextDevice(used);
  used.add(name);
  const { volumeId, make } = origin(core, device, caller);
  return {
    volume_id: volumeId, attachment_id: '', bdm_id: newId(core), device: name, is_root: isRoot, delete_on_termination: device['delete_on_termination'] === true,
    tag: typeof device['tag'] === 'string' ? device['tag'] : null, ...(make ? { make } : {}),
  };
}

function origin(core: Core, device: JsonObject, caller: Caller): { volumeId: string; make?: NonNullable<ServerVolume['make']> } {
  const id = asString(device['uuid']);
  const size = Number(device['volume_size'] ?? 0);
  const type = typeof device['volume_type'] === 'string' ? { volume_type: device['volume_type'] } : {};
  switch (device['source_type']) {
    case 'volume': {
      const volume = volumeOf(core, id, caller);
      if (bootIndex(device) === 0 && !volume.bootable) throw badRequest(`Block Device ${id} is not bootable.`);
      return { volumeId: id };
    }
    case 'snapshot': return { volumeId: '', make: { size: Math.max(size, snapshotSize(core, id, caller)), snapshot_id: id, ...type } };
    case 'image':
      if (size === 0) throw badRequest("Images with destination_type 'volume' need to have a non-zero size specified");
      imageOf(core, id);
      return { volumeId: '', make: { size, image_id: id, ...type } };
    default:
      if (size === 0) throw badRequest("Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size");
      return { volumeId: '', make: { size, ...type } };
  }
}

function volumeOf(core: Core, id: string, caller: Caller): VolumeRecord {
  const volume = core.state.cinder.volumes[id];
  if (!volume || (!caller.isAdmin && volume.project_id !== caller.projectId)) throw badRequest(`Block Device Mapping is Invalid: failed to get volume ${id}.`);
  return volume;
}

function snapshotSize(core: Core, id: string, caller: Caller): number {
  try {
    return findSnapshot(core, id, caller).size;
  } catch {
    throw badRequest(`Snapshot ${id} could not be found.`);
  }
}

function rootImageName(core: Core, root: JsonObject): string {
  const { cinder } = core.state;
  const id = asString(root['uuid']);
  const volume = cinder.volumes[id] ?? cinder.volumes[cinder.snapshots[id]?.volume_id ?? ''];
  return volume?.image_metadata['image_name'] ?? '';
}
