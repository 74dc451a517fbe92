/**
 * The life of a load balancer between two ACTIVEs. A change puts the load balancer and what it touches into PENDING_*; while it is there,
 * anything else is refused with 409; when the fabric has it, all become ACTIVE (or are gone). Only one change is under way at a time.
 */
import { isoSeconds } from '../clock.ts';
import type { Core } from '../core.ts';
import { conflict } from '../errors.ts';
import { prefixLength } from '../neutron/fabric-sync.ts';
import { deletePort } from '../neutron/port-life.ts';
import type { WantedLoadBalancer } from '../seams.ts';
import type { HealthMonitorRecord, ListenerRecord, LoadBalancerRecord, MemberRecord, PoolRecord, Provisioned, ProvisioningStatus } from './records.ts';

/** Octavia leaves the time zone out. */
export function octaviaTime(core: Core): string {
  return isoSeconds(core.clock.now()).slice(0, 19);
}

/** For a change below the load balancer. @throws ApiError 409 unless it is ACTIVE */
export function checkMutable(lb: LoadBalancerRecord): void {
  if (lb.provisioning_status !== 'ACTIVE') throw conflict('ImmutableObject', `Load Balancer ${lb.id} is immutable and cannot be updated.`);
}

/** For a change of the load balancer itself. In ERROR it may only be deleted. @throws ApiError 409 */
export function checkState(lb: LoadBalancerRecord, verb: 'update' | 'delete'): void {
  const isReady = lb.provisioning_status === 'ACTIVE' || (verb === 'delete' && lb.provisioning_status === 'ERROR');
  if (!isReady) throw conflict('LBPendingStateError', `Invalid state ${lb.provisioning_status} of loadbalancer resource ${lb.id}`);
}

/** The load balancer and `touched` go into their pending states; what follows happens by itself. */
export function begin(core: Core, lb: LoadBalancerRecord, touched: readonly { record: Provisioned; status: ProvisioningStatus }[], lbStatus: ProvisioningStatus = 'PENDING_UPDATE'): void {
  lb.provisioning_status = lbStatus;
  for (const { record, status } of touched) record.provisioning_status = status;
  core.background.run(`${lbStatus} load balancer ${lb.id}`, async (signal) => {
    await core.clock.sleep(core.delays.loadBalancerMs, signal);
    core.convergence.mark('loadBalancer', lb.id);
    await core.convergence.settled('loadBalancer', lb.id);
  });
}

export function registerOctavia(core: Core): void {
  const { octavia } = core.state;
  core.convergence.register('loadBalancer', {
    after: (id) => {
      const lb = octavia.loadBalancers[id];
      return lb ? [{ kind: 'network', id: lb.vip_network_id }] : [];
    },
    apply: async (id) => {
      const lb = octavia.loadBalancers[id];
      if (lb && lb.provisioning_status !== 'PENDING_DELETE') return core.fabric.ensureLoadBalancer(wantedLoadBalancer(core, lb));
      await core.fabric.removeLoadBalancer(id);
      core.convergence.forget('loadBalancer', id);
    },
    onDone: (id) => {
      const lb = octavia.loadBalancers[id];
      if (lb) finish(core, lb);
    },
    onFailed: (id) => {
      const lb = octavia.loadBalancers[id];
      if (lb) fail(core, lb);
    },
  });
  core.fabric.onHealth((memberId, state) => {
    const member = octavia.members[memberId];
    if (member && monitorOf(core, member.pool_id)) member.operating_status = state;
  });
}

function finish(core: Core, lb: LoadBalancerRecord): void {
  if (lb.provisioning_status === 'PENDING_DELETE') return vanish(core, lb);
  const { octavia } = core.state;
  const now = octaviaTime(core);
  for (const table of [octavia.healthMonitors, octavia.members, octavia.pools, octavia.listeners] as Record<string, Provisioned>[]) {
    for (const record of Object.values(table)) {
      if (!belongs(core, record, lb.id)) continue;
      if (record.provisioning_status === 'PENDING_DELETE') Reflect.deleteProperty(table, record.id);
      else if (record.provisioning_status !== 'ACTIVE') Object.assign(record, { provisioning_status: 'ACTIVE', updated_at: now, ...operating(core, record) });
    }
  }
  Object.assign(lb, { provisioning_status: 'ACTIVE', operating_status: 'ONLINE', updated_at: now });
}

/** What was under way is in ERROR, and so is its load balancer (`octavia/controller/worker/v2/tasks/lifecycle_tasks.py`, `revert`). */
function fail(core: Core, lb: LoadBalancerRecord): void {
  const { octavia } = core.state;
  for (const table of [octavia.healthMonitors, octavia.members, octavia.pools, octavia.listeners] as Record<string, Provisioned>[]) {
    for (const record of Object.values(table)) if (belongs(core, record, lb.id) && record.provisioning_status.startsWith('PENDING')) record.provisioning_status = 'ERROR';
  }
  lb.provisioning_status = 'ERROR';
}

