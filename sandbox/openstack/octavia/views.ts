/** Load balancers and what is below them as the API shows them. */
import type { Core } from '../core.ts';
import type { JsonObject } from '../http/json.ts';
import { listenersOf, membersOf, monitorOf, poolsOf } from './provisioning.ts';
import type { HealthMonitorRecord, ListenerRecord, LoadBalancerRecord, MemberRecord, PoolRecord } from './records.ts';

const ids = (records: readonly { id: string }[]): { id: string }[] => records.map(({ id }) => ({ id }));

export function loadBalancerView(core: Core, lb: LoadBalancerRecord): JsonObject {
  const { vip_port_is_foreign: _, ...shown } = lb;
  return {
    ...shown, tenant_id: lb.project_id, additional_vips: [], vip_qos_policy_id: null, listeners: ids(listenersOf(core, lb.id)), pools: ids(poolsOf(core, lb.id)),
  };
}

export function listenerView(listener: ListenerRecord): JsonObject {
  const { loadbalancer_id: lb, ...shown } = listener;
  return {
    ...shown, tenant_id: listener.project_id, loadbalancers: [{ id: lb }], l7policies: [], default_tls_container_ref: null, sni_container_refs: [],
    client_ca_tls_container_ref: null, client_authentication: 'NONE', client_crl_container_ref: null, tls_ciphers: null, tls_versions: null, alpn_protocols: null,
  };
}

export function poolView(core: Core, pool: PoolRecord): JsonObject {
  const { loadbalancer_id: lb, ...shown } = pool;
  const monitor = monitorOf(core, pool.id);
  const listeners = listenersOf(core, lb).filter((listener) => listener.default_pool_id === pool.id);
  return {
    ...shown, tenant_id: pool.project_id, loadbalancers: [{ id: lb }], listeners: ids(listeners), members: ids(membersOf(core, pool.id)),
    ...(monitor ? { healthmonitor_id: monitor.id } : {}),
    tls_container_ref: null, ca_tls_container_ref: null, crl_container_ref: null, tls_ciphers: null, tls_versions: null, alpn_protocols: null,
  };
}

export function memberView(member: MemberRecord): JsonObject {
  const { pool_id: _, ...shown } = member;
  return { ...shown, tenant_id: member.project_id };
}

export function monitorView(monitor: HealthMonitorRecord): JsonObject {
  const { pool_id: pool, ...shown } = monitor;
  return { ...shown, tenant_id: monitor.project_id, pools: [{ id: pool }] };
}

/** The tree as the answer to a create call shows it: its monitors are there, but not in this answer. */
export function graphView(core: Core, lb: LoadBalancerRecord): JsonObject {
  return {
    ...loadBalancerView(core, lb),
    listeners: listenersOf(core, lb.id).map((listener) => {
      const { loadbalancers: _, ...shown } = listenerView(listener);
      return shown;
    }),
    pools: poolsOf(core, lb.id).map((pool) => {
      const { loadbalancers: _, healthmonitor_id: _monitor, ...shown } = poolView(core, pool);
      return { ...shown, members: membersOf(core, pool.id).map(memberView), healthmonitor: null };
    }),
  };
}
