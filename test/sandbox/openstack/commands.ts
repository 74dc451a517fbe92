/** What clients ask of the cloud in random order, and what happens to it by itself, as data that fast-check can shrink. */
import fc from 'fast-check';
import type { CloudState } from '../../../sandbox/openstack/index.ts';

const kinds = [
  'makeNetwork', 'makeSubnet', 'makePort', 'makeRouter', 'addInterface', 'removeInterface', 'setGateway', 'clearGateway', 'makeFloating', 'associate', 'disassociate',
  'deleteNetwork', 'deleteSubnet', 'deletePort', 'deleteRouter', 'deleteFloating', 'makeServer', 'stop', 'start', 'reboot', 'deleteServer', 'makeLoadBalancer', 'addListener',
  'addPool', 'addMember', 'deleteMember', 'deletePool', 'deleteListener', 'deleteLoadBalancer', 'setQuota', 'serverExits', 'memberSick',
  'makeVolume', 'extendVolume', 'deleteVolume', 'makeSnapshot', 'deleteSnapshot', 'addVolume', 'detachVolume', 'makeGroup', 'deleteGroup', 'makeTrunk', 'addSubport', 'removeSubport', 'deleteTrunk',
] as const;

/** `a` and `b` choose among what is there when the command's turn comes. */
export interface Command { readonly kind: (typeof kinds)[number]; readonly a: number; readonly b: number }

/** Makers come more often than enders, or nothing would ever be there. */
export const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...kinds.filter((kind) => /^(make|add)/.test(kind))) }, { weight: 2, arbitrary: fc.constantFrom(...kinds) }),
  a: fc.nat({ max: 7 }), b: fc.nat({ max: 7 }),
});

export interface Call { readonly service: 'network' | 'compute' | 'load-balancer' | 'volumev3'; readonly method: string; readonly path: string; readonly body?: object }