/** What an object's operating status becomes when it is in place; members with a monitor wait for their health. */
function operating(core: Core, record: Provisioned): { operating_status?: Provisioned['operating_status'] } {
  if (!isMember(record)) return { operating_status: 'ONLINE' };
  return monitorOf(core, record.pool_id) ? {} : { operating_status: 'NO_MONITOR' };
}

/** The load balancer and everything below it are gone; its port too, unless the client brought it. */
export function vanish(core: Core, lb: LoadBalancerRecord): void {
  const { octavia } = core.state;
  const port = core.state.neutron.ports[lb.vip_port_id];
  if (port && !lb.vip_port_is_foreign) deletePort(core, port);
  for (const table of [octavia.healthMonitors, octavia.members, octavia.pools, octavia.listeners] as Record<string, Provisioned>[]) {
    for (const record of Object.values(table)) if (belongs(core, record, lb.id)) Reflect.deleteProperty(table, record.id);
  }
  Reflect.deleteProperty(octavia.loadBalancers, lb.id);
}

function belongs(core: Core, record: Provisioned, lbId: string): boolean {
  if ('loadbalancer_id' in record) return record.loadbalancer_id === lbId;
  const poolId = 'pool_id' in record ? String(record.pool_id) : '';
  return core.state.octavia.pools[poolId]?.loadbalancer_id === lbId;
}

function isMember(record: Provisioned): record is MemberRecord {
  return 'pool_id' in record && 'address' in record;
}

export function listenersOf(core: Core, lbId: string): ListenerRecord[] {
  return Object.values(core.state.octavia.listeners).filter((listener) => listener.loadbalancer_id === lbId);
}

export function poolsOf(core: Core, lbId: string): PoolRecord[] {
  return Object.values(core.state.octavia.pools).filter((pool) => pool.loadbalancer_id === lbId);
}

export function membersOf(core: Core, poolId: string): MemberRecord[] {
  return Object.values(core.state.octavia.members).filter((member) => member.pool_id === poolId);
}

export function monitorOf(core: Core, poolId: string): HealthMonitorRecord | undefined {
  return Object.values(core.state.octavia.healthMonitors).find((monitor) => monitor.pool_id === poolId && monitor.provisioning_status !== 'PENDING_DELETE');
}

/** What the fabric should have: objects on their way out are left out already, and so is what is administratively down. */
export function wantedLoadBalancer(core: Core, lb: LoadBalancerRecord): WantedLoadBalancer {
  const { neutron } = core.state;
  const port = neutron.ports[lb.vip_port_id];
  const subnet = neutron.subnets[lb.vip_subnet_id];
  const listeners = listenersOf(core, lb.id).filter(isIn);
  return {
    id: lb.id,
    vip: {
      portId: lb.vip_port_id, networkId: lb.vip_network_id, address: lb.vip_address, prefixLength: prefixLength(subnet?.cidr),
      ...(subnet?.gateway_ip ? { gateway: subnet.gateway_ip } : {}), mac: port?.mac_address ?? '',
    },
    listeners: listeners.map((listener) => ({
      id: listener.id, protocol: listener.protocol === 'UDP' ? 'UDP' as const : 'TCP' as const, port: listener.protocol_port,
      allowedCidrs: listener.allowed_cidrs ?? [], ...wantedPool(core, listener.default_pool_id),
    })),
  };
}

function wantedPool(core: Core, poolId: string | null): Pick<WantedLoadBalancer['listeners'][number], 'members' | 'monitor'> {
  const pool = poolId === null ? undefined : core.state.octavia.pools[poolId];
  if (!pool || !isIn(pool)) return { members: [] };
  const members = membersOf(core, pool.id).filter((member) => isIn(member) && member.weight > 0);
  const monitor = monitorOf(core, pool.id);
  return {
    members: members.map((member) => ({ id: member.id, address: member.address, port: member.protocol_port })),
    ...(monitor && isIn(monitor) ? { monitor: wantedMonitor(monitor) } : {}),
  };
}

function wantedMonitor(monitor: HealthMonitorRecord): NonNullable<WantedLoadBalancer['listeners'][number]['monitor']> {
  const type = monitor.type === 'HTTP' || monitor.type === 'HTTPS' || monitor.type === 'UDP-CONNECT' ? monitor.type : 'TCP';
  return {
    type, delayMs: monitor.delay * 1000, timeoutMs: monitor.timeout * 1000, maxRetries: monitor.max_retries,
    ...(monitor.url_path === null ? {} : { path: monitor.url_path }),
  };
}

function isIn(record: Provisioned): boolean {
  return record.provisioning_status !== 'PENDING_DELETE' && record.admin_state_up;
}
