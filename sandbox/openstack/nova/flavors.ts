/** Flavors. */
import { newId, type Core } from '../core.ts';
import { conflict, forbidden, notFound } from '../errors.ts';
import { asRecord, asString } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { microversion } from './microversion.ts';
import { pageOf } from './paging.ts';
import type { FlavorRecord } from './records.ts';

export function flavorRoutes(core: Core): Route[] {
  const all = (): FlavorRecord[] => Object.values(core.state.nova.flavors).sort((a, b) => (a.id < b.id ? -1 : 1));
  return [
    { method: 'GET', path: '/v2.1/flavors', handle: (request) => ok(pageOf('flavors', wanted(all(), request).map((flavor) => brief(flavor, request)), request)) },
    { method: 'GET', path: '/v2.1/flavors/detail', handle: (request) => ok(pageOf('flavors', wanted(all(), request).map((flavor) => flavorView(flavor, request)), request)) },
    { method: 'GET', path: '/v2.1/flavors/:id', handle: (request) => ok({ flavor: flavorView(find(request), request) }) },
    { method: 'GET', path: '/v2.1/flavors/:id/os-extra_specs', handle: (request) => ok({ extra_specs: find(request).extraSpecs }) },
    { method: 'POST', path: '/v2.1/flavors', handle: (request) => {
      onlyAdmin(request, 'create');
      const { name, vcpus, ram, disk, id } = asRecord(asRecord(request.body)['flavor']);
      if (all().some((flavor) => flavor.name === name)) throw conflict('conflictingRequest', `Flavor with name ${asString(name)} already exists.`);
      const flavor: FlavorRecord = { id: asString(id) === '' || id === 'auto' ? newId(core) : asString(id), name: asString(name), vcpus: Number(vcpus), ramMb: Number(ram), diskGb: Number(disk), extraSpecs: {} };
      core.state.nova.flavors[flavor.id] = flavor;
      return ok({ flavor: flavorView(flavor, request) });
    } },
    { method: 'DELETE', path: '/v2.1/flavors/:id', handle: (request) => {
      onlyAdmin(request, 'delete');
      Reflect.deleteProperty(core.state.nova.flavors, find(request).id);
      return { status: 202 };
    } },
  ];

  function find(request: ApiRequest): FlavorRecord {
    const id = request.params['id'] ?? '';
    const flavor = core.state.nova.flavors[id];
    if (!flavor) throw notFound('itemNotFound', `Flavor ${id} could not be found.`);
    return flavor;
  }
}

function onlyAdmin(request: ApiRequest, action: string): void {
  if (!request.caller.isAdmin) throw forbidden(`Policy doesn't allow os_compute_api:os-flavor-manage:${action} to be performed.`);
}

function wanted(flavors: readonly FlavorRecord[], request: ApiRequest): FlavorRecord[] {
  const minRam = Number(request.query.get('minRam') ?? 0);
  const minDisk = Number(request.query.get('minDisk') ?? 0);
  return flavors.filter((flavor) => flavor.ramMb >= minRam && flavor.diskGb >= minDisk);
}

function brief(flavor: FlavorRecord, request: ApiRequest): { id: string } {
  return { id: flavor.id, name: flavor.name, ...(microversion(request.headers) >= 55 ? { description: null } : {}), ...links(flavor.id, request) } as { id: string };
}

function flavorView(flavor: FlavorRecord, request: ApiRequest): { id: string } {
  const minor = microversion(request.headers);
  return {
    id: flavor.id, name: flavor.name, ram: flavor.ramMb, disk: flavor.diskGb, swap: minor >= 75 ? 0 : '', vcpus: flavor.vcpus, rxtx_factor: 1,
    'OS-FLV-EXT-DATA:ephemeral': 0, 'OS-FLV-DISABLED:disabled': false, 'os-flavor-access:is_public': true,
    ...(minor >= 55 ? { description: null } : {}),
    ...(minor >= 61 ? { extra_specs: flavor.extraSpecs } : {}),
    ...links(flavor.id, request),
  } as { id: string };
}

function links(id: string, request: ApiRequest): object {
  return { links: [{ rel: 'self', href: `${request.baseUrl}/v2.1/flavors/${id}` }, { rel: 'bookmark', href: `${request.baseUrl}/flavors/${id}` }] };
}
