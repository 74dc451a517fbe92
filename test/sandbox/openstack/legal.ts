/** What must hold of the cloud's state at any time, whatever was asked of it and in whatever order. */
import type { CloudState } from '../../../sandbox/openstack/index.ts';

type Row = Record<string, unknown> & { readonly id: string; readonly project_id: string };

/** @returns what is wrong, in words; nothing when the state is legal */
export function illegal(state: CloudState): string[] {
  const { neutron, nova, octavia } = state;
  const wrong: string[] = [];
  const check = (isRight: boolean, what: string): void => { if (!isRight) wrong.push(what); };
  for (const subnet of Object.values(neutron.subnets)) check(subnet.network_id in neutron.networks, `subnet ${subnet.id} of no network`);
  for (const port of Object.values(neutron.ports)) {
    check(port.network_id in neutron.networks, `port ${port.id} of no network`);
    for (const ip of port.fixed_ips) check(neutron.subnets[ip.subnet_id]?.network_id === port.network_id, `port ${port.id} has ${ip.ip_address} of no subnet of its network`);
    if (port.device_owner === 'network:router_interface') check(port.device_id in neutron.routers, `port ${port.id} is a leg of no router`);
    if (port.device_owner.startsWith('compute:')) check(port.device_id in nova.servers, `port ${port.id} is plugged into no server`);
  }
  const addresses = Object.values(neutron.ports).flatMap((port) => port.fixed_ips.map((ip) => `${ip.subnet_id} ${ip.ip_address}`));
  check(new Set(addresses).size === addresses.length, 'an address is given out twice');
  for (const floating of Object.values(neutron.floatingIps)) {
    const port = floating.port_id === null ? undefined : neutron.ports[floating.port_id];
    check(floating.port_id === null || port !== undefined, `floating IP ${floating.id} on no port`);
    check(floating.port_id === null || floating.router_id === null || floating.router_id in neutron.routers, `floating IP ${floating.id} of no router`);
    check(floating.floating_port_id in neutron.ports, `floating IP ${floating.id} has no address`);
  }
  const onPorts = Object.values(neutron.floatingIps).flatMap((one) => (one.port_id === null ? [] : [`${one.port_id} ${one.fixed_ip_address}`]));
  check(new Set(onPorts).size === onPorts.length, 'two floating IPs on one address');
  // Not of load balancers: Neutron lets a project delete the port of its VIP, and so does the simulation.
  for (const listener of Object.values(octavia.listeners)) check(listener.loadbalancer_id in octavia.loadBalancers, `listener ${listener.id} of no load balancer`);
  for (const pool of Object.values(octavia.pools)) check(pool.loadbalancer_id in octavia.loadBalancers, `pool ${pool.id} of no load balancer`);
  for (const member of Object.values(octavia.members)) check(member.pool_id in octavia.pools, `member ${member.id} of no pool`);
  for (const server of Object.values(nova.servers)) check(server.flavorId in nova.flavors, `server ${server.id} of no flavor`);
  return wrong;
}

/** What has not come to its end. */
export function pending(state: CloudState): string[] {
  const { nova, octavia } = state;
  return [
    ...Object.values(nova.servers).filter((server) => server.taskState !== null || server.vmState === 'building').map((server) => `server ${server.vmState} ${server.taskState}`),
    ...[octavia.loadBalancers, octavia.listeners, octavia.pools, octavia.members].flatMap((table) => Object.values(table))
      .filter((one) => one.provisioning_status.startsWith('PENDING')).map((one) => `${one.name || one.id} ${one.provisioning_status}`),
  ];
}

/** Every record with an id of its own, by table. */
export function rows(state: CloudState): Map<string, Row> {
  const tables = [state.neutron, state.nova, state.octavia].flatMap((service) => Object.values(service) as Record<string, Row>[]);
  return new Map(tables.flatMap((table) => Object.entries(table).filter(([key, row]) => row?.id === key)));
}

/** Ids are given out once: remembers all it saw. */
export class IdWatch {
  readonly #gone = new Set<string>();
  #there = new Set<string>();

  /** @returns ids that are there again after they had gone */
  look(state: CloudState): string[] {
    const now = new Set(rows(state).keys());
    for (const id of this.#there) if (!now.has(id)) this.#gone.add(id);
    this.#there = now;
    return [...now].filter((id) => this.#gone.has(id));
  }
}
