/** What clients ask of the cloud in random order, and what happens to it by itself, as data that fast-check can shrink. */
import fc from 'fast-check';
import type { CloudState } from '../../../sandbox/openstack/index.ts';

const kinds = [
  'makeNetwork', 'makeSubnet', 'makePort', 'makeRouter', 'addInterface', 'removeInterface', 'setGateway', 'clearGateway', 'makeFloating', 'associate', 'disassociate',
  'deleteNetwork', 'deleteSubnet', 'deletePort', 'deleteRouter', 'deleteFloating', 'makeServer', 'stop', 'start', 'reboot', 'deleteServer', 'makeLoadBalancer', 'addListener',
  'addPool', 'addMember', 'deleteMember', 'deletePool', 'deleteListener', 'deleteLoadBalancer', 'setQuota', 'serverExits', 'memberSick',
] as const;

/** `a` and `b` choose among what is there when the command's turn comes. */
export interface Command { readonly kind: (typeof kinds)[number]; readonly a: number; readonly b: number }

/** Makers come more often than enders, or nothing would ever be there. */
export const command: fc.Arbitrary<Command> = fc.record({
  kind: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...kinds.filter((kind) => /^(make|add)/.test(kind))) }, { weight: 2, arbitrary: fc.constantFrom(...kinds) }),
  a: fc.nat({ max: 7 }), b: fc.nat({ max: 7 }),
});

export interface Call { readonly service: 'network' | 'compute' | 'load-balancer'; readonly method: string; readonly path: string; readonly body?: object }

/** The HTTP call of a command in this state; undefined when there is nothing that it could be about. */
export function callOf({ kind, a, b }: Command, state: CloudState): Call | undefined {
  const { neutron, nova, octavia, glance } = state;
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
  const external = Object.values(neutron.networks).find((one) => one['router:external'])!.id;
  const net = (method: string, path: string, body?: object): Call => ({ service: 'network', method, path: `/v2.0/${path}`, ...(body && { body }) });
  const balance = (method: string, path: string, body?: object): Call => ({ service: 'load-balancer', method, path: `/v2.0/lbaas/${path}`, ...(body && { body }) });
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
      name: `s${b}`, flavorRef: Object.keys(nova.flavors)[b % 3], imageRef: Object.keys(glance.images)[0], networks: [port && b % 3 === 0 ? { port: port.id } : { uuid: network.id }] } } };
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
    case 'setQuota': return undefined;
    case 'serverExits': case 'memberSick': return undefined;
  }
}

/** Resources whose limit `setQuota` changes; a quota below what is used is legal, one more is not. */
export const limited = ['network', 'subnet', 'port', 'router', 'floatingip'] as const;
