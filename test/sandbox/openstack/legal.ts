/** What must hold of the cloud's state at any time, whatever was asked of it and in whatever order. */
import type { CloudState } from '../../../sandbox/openstack/index.ts';

type Row = Record<string, unknown> & { readonly id: string; readonly project_id: string };

/** @returns what is wrong, in words; nothing when the state is legal */
export function illegal(state: CloudState): string[] {
  const { neutron, nova, octavia, cinder } = state;
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
  for (const trunk of Object.values(neutron.trunks)) check([trunk.port_id, ...trunk.sub_ports.map((one) => one.port_id)].every((id) => id in neutron.ports), `trunk ${trunk.id} of a port that is gone`);
  const carried = Object.values(neutron.trunks).flatMap((trunk) => [trunk.port_id, ...trunk.sub_ports.map((one) => one.port_id)]);
  check(new Set(carried).size === carried.length, 'a port is in two trunks, or twice in one');
  const apart = Object.values(nova.servers).filter((server) => server.host !== '' && nova.serverGroups[server.serverGroupId ?? '']?.policy === 'anti-affinity').map((server) => `${server.serverGroupId} on ${server.host}`);
  check(new Set(apart).size === apart.length, 'two servers of a group that keeps them apart are on one host');
  for (const id of Object.keys(nova.deletedServers)) {
    check(!(id in nova.servers), `server ${id} is deleted and there`);
    check(!Object.values(neutron.ports).some((port) => port.device_id === id), `server ${id} is deleted and has a port`);
    check(!Object.values(cinder.attachments).some((one) => one.server_id === id), `server ${id} is deleted and has a volume`);
  }
  return [...wrong, ...illegalVolumes(state)];
}

/** What volumes, attachments, snapshots and servers say of each other. */
function illegalVolumes({ nova, cinder }: CloudState): string[] {
  const wrong: string[] = [];
  const check = (isRight: boolean, what: string): void => { if (!isRight) wrong.push(what); };
  for (const one of Object.values(cinder.attachments)) {
    check(one.volume_id in cinder.volumes, `attachment ${one.id} of no volume`);
    check(nova.servers[one.server_id]?.volumes.some((held) => held.volume_id === one.volume_id && held.attachment_id === one.id) === true, `attachment ${one.id} to a server that does not know of it`);
  }
  for (const server of Object.values(nova.servers)) {
    for (const held of server.volumes) check(held.attachment_id === '' || held.attachment_id in cinder.attachments, `server ${server.id} has volume ${held.volume_id} by an attachment that is gone`);
    const devices = server.volumes.map((held) => held.device);
    check(new Set(devices).size === devices.length, `server ${server.id} has two volumes at one device`);
  }
  for (const { id, status, size, multiattach } of Object.values(cinder.volumes)) {
    const states = Object.values(cinder.attachments).filter((one) => one.volume_id === id).map((one) => one.status);
    check(size > 0, `volume ${id} of ${size} GiB`);
    check(multiattach || states.length <= 1, `volume ${id} is attached twice`);
    check(status !== 'in-use' || states.includes('attached'), `volume ${id} is in use by nobody`);
    check(!['available', 'deleting', 'creating'].includes(status) || states.length === 0, `volume ${id} is ${status} and attached`);
  }
  for (const snapshot of Object.values(cinder.snapshots)) check(snapshot.volume_id in cinder.volumes || snapshot.status === 'deleting' || snapshot.status === 'error', `snapshot ${snapshot.id} of no volume`);
  return wrong;
}

/** What has not come to its end. */
export function pending(state: CloudState): string[] {
  const { nova, octavia, cinder } = state;
  const passing = ['creating', 'extending', 'deleting', 'attaching', 'detaching'];
  return [
    ...Object.values(nova.servers).filter((server) => server.taskState !== null || server.vmState === 'building').map((server) => `server ${server.vmState} ${server.taskState}`),
    ...Object.values(cinder.volumes).filter(({ status }) => passing.includes(status)).map(({ id, status }) => `volume ${id} ${status}`),
    ...Object.values(cinder.snapshots).filter(({ status }) => passing.includes(status)).map(({ id, status }) => `snapshot ${id} ${status}`),
    ...[octavia.loadBalancers, octavia.listeners, octavia.pools, octavia.members].flatMap((table) => Object.values(table))
      .filter((one) => one.provisioning_status.startsWith('PENDING')).map((one) => `${one.name || one.id} ${one.provisioning_status}`),
  ];
}

/** Every record with an id of its own, by table. */
export function rows(state: CloudState): Map<string, Row> {
  const tables = [state.neutron, state.nova, state.octavia, state.cinder].flatMap((service) => Object.values(service) as Record<string, Row>[]);
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
