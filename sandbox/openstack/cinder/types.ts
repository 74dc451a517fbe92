/** Volume types, zones and services: where volumes can be. */
import { newId, type Core } from '../core.ts';
import { conflict, forbidden } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { findType } from './find.ts';
import type { VolumeTypeRecord } from './records.ts';
import { sentObject, textOf } from './schema.ts';
import { backendOf, cinderTime, typeView } from './views.ts';
import { defaultType } from './volume-create.ts';

const path = '/v3/:project/types';

export function typeRoutes(core: Core): Route[] {
  const { types, zones } = core.state.cinder;
  const full = (type: VolumeTypeRecord, request: ApiRequest): JsonObject => ({ ...typeView(type, request), 'os-volume-type-access:is_public': true });
  const onlyAdmin = (request: ApiRequest, rule: string): void => {
    if (!request.caller.isAdmin) throw forbidden(`Policy doesn't allow volume_extension:${rule} to be performed.`);
  };
  return [
    { method: 'GET', path, handle: (request) => ok({ volume_types: Object.values(types).reverse().map((type) => full(type, request)) }) },
    { method: 'POST', path, handle: (request) => {
      onlyAdmin(request, 'type_create');
      const sent = sentObject(request, 'volume_type');
      const name = textOf('name', sent['name']) ?? '';
      if (Object.values(types).some((type) => type.name === name)) throw conflict('VolumeTypeExists', `Volume Type ${name} already exists.`);
      const type: VolumeTypeRecord = { id: newId(core), name, description: textOf('description', sent['description']), extra_specs: asRecord(sent['extra_specs']) as Record<string, string> };
      types[type.id] = type;
      return ok({ volume_type: full(type, request) });
    } },
    { method: 'GET', path: `${path}/default`, handle: (request) => {
      const type = defaultType(core);
      return ok({ volume_type: type ? typeView(type, request) : findType(core, 'default') });
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ volume_type: full(findType(core, request.params['id'] ?? ''), request) }) },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      onlyAdmin(request, 'type_delete');
      Reflect.deleteProperty(types, findType(core, request.params['id'] ?? '').id);
      return { status: 202 };
    } },
    { method: 'GET', path: '/v3/:project/os-availability-zone', handle: () => ok({ availabilityZoneInfo: zones.map((zoneName) => ({ zoneName, zoneState: { available: true } })) }) },
    { method: 'GET', path: '/v3/:project/os-services', handle: (request) => {
      onlyAdmin(request, 'services:index');
      const service = { status: 'enabled', state: 'up', updated_at: cinderTime(core), disabled_reason: null };
      return ok({ services: [
        { binary: 'cinder-scheduler', host: 'keelson', zone: zones[0], ...service },
        ...zones.map((zone) => ({ binary: 'cinder-volume', host: backendOf(zone), zone, ...service, replication_status: 'disabled', active_backend_id: null, frozen: false })),
      ] });
    } },
  ];
}
