/** Finds what a request names, for a caller that may have it. */
import type { Core } from '../core.ts';
import { forbidden, notFound } from '../errors.ts';
import type { Caller } from '../http/service.ts';
import type { HealthMonitorRecord, ListenerRecord, LoadBalancerRecord, MemberRecord, PoolRecord } from './records.ts';

/** @throws ApiError 404; 403 for another project's */
export function findIn<T extends { id: string; project_id: string }>(table: Record<string, T>, what: string, id: string, caller: Caller): T {
  const record = table[id];
  if (!record) throw notFound('NotFound', `${what} ${id} not found.`);
  if (!sees(record, caller)) throw forbidden('Policy does not allow this request to be performed.');
  return record;
}

export function sees(record: { project_id: string }, caller: Caller): boolean {
  return record.project_id === caller.projectId || caller.isAdmin || caller.roles.includes('load-balancer_admin');
}

export function findLoadBalancer(core: Core, id: string, caller: Caller): LoadBalancerRecord {
  return findIn(core.state.octavia.loadBalancers, 'Load Balancer', id, caller);
}

export function findListener(core: Core, id: string, caller: Caller): ListenerRecord {
  return findIn(core.state.octavia.listeners, 'Listener', id, caller);
}

export function findPool(core: Core, id: string, caller: Caller): PoolRecord {
  return findIn(core.state.octavia.pools, 'Pool', id, caller);
}

export function findMember(core: Core, poolId: string, id: string, caller: Caller): MemberRecord {
  const member = findIn(core.state.octavia.members, 'Member', id, caller);
  if (member.pool_id !== poolId) throw notFound('NotFound', `Member ${id} not found.`);
  return member;
}

export function findMonitor(core: Core, id: string, caller: Caller): HealthMonitorRecord {
  return findIn(core.state.octavia.healthMonitors, 'Health Monitor', id, caller);
}

/** The load balancer something hangs on. It exists as long as its children do. */
export function parentOf(core: Core, child: { loadbalancer_id: string } | { pool_id: string }): LoadBalancerRecord {
  const id = 'loadbalancer_id' in child ? child.loadbalancer_id : core.state.octavia.pools[child.pool_id]?.loadbalancer_id;
  const lb = core.state.octavia.loadBalancers[id ?? ''];
  if (!lb) throw notFound('NotFound', `Load Balancer ${id ?? ''} not found.`);
  return lb;
}
