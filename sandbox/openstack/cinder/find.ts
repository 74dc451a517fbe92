/** Finds what a caller names, as far as the caller may see it. */
import type { Core } from '../core.ts';
import { notFound } from '../errors.ts';
import type { Caller } from '../http/service.ts';
import type { AttachmentRecord, SnapshotRecord, TransferRecord, VolumeRecord, VolumeTypeRecord } from './records.ts';

export function sees(record: { readonly project_id: string }, caller: Caller): boolean {
  return caller.isAdmin || record.project_id === caller.projectId;
}

/** @throws ApiError 404 */
export function findVolume(core: Core, id: string, caller: Caller): VolumeRecord {
  const volume = core.state.cinder.volumes[id];
  if (!volume || !sees(volume, caller)) throw notFound('VolumeNotFound', `Volume ${id} could not be found.`);
  return volume;
}

/** @throws ApiError 404 */
export function findSnapshot(core: Core, id: string, caller: Caller): SnapshotRecord {
  const snapshot = core.state.cinder.snapshots[id];
  if (!snapshot || !sees(snapshot, caller)) throw notFound('SnapshotNotFound', `Snapshot ${id} could not be found.`);
  return snapshot;
}

/** @throws ApiError 404 */
export function findAttachment(core: Core, id: string, caller: Caller): AttachmentRecord {
  const attachment = core.state.cinder.attachments[id];
  const volume = attachment && core.state.cinder.volumes[attachment.volume_id];
  if (!volume || !sees(volume, caller)) throw notFound('VolumeAttachmentNotFound', `Volume attachment could not be found with filter: attachment_id = ${id}.`);
  return attachment;
}

/** @throws ApiError 404 */
export function findTransfer(core: Core, id: string): TransferRecord {
  const transfer = core.state.cinder.transfers[id];
  if (!transfer) throw notFound('TransferNotFound', `Transfer ${id} could not be found.`);
  return transfer;
}

/** By id. @throws ApiError 404 */
export function findType(core: Core, id: string): VolumeTypeRecord {
  const type = core.state.cinder.types[id];
  if (!type) throw notFound('VolumeTypeNotFound', `Volume type ${id} could not be found.`);
  return type;
}

export function attachmentsOf(core: Core, volumeId: string): AttachmentRecord[] {
  return Object.values(core.state.cinder.attachments).filter((one) => one.volume_id === volumeId);
}

export function snapshotsOf(core: Core, volumeId: string): SnapshotRecord[] {
  return Object.values(core.state.cinder.snapshots).filter((one) => one.volume_id === volumeId);
}
