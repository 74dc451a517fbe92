/** A server as the API shows it, which depends on the microversion asked for. */
import type { Core } from '../core.ts';
import type { JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import type { PortRecord } from '../neutron/records.ts';
import { microversion } from './microversion.ts';
import type { ServerRecord } from './records.ts';

/** The status clients see, from Nova's inner states (`nova/api/openstack/common.py`). */
export function statusOf(server: ServerRecord): string {
  switch (server.vmState) {
    case 'building': return 'BUILD';
    case 'active': return server.taskState === 'rebooting' ? 'REBOOT' : server.taskState === 'rebooting_hard' ? 'HARD_REBOOT' : 'ACTIVE';
    case 'stopped': return 'SHUTOFF';
    case 'error': return 'ERROR';
    case 'deleted': return 'DELETED';
  }
}

export function briefView(server: ServerRecord, request: ApiRequest): { id: string } {
  return { id: server.id, name: server.name, links: links('servers', server.id, request) } as { id: string };
}

export function serverView(core: Core, server: ServerRecord, request: ApiRequest): { id: string } {
  const minor = microversion(request.headers);
  return {
    id: server.id, name: server.name, status: statusOf(server), tenant_id: server.project_id, user_id: server.user_id,
    metadata: server.metadata, hostId: server.host === '' ? '' : hostId(server),
    image: server.imageId === '' ? '' : { id: server.imageId, links: bookmark('images', server.imageId, request) },
    flavor: flavorView(core, server, request, minor),
    created: server.createdAt, updated: server.updatedAt, addresses: addresses(core, server),
    accessIPv4: '', accessIPv6: '', links: links('servers', server.id, request),
    'OS-DCF:diskConfig': 'MANUAL', ...progress(server), 'OS-EXT-AZ:availability_zone': server.zone,
    config_drive: server.configDrive ? 'True' : '', key_name: server.keyName,
    'OS-SRV-USG:launched_at': server.launchedAt, 'OS-SRV-USG:terminated_at': server.terminatedAt ?? null,
    'OS-EXT-STS:task_state': server.taskState, 'OS-EXT-STS:vm_state': server.vmState, 'OS-EXT-STS:power_state': server.powerState,
    'os-extended-volumes:volumes_attached': server.volumes.filter((one) => one.volume_id !== '').map((one) => ({
      id: one.volume_id, ...(minor >= 3 ? { delete_on_termination: one.delete_on_termination } : {}),
    })),
    ...securityGroups(core, server),
    ...(server.fault && server.vmState === 'error' ? { fault: server.fault } : {}),
    ...since(minor, server),
    ...(request.caller.isAdmin ? administratorsView(server, minor) : {}),
  } as { id: string };
}

/** The answer to a change shows no more than Nova's first API did. */
export function updatedView(core: Core, server: ServerRecord, request: ApiRequest): JsonObject {
  const shown = serverView(core, server, request) as JsonObject;
  const names = Object.keys(shown).filter((name) => !extended.test(name));
  const plain = Object.fromEntries(Object.entries(addresses(core, server)).map(([network, list]) => [network, list.map(({ version, addr }) => ({ version, addr }))]));
  return { ...Object.fromEntries(names.map((name) => [name, shown[name]])), addresses: plain };
}

const extended = /^OS-EXT|^OS-SRV|^os-ext|^config_drive$|^key_name$|^security_groups$/;

/** Attributes that later microversions added for everyone. */
function since(minor: number, server: ServerRecord): JsonObject {
  return {
    ...(minor >= 9 ? { locked: server.locked } : {}),
    ...(minor >= 19 ? { description: server.description } : {}),
    ...(minor >= 26 ? { tags: [...server.tags].sort() } : {}),
    ...(minor >= 63 ? { trusted_image_certificates: null } : {}),
    ...(minor >= 71 ? { server_groups: server.serverGroupId === null ? [] : [server.serverGroupId] } : {}),
    ...(minor >= 73 ? { locked_reason: null } : {}),
    ...(minor >= 90 ? { 'OS-EXT-SRV-ATTR:hostname': server.hostname } : {}),
  };
}

function administratorsView(server: ServerRecord, minor: number): JsonObject {
  return {
    'OS-EXT-SRV-ATTR:host': server.host || null,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host || null,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.id.slice(0, 8)}`,
    ...(minor >= 3 ? {
      'OS-EXT-SRV-ATTR:hostname': server.hostname, 'OS-EXT-SRV-ATTR:kernel_id': '', 'OS-EXT-SRV-ATTR:ramdisk_id': '', 'OS-EXT-SRV-ATTR:launch_index': 0,
      'OS-EXT-SRV-ATTR:reservation_id': server.reservationId, 'OS-EXT-SRV-ATTR:user_data': server.userData,
      'OS-EXT-SRV-ATTR:root_device_name': server.host === '' ? null : '/dev/vda',
    } : {}),
    ...(minor >= 16 ? { host_status: server.host === '' || server.vmState === 'deleted' ? '' : 'UP' } : {}),
  };
}

function flavorView(core: Core, server: ServerRecord, request: ApiRequest, minor: number): JsonObject {
  const flavor = core.state.nova.flavors[server.flavorId];
  if (minor < 47) return { id: server.flavorId, links: bookmark('flavors', server.flavorId, request) };
  return { vcpus: flavor?.vcpus, ram: flavor?.ramMb, disk: flavor?.diskGb, ephemeral: 0, swap: 0, original_name: flavor?.name, extra_specs: flavor?.extraSpecs ?? {} };
}

/** Progress is left out for servers in error. */
function progress(server: ServerRecord): JsonObject {
  return ['error', 'stopped', 'deleted'].includes(server.vmState) ? {} : { progress: 0 };
}

/** By network name, with floating addresses beside the fixed ones. */
export function addresses(core: Core, server: ServerRecord): Record<string, JsonObject[]> {
  const { ports, networks, floatingIps } = core.state.neutron;
  const shown: Record<string, JsonObject[]> = {};
  for (const port of Object.values(ports)) {
    if (!isShown(port, server)) continue;
    const entry = (addr: string, type: 'fixed' | 'floating'): JsonObject => ({
      version: addr.includes(':') ? 6 : 4, addr, 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': port.mac_address,
    });
    const list = (shown[networks[port.network_id]?.name ?? port.network_id] ??= []);
    for (const ip of port.fixed_ips) {
      list.push(entry(ip.ip_address, 'fixed'));
      const floating = Object.values(floatingIps).find((one) => one.port_id === port.id && one.fixed_ip_address === ip.ip_address);
      if (floating) list.push(entry(floating.floating_ip_address, 'floating'));
    }
  }
  return shown;
}

/** Nova asks for a server's ports only once it has a host. */
function isShown(port: PortRecord, server: ServerRecord): boolean {
  return port.device_id === server.id && port['binding:host_id'] !== '';
}

function securityGroups(core: Core, server: ServerRecord): JsonObject {
  const ports = Object.values(core.state.neutron.ports).filter((port) => isShown(port, server));
  const names = ports.flatMap((port) => port.security_groups.map((id) => core.state.neutron.securityGroups[id]?.name ?? id));
  return names.length === 0 ? {} : { security_groups: [...new Set(names)].map((name) => ({ name })) };
}

function hostId(server: ServerRecord): string {
  return `${server.host}${server.project_id}`.split('').reduce((hash, c) => (hash * 31n + BigInt(c.charCodeAt(0))) % (1n << 224n), 7n).toString(16).padStart(56, '0');
}

function links(collection: string, id: string, request: ApiRequest): JsonObject[] {
  return [{ rel: 'self', href: `${request.baseUrl}/v2.1/${collection}/${id}` }, ...bookmark(collection, id, request)];
}

function bookmark(collection: string, id: string, request: ApiRequest): JsonObject[] {
  return [{ rel: 'bookmark', href: `${request.baseUrl}/${collection}/${id}` }];
}
