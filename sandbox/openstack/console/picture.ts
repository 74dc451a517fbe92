/** The cloud as a person would draw it, as plain data: by project, networks with what hangs on them, servers by zone, load balancers. No secret, no user data. */
import type { Core } from '../core.ts';
import type { ActiveFault } from '../faults/rule.ts';
import { statusOf } from '../nova/server-view.ts';
import { networksOf, routersOf, type NetworkPicture, type RouterPicture } from './network-picture.ts';
import type { QuotaPicture, QuotaReader } from './quota-picture.ts';

export interface CloudPicture {
  /** RFC 3339. */
  readonly at: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** What goes wrong because someone asked for it. */
  readonly faults: readonly ActiveFault[];
  readonly projects: readonly ProjectPicture[];
  /** The newest first. */
  readonly calls: readonly CallPicture[];
}

export interface ProjectPicture {
  readonly id: string;
  readonly name: string;
  readonly networks: readonly NetworkPicture[];
  readonly routers: readonly RouterPicture[];
  /** By zone, then by name. */
  readonly servers: readonly ServerPicture[];
  readonly loadBalancers: readonly LoadBalancerPicture[];
  readonly volumes: readonly VolumePicture[];
  readonly quotas: readonly QuotaPicture[];
}

export interface ServerPicture {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly status: string;
  /** What it is doing, empty when nothing. */
  readonly task: string;
  readonly flavor: string;
  readonly image: string;
  readonly addresses: readonly { readonly networkId: string; readonly network: string; readonly address: string; readonly floating: string }[];
  /** Why it is in ERROR. */
  readonly fault: string;
}

export interface LoadBalancerPicture {
  readonly id: string;
  readonly name: string;
  readonly provisioning: string;
  readonly operating: string;
  readonly provider: string;
  readonly networkId: string;
  readonly address: string;
  readonly floating: string;
  readonly listeners: readonly { readonly name: string; readonly protocol: string; readonly port: number; readonly members: readonly MemberPicture[] }[];
}

export interface MemberPicture { readonly address: string; readonly port: number; readonly health: string }
export interface VolumePicture { readonly id: string; readonly name: string; readonly zone: string; readonly sizeGb: number; readonly status: string }

export interface CallPicture {
  readonly at: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  /** 0: the connection was reset. */
  readonly status: number;
  readonly tookMs: number;
  /** `user of project`, empty for calls without a token. */
  readonly who: string;
  readonly client: string;
}

export function pictureOf(core: Core, quotasOf: QuotaReader): CloudPicture {
  const { keystone } = core.state;
  return {
    at: new Date(core.clock.now()).toISOString(), region: core.state.region, zones: core.state.zones, faults: core.faults.list(),
    projects: Object.values(keystone.projects).map(({ id, name }) => ({
      id, name, networks: networksOf(core, id), routers: routersOf(core, id), servers: serversOf(core, id), loadBalancers: loadBalancersOf(core, id),
      volumes: volumesOf(core, id), quotas: quotasOf(id),
    })),
    calls: core.accessLog.last().map((call) => ({
      at: new Date(call.atMs).toISOString(), service: call.service, method: call.method, path: call.path, status: call.status, tookMs: call.tookMs, client: call.userAgent,
      who: call.userId === '' ? '' : `${keystone.users[call.userId]?.name ?? call.userId} of ${keystone.projects[call.projectId]?.name ?? (call.projectId || 'no project')}`,
    })),
  };
}

function serversOf(core: Core, projectId: string): ServerPicture[] {
  const { nova, neutron } = core.state;
  const servers = Object.values(nova.servers).filter((server) => server.project_id === projectId).map((server) => ({
    id: server.id, name: server.name, zone: server.zone, status: statusOf(server), task: server.taskState ?? '',
    flavor: nova.flavors[server.flavorId]?.name ?? server.flavorId, image: server.imageName, fault: server.fault?.message ?? '',
    addresses: Object.values(neutron.ports).filter((port) => port.device_id === server.id).flatMap((port) => port.fixed_ips.map((ip) => ({
      networkId: port.network_id, network: neutron.networks[port.network_id]?.name ?? port.network_id, address: ip.ip_address, floating: floatingOn(core, port.id, ip.ip_address),
    }))),
  }));
  return servers.sort((a, b) => a.zone.localeCompare(b.zone) || a.name.localeCompare(b.name));
}

function floatingOn(core: Core, portId: string, address: string): string {
  return Object.values(core.state.neutron.floatingIps).find((one) => one.port_id === portId && one.fixed_ip_address === address)?.floating_ip_address ?? '';
}

function loadBalancersOf(core: Core, projectId: string): LoadBalancerPicture[] {
  const { octavia } = core.state;
  const membersOf = (poolId: string | null): MemberPicture[] => Object.values(octavia.members).filter((member) => member.pool_id === poolId)
    .map((member) => ({ address: member.address, port: member.protocol_port, health: member.operating_status }));
  return Object.values(octavia.loadBalancers).filter((lb) => lb.project_id === projectId).map((lb) => ({
    id: lb.id, name: lb.name, provisioning: lb.provisioning_status, operating: lb.operating_status, provider: lb.provider, networkId: lb.vip_network_id, address: lb.vip_address,
    floating: floatingOn(core, lb.vip_port_id, lb.vip_address),
    listeners: Object.values(octavia.listeners).filter((listener) => listener.loadbalancer_id === lb.id)
      .map((listener) => ({ name: listener.name, protocol: listener.protocol, port: listener.protocol_port, members: membersOf(listener.default_pool_id) })),
  }));
}

/** Of the block storage service, where the cloud has one. */
function volumesOf(core: Core, projectId: string): VolumePicture[] {
  const { cinder } = core.state as { cinder?: { volumes: Record<string, { id: string; name: string | null; project_id: string; availability_zone: string; size: number; status: string }> } };
  return Object.values(cinder?.volumes ?? {}).filter((volume) => volume.project_id === projectId)
    .map(({ id, name, availability_zone: zone, size, status }) => ({ id, name: name ?? '', zone, sizeGb: size, status }));
}
