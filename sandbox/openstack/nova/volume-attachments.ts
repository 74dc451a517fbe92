/** `/servers/:id/os-volume_attachments`: the volumes of a server. */
import { findVolume } from '../cinder/find.ts';
import type { Core } from '../core.ts';
import { badRequest, notFound } from '../errors.ts';
import { asRecord, asString, isRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { repr } from '../neutron/attributes.ts';
import { microversion } from './microversion.ts';
import type { ServerRecord, ServerVolume } from './records.ts';
import { findServer, wrongState } from './server-create.ts';
import type { ServerVolumes } from './server-volumes.ts';

const path = '/v2.1/servers/:id/os-volume_attachments';

export function volumeAttachmentRoutes(core: Core, volumes: ServerVolumes): Route[] {
  return [
    { method: 'GET', path, handle: (request) => {
      const server = findServer(core, request);
      return ok({ volumeAttachments: server.volumes.map((one) => view(server, one, request)) });
    } },
    { method: 'POST', path, handle: (request) => {
      const server = findServer(core, request);
      const sent = asRecord(request.body)['volumeAttachment'];
      if (!isRecord(sent)) throw badRequest("'volumeAttachment' is a required property");
      if (sent['volumeId'] === undefined) throw badRequest(`Invalid input for field/attribute volumeAttachment. Value: ${repr(sent)}. 'volumeId' is a required property`);
      if (!['active', 'stopped'].includes(server.vmState) || server.taskState === 'deleting') throw wrongState(server, 'attach_volume');
      const one = volumes.attach(server, asString(sent['volumeId']), {
        caller: request.caller, tag: typeof sent['tag'] === 'string' ? sent['tag'] : null, deleteOnTermination: sent['delete_on_termination'] === true,
      });
      return ok({ volumeAttachment: view(server, one, request) });
    } },
    { method: 'GET', path: `${path}/:volume`, handle: (request) => {
      const server = findServer(core, request);
      return ok({ volumeAttachment: view(server, attached(server, request), request) });
    } },
    { method: 'DELETE', path: `${path}/:volume`, handle: (request) => {
      const server = findServer(core, request);
      findVolume(core, request.params['volume'] ?? '', request.caller);
      const one = attached(server, request);
      if (one.is_root && server.vmState !== 'building') throw badRequest('Cannot detach a root device volume');
      volumes.detach(server, one);
      return { status: 202 };
    } },
  ];
}

function attached(server: ServerRecord, request: ApiRequest): ServerVolume {
  const id = request.params['volume'] ?? '';
  const one = server.volumes.find((volume) => volume.volume_id === id);
  if (!one) throw notFound('itemNotFound', `Instance ${server.id} is not attached to volume ${id}`);
  return one;
}

/** The id of an attachment is that of its volume until 2.89, which took it away. */
function view(server: ServerRecord, one: ServerVolume, request: ApiRequest): JsonObject {
  const minor = microversion(request.headers);
  return {
    ...(minor >= 89 ? { attachment_id: one.attachment_id, bdm_uuid: one.bdm_id } : { id: one.volume_id }),
    serverId: server.id, volumeId: one.volume_id, device: one.device,
    ...(minor >= 70 ? { tag: one.tag } : {}),
    ...(minor >= 79 ? { delete_on_termination: one.delete_on_termination } : {}),
  };
}
