/** Hosts as an administrator sees them: services, zones, aggregates, hypervisors. Members see the zones. */
import { isoMicroseconds } from '../clock.ts';
import type { Core } from '../core.ts';
import { forbidden, notFound } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { freeOf, openZones, serversOn } from './scheduler.ts';
import type { HostRecord } from './records.ts';

export function hostRoutes(core: Core): Route[] {
  const hosts = (): HostRecord[] => Object.values(core.state.nova.hosts);
  const now = (): string => isoMicroseconds(core.clock.now()).replace('Z', '');
  const zoneInfo = (zoneName: string, shown: unknown): JsonObject => ({ zoneName, zoneState: { available: openZones(core).has(zoneName) }, hosts: shown });
  const service = (host: HostRecord): JsonObject => ({
    id: host.service_id, binary: 'nova-compute', host: host.name, zone: host.zone, state: 'up', status: host.is_enabled ? 'enabled' : 'disabled',
    disabled_reason: host.disabled_reason, forced_down: false, updated_at: now(),
  });
  return [
    { method: 'GET', path: '/v2.1/os-availability-zone', handle: () => ok({ availabilityZoneInfo: core.state.zones.map((zone) => zoneInfo(zone, null)) }) },
    { method: 'GET', path: '/v2.1/os-availability-zone/detail', handle: (request) => {
      onlyAdmin(request, 'os-availability-zone:detail');
      const alive = (is: boolean): JsonObject => ({ active: is, available: true, updated_at: now() });
      const zones = core.state.zones.map((zone) => zoneInfo(zone, Object.fromEntries(
        hosts().filter((host) => host.zone === zone).map((host) => [host.name, { 'nova-compute': alive(host.is_enabled) }]))));
      const internal = { zoneName: 'internal', zoneState: { available: true }, hosts: { controller: { 'nova-conductor': alive(true), 'nova-scheduler': alive(true) } } };
      return ok({ availabilityZoneInfo: [internal, ...zones] });
    } },
    { method: 'GET', path: '/v2.1/os-services', handle: (request) => {
      onlyAdmin(request, 'os-services:list');
      const wanted = (name: string, value: string): boolean => request.query.get(name) === null || request.query.get(name) === value;
      return ok({ services: hosts().filter((host) => wanted('binary', 'nova-compute') && wanted('host', host.name)).map(service) });
    } },
    { method: 'PUT', path: '/v2.1/os-services/:id', handle: (request) => {
      onlyAdmin(request, 'os-services:update');
      const id = request.params['id'] ?? '';
      const host = hosts().find((one) => one.service_id === id);
      if (!host) throw notFound('itemNotFound', `Service ${id} could not be found.`);
      const { status, disabled_reason } = asRecord(request.body);
      if (status === 'enabled' || status === 'disabled') host.is_enabled = status === 'enabled';
      host.disabled_reason = typeof disabled_reason === 'string' && !host.is_enabled ? disabled_reason : null;
      return ok({ service: service(host) });
    } },
    { method: 'GET', path: '/v2.1/os-aggregates', handle: (request) => {
      onlyAdmin(request, 'os-aggregates:index');
      return ok({ aggregates: core.state.zones.map((zone, i) => aggregate(zone, i, hosts())) });
    } },
    { method: 'GET', path: '/v2.1/os-hypervisors', handle: (request) => {
      onlyAdmin(request, 'os-hypervisors:list');
      return ok({ hypervisors: hosts().map(briefHypervisor) });
    } },
    { method: 'GET', path: '/v2.1/os-hypervisors/detail', handle: (request) => {
      onlyAdmin(request, 'os-hypervisors:list-detail');
      return ok({ hypervisors: hosts().map((host) => hypervisor(core, host)) });
    } },
  ];
}

/** Each zone is an aggregate of its own. */
function aggregate(zone: string, i: number, hosts: readonly HostRecord[]): JsonObject {
  const inZone = hosts.filter((host) => host.zone === zone);
  return {
    id: i + 1, uuid: inZone[0]?.service_id ?? null, name: zone, availability_zone: zone, metadata: { availability_zone: zone }, hosts: inZone.map((host) => host.name),
    created_at: (inZone[0]?.created_at ?? '').replace('Z', '.000000'), updated_at: null, deleted: false, deleted_at: null,
  };
}

function briefHypervisor(host: HostRecord): JsonObject {
  return { id: host.service_id, hypervisor_hostname: host.name, state: 'up', status: host.is_enabled ? 'enabled' : 'disabled' };
}

function hypervisor(core: Core, host: HostRecord): JsonObject {
  const free = freeOf(core, host);
  return {
    ...briefHypervisor(host), hypervisor_type: 'keelson', service: { id: host.service_id, host: host.name, disabled_reason: host.disabled_reason },
    vcpus: host.vcpus, memory_mb: host.ramMb, memory_mb_used: host.ramMb - free.ramMb, free_ram_mb: free.ramMb, local_gb: host.diskGb,
    running_vms: serversOn(core, host.name).length,
  };
}

function onlyAdmin(request: ApiRequest, rule: string): void {
  if (!request.caller.isAdmin) throw forbidden(`Policy doesn't allow os_compute_api:${rule} to be performed.`);
}