/** The HTTP call of a command in this state; undefined when there is nothing that it could be about. */
export function callOf({ kind, a, b }: Command, state: CloudState): Call | undefined {
  const { neutron, nova, octavia, glance, cinder } = state;
  const project = Object.values(state.keystone.projects).find((one) => one.name === 'keelson')!.id;
  const pick = <T extends { id: string }>(table: Record<string, T>, n: number, isFit: (one: T) => boolean = () => true): T | undefined => {
    const all = Object.values(table).filter((one) => (!('project_id' in one) || one.project_id === project) && isFit(one));
    return all[n % Math.max(all.length, 1)];
  };
  const network = pick(neutron.networks, a);
  const subnet = pick(neutron.subnets, b);
  const port = pick(neutron.ports, b);
  const router = pick(neutron.routers, a);
  const floating = pick(neutron.floatingIps, a);
  const server = pick(nova.servers, a);
  const lb = pick(octavia.loadBalancers, a);
  const pool = pick(octavia.pools, a);
  const member = pick(octavia.members, b);
  const listener = pick(octavia.listeners, b);
  const volume = pick(cinder.volumes, b);
  const snapshot = pick(cinder.snapshots, a);
  const group = pick(nova.serverGroups, a);
  const trunk = pick(neutron.trunks, a);
  const free = pick(neutron.ports, b, (one) => one.device_owner === '');
  const holder = pick(nova.servers, a, ({ volumes }) => volumes.some((one) => !one.is_root && one.volume_id !== ''));
  const held = holder?.volumes.find((one) => !one.is_root && one.volume_id !== '');
  const external = Object.values(neutron.networks).find((one) => one['router:external'])!.id;
  const net = (method: string, path: string, body?: object): Call => ({ service: 'network', method, path: `/v2.0/${path}`, ...(body && { body }) });
  const balance = (method: string, path: string, body?: object): Call => ({ service: 'load-balancer', method, path: `/v2.0/lbaas/${path}`, ...(body && { body }) });
  const block = (method: string, path: string, body?: object): Call => ({ service: 'volumev3', method, path: `/${path}`, ...(body && { body }) });
  const act = (body: object): Call | undefined => server && { service: 'compute', method: 'POST', path: `/servers/${server.id}/action`, body };
  switch (kind) {
    case 'makeNetwork': return net('POST', 'networks', { network: { name: `n${a}` } });
    case 'makeSubnet': return network && net('POST', 'subnets', { subnet: { network_id: network.id, ip_version: 4, cidr: `10.${b}.0.0/28` } });
    case 'makePort': return network && net('POST', 'ports', { port: { network_id: network.id, name: `p${b}` } });
    case 'makeRouter': return net('POST', 'routers', { router: { name: `r${a}`, ...(b % 2 === 0 ? { external_gateway_info: { network_id: external } } : {}) } });
    case 'addInterface': return router && subnet && net('PUT', `routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
    case 'removeInterface': return router && subnet && net('PUT', `routers/${router.id}/remove_router_interface`, { subnet_id: subnet.id });
    case 'setGateway': return router && net('PUT', `routers/${router.id}`, { router: { external_gateway_info: { network_id: external } } });
    case 'clearGateway': return router && net('PUT', `routers/${router.id}`, { router: { external_gateway_info: null } });
    case 'makeFloating': return net('POST', 'floatingips', { floatingip: { floating_network_id: external, ...(port && a % 2 === 0 ? { port_id: port.id } : {}) } });
    case 'associate': return floating && port && net('PUT', `floatingips/${floating.id}`, { floatingip: { port_id: port.id } });
    case 'disassociate': return floating && net('PUT', `floatingips/${floating.id}`, { floatingip: { port_id: null } });
    case 'deleteNetwork': return network && net('DELETE', `networks/${network.id}`);
    case 'deleteSubnet': return subnet && net('DELETE', `subnets/${subnet.id}`);
    case 'deletePort': return port && net('DELETE', `ports/${port.id}`);
    case 'deleteRouter': return router && net('DELETE', `routers/${router.id}`);
    case 'deleteFloating': return floating && net('DELETE', `floatingips/${floating.id}`);
    case 'makeServer': return network && { service: 'compute', method: 'POST', path: '/servers', body: { server: {
      name: `s${b}`, flavorRef: Object.keys(nova.flavors)[b % 3], imageRef: Object.keys(glance.images)[0], networks: [port && b % 3 === 0 ? { port: port.id } : { uuid: network.id }],
      // One of four boots from a volume that goes with it.
      ...(b % 4 === 1 ? { block_device_mapping_v2: [{ boot_index: 0, uuid: Object.keys(glance.images)[0], source_type: 'image', destination_type: 'volume', volume_size: 20, delete_on_termination: true }] } : {}),
    }, ...(group && a % 2 === 1 ? { 'os:scheduler_hints': { group: group.id } } : {}) } };
    case 'stop': return act({ 'os-stop': null });
    case 'start': return act({ 'os-start': null });
    case 'reboot': return act({ reboot: { type: b % 2 === 0 ? 'SOFT' : 'HARD' } });
    case 'deleteServer': return server && { service: 'compute', method: 'DELETE', path: `/servers/${server.id}` };
    case 'makeLoadBalancer': return subnet && balance('POST', 'loadbalancers', { loadbalancer: { name: `lb${a}`, vip_subnet_id: subnet.id, provider: 'amphora' } });
    case 'addListener': return lb && balance('POST', 'listeners', { listener: { loadbalancer_id: lb.id, protocol: 'TCP', protocol_port: 1000 + b, ...(pool && pool.loadbalancer_id === lb.id ? { default_pool_id: pool.id } : {}) } });
    case 'addPool': return lb && balance('POST', 'pools', { pool: { loadbalancer_id: lb.id, protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } });
    case 'addMember': return pool && balance('POST', `pools/${pool.id}/members`, { member: { address: `10.0.0.${b + 1}`, protocol_port: 80 } });
    case 'deleteMember': return member && balance('DELETE', `pools/${member.pool_id}/members/${member.id}`);
    case 'deletePool': return pool && balance('DELETE', `pools/${pool.id}`);
    case 'deleteListener': return listener && balance('DELETE', `listeners/${listener.id}`);
    case 'deleteLoadBalancer': return lb && balance('DELETE', `loadbalancers/${lb.id}${b % 2 === 0 ? '?cascade=true' : ''}`);
    case 'makeVolume': return block('POST', 'volumes', { volume: snapshot && a % 4 === 1 ? { snapshot_id: snapshot.id, size: snapshot.size } : volume && a % 4 === 2 ? { source_volid: volume.id, size: volume.size } : { size: 1 + (a % 3) } });
    case 'extendVolume': return volume && block('POST', `volumes/${volume.id}/action`, { 'os-extend': { new_size: volume.size + (a % 3) } });
    case 'deleteVolume': return volume && block('DELETE', `volumes/${volume.id}${a % 2 === 0 ? '?cascade=true' : ''}`);
    case 'makeSnapshot': return volume && block('POST', 'snapshots', { snapshot: { volume_id: volume.id, force: a % 2 === 0 } });
    case 'deleteSnapshot': return snapshot && block('DELETE', `snapshots/${snapshot.id}`);
    case 'addVolume': return server && volume && { service: 'compute', method: 'POST', path: `/servers/${server.id}/os-volume_attachments`, body: { volumeAttachment: { volumeId: volume.id } } };
    case 'detachVolume': return holder && held && { service: 'compute', method: 'DELETE', path: `/servers/${holder.id}/os-volume_attachments/${held.volume_id}` };
    case 'makeGroup': return { service: 'compute', method: 'POST', path: '/os-server-groups', body: { server_group: { name: `g${b}`, policies: [a % 2 === 0 ? 'anti-affinity' : 'soft-anti-affinity'] } } };
    case 'deleteGroup': return group && { service: 'compute', method: 'DELETE', path: `/os-server-groups/${group.id}` };
    case 'makeTrunk': return free && net('POST', 'trunks', { trunk: { port_id: free.id, name: `t${a}` } });
    case 'addSubport': return trunk && free && net('PUT', `trunks/${trunk.id}/add_subports`, { sub_ports: [{ port_id: free.id, segmentation_type: 'vlan', segmentation_id: 100 + b }] });
    case 'removeSubport': return trunk && port && net('PUT', `trunks/${trunk.id}/remove_subports`, { sub_ports: [{ port_id: port.id }] });
    case 'deleteTrunk': return trunk && net('DELETE', `trunks/${trunk.id}`);
    case 'setQuota': return undefined;
    case 'serverExits': case 'memberSick': return undefined;
  }
}
