/** Pools. */
import { newId, type Core } from '../core.ts';
import { badRequest, conflict } from '../errors.ts';
import { asRecord, isRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { bodyOf, OctaviaBody, type BodyShape } from './body.ts';
import { findListener, findLoadBalancer, findPool, parentOf, sees } from './find.ts';
import { octaviaList } from './listing.ts';
import { addMember } from './members.ts';
import { addMonitor } from './monitors.ts';
import { checkAlgorithm } from './providers.ts';
import { begin, checkMutable, listenersOf, membersOf, monitorOf, octaviaTime } from './provisioning.ts';
import { checkQuota } from './quotas.ts';
import type { ListenerRecord, LoadBalancerRecord, PoolRecord } from './records.ts';
import { poolView } from './views.ts';

const path = '/v2.0/lbaas/pools';
const poolBody: BodyShape = {
  key: 'pool', argument: 'pool_',
  attributes: [
    'name', 'description', 'admin_state_up', 'listener_id', 'loadbalancer_id', 'protocol', 'lb_algorithm', 'session_persistence', 'project_id', 'tenant_id', 'healthmonitor',
    'members', 'tags', 'tls_container_ref', 'ca_tls_container_ref', 'crl_container_ref', 'tls_enabled', 'tls_ciphers', 'tls_versions', 'alpn_protocols',
  ],
};
const filters = ['protocol', 'lb_algorithm', 'healthmonitor_id'];
const protocols = ['HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'SCTP', 'TCP', 'UDP'];
const algorithms = ['LEAST_CONNECTIONS', 'ROUND_ROBIN', 'SOURCE_IP', 'SOURCE_IP_PORT'];

export function poolRoutes(core: Core): Route[] {
  const find = (request: ApiRequest): PoolRecord => findPool(core, request.params['id'] ?? '', request.caller);
  return [
    { method: 'GET', path, handle: (request) => {
      const lb = request.query.get('loadbalancer_id');
      request.query.delete('loadbalancer_id');
      const mine = Object.values(core.state.octavia.pools).filter((one) => sees(one, request.caller) && (lb === null || one.loadbalancer_id === lb));
      return ok(octaviaList('pools', mine.map((pool) => poolView(core, pool)), request, filters));
    } },
    { method: 'POST', path, handle: (request) => {
      const body = bodyOf(request, poolBody);
      const { lb, listener } = parents(core, body, request);
      checkMutable(lb);
      checkQuota(core, lb.project_id, 'pool');
      checkAlgorithm(lb.provider, body.oneOf('lb_algorithm', algorithms));
      if (listener?.default_pool_id) throw conflict('Duplicate', 'This listener already has a default pool');
      const pool = addPool(core, lb, body, listener);
      begin(core, lb, [{ record: pool, status: 'PENDING_CREATE' }, ...(listener ? [{ record: listener, status: 'PENDING_UPDATE' as const }] : [])]);
      return ok({ pool: poolView(core, pool) }, 201);
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ pool: poolView(core, find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const pool = find(request);
      const lb = parentOf(core, pool);
      const body = bodyOf(request, poolBody);
      checkMutable(lb);
      if (body.has('lb_algorithm')) checkAlgorithm(lb.provider, body.oneOf('lb_algorithm', algorithms));
      update(core, pool, body);
      begin(core, lb, [{ record: pool, status: 'PENDING_UPDATE' }]);
      return ok({ pool: poolView(core, pool) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const pool = find(request);
      const lb = parentOf(core, pool);
      checkMutable(lb);
      for (const listener of listenersOf(core, lb.id)) if (listener.default_pool_id === pool.id) listener.default_pool_id = null;
      const below = [...membersOf(core, pool.id), ...[monitorOf(core, pool.id) ?? []].flat()];
      begin(core, lb, [pool, ...below].map((record) => ({ record, status: 'PENDING_DELETE' as const })));
      return noContent;
    } },
  ];
}

/** Adds the record, with the members and the monitor that came along; becomes the default pool of `listener`. */
export function addPool(core: Core, lb: LoadBalancerRecord, body: OctaviaBody, listener: ListenerRecord | null): PoolRecord {
  const pool: PoolRecord = {
    id: newId(core), loadbalancer_id: lb.id, name: body.text('name'), description: body.text('description'), project_id: lb.project_id,
    provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE', admin_state_up: body.flag('admin_state_up', true), tags: body.tags(),
    created_at: octaviaTime(core), updated_at: null, protocol: body.oneOf('protocol', protocols), lb_algorithm: body.oneOf('lb_algorithm', algorithms),
    session_persistence: persistence(body), tls_enabled: body.flag('tls_enabled', false),
  };
  core.state.octavia.pools[pool.id] = pool;
  if (listener) Object.assign(listener, { default_pool_id: pool.id, updated_at: octaviaTime(core) });
  const { members, healthmonitor } = body.sent;
  if (Array.isArray(members)) for (const member of members) addMember(core, pool, new OctaviaBody(asRecord(member)));
  if (isRecord(healthmonitor)) addMonitor(core, pool, new OctaviaBody(healthmonitor));
  return pool;
}

function parents(core: Core, body: OctaviaBody, request: ApiRequest): { lb: LoadBalancerRecord; listener: ListenerRecord | null } {
  if (body.has('listener_id')) {
    const listener = findListener(core, body.text('listener_id'), request.caller);
    return { lb: parentOf(core, listener), listener };
  }
  if (!body.has('loadbalancer_id')) throw badRequest("Validation failure: Must provide at least one of: loadbalancer_id, listener_id");
  return { lb: findLoadBalancer(core, body.text('loadbalancer_id'), request.caller), listener: null };
}

function update(core: Core, pool: PoolRecord, body: OctaviaBody): void {
  if (body.has('name')) pool.name = body.text('name');
  if (body.has('description')) pool.description = body.text('description');
  if (body.has('admin_state_up')) pool.admin_state_up = body.flag('admin_state_up', true);
  if (body.has('lb_algorithm')) pool.lb_algorithm = body.text('lb_algorithm');
  if (body.has('session_persistence')) pool.session_persistence = persistence(body);
  if (body.has('tags')) pool.tags = body.tags();
  pool.updated_at = octaviaTime(core);
}

function persistence(body: OctaviaBody): PoolRecord['session_persistence'] {
  const sent = body.sent['session_persistence'];
  return isRecord(sent) && Object.keys(sent).length > 0 ? { persistence_timeout: null, persistence_granularity: null, cookie_name: null, ...sent } : null;
}
