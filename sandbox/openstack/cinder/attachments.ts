/** Attachments (since 3.27): who uses a volume. Nova makes one before it attaches and completes it afterwards; clients may do the same. */
import { newId, type Core } from '../core.ts';
import { ApiError, badRequest } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { attachmentsOf, findAttachment, findVolume, sees } from './find.ts';
import { listed, type Listing } from './listing.ts';
import { microversion } from './microversion.ts';
import type { AttachmentRecord, VolumeRecord } from './records.ts';
import { needs, sentObject } from './schema.ts';
import { attachmentView, briefAttachment, cinderTime } from './views.ts';
import type { VolumeLife } from './volume-life.ts';

const path = '/v3/:project/attachments';
const listing: Listing<AttachmentRecord> = { collection: 'attachments', kind: 'Attachment', filters: {
  volume_id: (one) => one.volume_id, instance_id: (one) => one.server_id, instance_uuid: (one) => one.server_id, status: ({ status }) => status,
} };

/** Nobody else may have it from here on. @throws ApiError 400 when someone has */
export function reserve(core: Core, life: VolumeLife, volume: VolumeRecord, serverId: string): AttachmentRecord {
  const mayShare = volume.multiattach && ['in-use', 'reserved'].includes(volume.status);
  if (volume.status !== 'available' && !mayShare) {
    throw badRequest(`Invalid volume: Volume ${volume.id} status must be available or downloading to reserve, but the current status is ${volume.status}.`);
  }
  const attachment: AttachmentRecord = { id: newId(core), volume_id: volume.id, server_id: serverId, status: 'reserved', device: '', host: '', attached_at: null };
  core.state.cinder.attachments[attachment.id] = attachment;
  life.followAttachments(volume);
  return attachment;
}

/** The server has it. */
export function complete(core: Core, life: VolumeLife, attachment: AttachmentRecord, where: { device: string; host: string }): void {
  Object.assign(attachment, where, { status: 'attached', attached_at: cinderTime(core) });
  follow(core, life, attachment);
}

/** Nobody has it any more. */
export function release(core: Core, life: VolumeLife, attachment: AttachmentRecord): void {
  Reflect.deleteProperty(core.state.cinder.attachments, attachment.id);
  follow(core, life, attachment);
}

/** It is on its way in or out. */
export function mark(core: Core, life: VolumeLife, attachment: AttachmentRecord, status: 'attaching' | 'detaching'): void {
  attachment.status = status;
  follow(core, life, attachment);
}

function follow(core: Core, life: VolumeLife, attachment: AttachmentRecord): void {
  const volume = core.state.cinder.volumes[attachment.volume_id];
  if (volume) life.followAttachments(volume);
}

export function attachmentRoutes(core: Core, life: VolumeLife): Route[] {
  const find = (request: ApiRequest): AttachmentRecord => findAttachment(core, request.params['id'] ?? '', request.caller);
  const routes: Route[] = [
    { method: 'GET', path, handle: (request) => {
      const { page, rest } = listed(mine(core, request), request, listing);
      return ok({ attachments: page.map(briefAttachment), ...rest });
    } },
    { method: 'GET', path: `${path}/detail`, handle: (request) => {
      const { page, rest } = listed(mine(core, request), request, listing);
      return ok({ attachments: page.map(attachmentView), ...rest });
    } },
    { method: 'POST', path, handle: (request) => {
      const sent = sentObject(request, 'attachment');
      needs(sent, 'attachment', 'volume_uuid');
      const volume = findVolume(core, String(sent['volume_uuid']), request.caller);
      const attachment = reserve(core, life, volume, String(sent['instance_uuid'] ?? ''));
      if (Object.keys(asRecord(sent['connector'])).length > 0) mark(core, life, attachment, 'attaching');
      return ok({ attachment: attachmentView(attachment) });
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ attachment: attachmentView(find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const attachment = find(request);
      mark(core, life, attachment, 'attaching');
      return ok({ attachment: attachmentView(attachment) });
    } },
    { method: 'POST', path: `${path}/:id/action`, handle: (request) => {
      const attachment = find(request);
      if (!('os-complete' in asRecord(request.body))) throw badRequest(`There is no such action: ${Object.keys(asRecord(request.body)).join(', ')}. Verify the request body and Content-Type header and try again.`);
      complete(core, life, attachment, { device: attachment.device, host: attachment.host });
      return { status: 204 };
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const attachment = find(request);
      release(core, life, attachment);
      return ok({ attachments: attachmentsOf(core, attachment.volume_id).map(attachmentView) });
    } },
  ];
  return routes.map((route) => ({ ...route, handle: (request) => {
    if (microversion(request.headers) < 27) throw new ApiError(404, 'VersionNotFoundForAPIMethod', 'The resource could not be found.');
    return route.handle(request);
  } }));
}

function mine(core: Core, request: ApiRequest): AttachmentRecord[] {
  return Object.values(core.state.cinder.attachments).filter((one) => {
    const volume = core.state.cinder.volumes[one.volume_id];
    return volume !== undefined && sees(volume, request.caller);
  });
}
