/** Listeners. */
import { newId, type Core } from '../core.ts';
import { badRequest, conflict } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { parseCidr } from '../neutron/addresses.ts';
import { repr } from '../neutron/attributes.ts';
import { bodyOf, type BodyShape, type OctaviaBody } from './body.ts';
import { findListener, findLoadBalancer, findPool, parentOf, sees } from './find.ts';
import { octaviaList } from './listing.ts';
import { checkListener } from './providers.ts';
import { begin, checkMutable, listenersOf, octaviaTime } from './provisioning.ts';
import { checkQuota } from './quotas.ts';
import type { ListenerRecord, LoadBalancerRecord } from './records.ts';
import { listenerView } from './views.ts';

const path = '/v2.0/lbaas/listeners';
const listenerBody: BodyShape = {
  key: 'listener', argument: 'listener_',
  attributes: [
    'name', 'description', 'admin_state_up', 'protocol', 'protocol_port', 'connection_limit', 'default_tls_container_ref', 'sni_container_refs', 'project_id', 'tenant_id',
    'default_pool_id', 'default_pool', 'l7policies', 'insert_headers', 'loadbalancer_id', 'timeout_client_data', 'timeout_member_connect', 'timeout_member_data',
    'timeout_tcp_inspect', 'tags', 'client_ca_tls_container_ref', 'client_authentication', 'client_crl_container_ref', 'allowed_cidrs', 'tls_ciphers', 'tls_versions', 'alpn_protocols',
  ],
};
const filters = ['protocol', 'protocol_port', 'connection_limit', 'default_pool_id'];
const protocols = ['HTTP', 'HTTPS', 'PROMETHEUS', 'SCTP', 'TCP', 'TERMINATED_HTTPS', 'UDP'];

export function listenerRoutes(core: Core): Route[] {
  const find = (request: ApiRequest): ListenerRecord => findListener(core, request.params['id'] ?? '', request.caller);
  return [
    { method: 'GET', path, handle: (request) => {
      const lb = request.query.get('loadbalancer_id') ?? request.query.get('load_balancer_id');
      request.query.delete('loadbalancer_id');
      request.query.delete('load_balancer_id');
      const mine = Object.values(core.state.octavia.listeners).filter((one) => sees(one, request.caller) && (lb === null || one.loadbalancer_id === lb));
      return ok(octaviaList('listeners', mine.map(listenerView), request, filters));
    } },
    { method: 'POST', path, handle: (request) => {
      const body = bodyOf(request, listenerBody);
      const protocol = body.oneOf('protocol', protocols);
      body.number('protocol_port', { min: 1, max: 65535 });
      const lb = findLoadBalancer(core, body.required('loadbalancer_id'), request.caller);
      checkMutable(lb);
      checkQuota(core, lb.project_id, 'listener');
      if (body.has('default_pool_id')) findPool(core, body.text('default_pool_id'), request.caller);
      checkListener(lb.provider, protocol, body.strings('allowed_cidrs'));
      const listener = addListener(core, lb, body);
      begin(core, lb, [{ record: listener, status: 'PENDING_CREATE' }]);
      return ok({ listener: listenerView(listener) }, 201);
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ listener: listenerView(find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const listener = find(request);
      const lb = parentOf(core, listener);
      const body = bodyOf(request, listenerBody);
      checkMutable(lb);
      checkListener(lb.provider, listener.protocol, body.strings('allowed_cidrs'));
      update(core, listener, body);
      begin(core, lb, [{ record: listener, status: 'PENDING_UPDATE' }]);
      return ok({ listener: listenerView(listener) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const listener = find(request);
      const lb = parentOf(core, listener);
      checkMutable(lb);
      begin(core, lb, [{ record: listener, status: 'PENDING_DELETE' }]);
      return noContent;
    } },
    { method: 'GET', path: `${path}/:id/stats`, handle: (request) => {
      find(request);
      return ok({ stats: { active_connections: 0, bytes_in: 0, bytes_out: 0, request_errors: 0, total_connections: 0 } });
    } },
  ];
}

/** Adds the record; its load balancer's change is the caller's business. @throws ApiError 409 for a taken port, 400 for a bad CIDR */
export function addListener(core: Core, lb: LoadBalancerRecord, body: OctaviaBody): ListenerRecord {
  const protocol = body.oneOf('protocol', protocols);
  const port = body.number('protocol_port', { min: 1, max: 65535 });
  const isTaken = listenersOf(core, lb.id).some((other) => other.protocol_port === port && (other.protocol === 'UDP') === (protocol === 'UDP'));
  if (isTaken) throw conflict('Duplicate', `Another Listener on this Load Balancer is already using protocol ${protocol} and protocol_port ${port}`);
  const listener: ListenerRecord = {
    id: newId(core), loadbalancer_id: lb.id, name: body.text('name'), description: body.text('description'), project_id: lb.project_id,
    provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE', admin_state_up: body.flag('admin_state_up', true), tags: body.tags(),
    created_at: octaviaTime(core), updated_at: null, protocol, protocol_port: port,
    connection_limit: body.number('connection_limit', { min: -1, max: 2 ** 31 - 1, fallback: -1 }), default_pool_id: body.textOrNull('default_pool_id'),
    allowed_cidrs: allowedCidrs(body), insert_headers: asRecord(body.sent['insert_headers']) as Record<string, string>,
    timeout_client_data: timeout(body, 'timeout_client_data', 50_000), timeout_member_connect: timeout(body, 'timeout_member_connect', 5_000),
    timeout_member_data: timeout(body, 'timeout_member_data', 50_000), timeout_tcp_inspect: timeout(body, 'timeout_tcp_inspect', 0),
  };
  core.state.octavia.listeners[listener.id] = listener;
  return listener;
}

function update(core: Core, listener: ListenerRecord, body: OctaviaBody): void {
  if (body.has('name')) listener.name = body.text('name');
  if (body.has('description')) listener.description = body.text('description');
  if (body.has('admin_state_up')) listener.admin_state_up = body.flag('admin_state_up', true);
  if (body.has('tags')) listener.tags = body.tags();
  if (body.has('connection_limit')) listener.connection_limit = body.number('connection_limit', { min: -1, max: 2 ** 31 - 1, fallback: -1 });
  if (body.has('default_pool_id')) listener.default_pool_id = body.textOrNull('default_pool_id');
  if (body.has('allowed_cidrs')) listener.allowed_cidrs = allowedCidrs(body);
  if (body.has('timeout_client_data')) listener.timeout_client_data = timeout(body, 'timeout_client_data', 50_000);
  if (body.has('timeout_member_data')) listener.timeout_member_data = timeout(body, 'timeout_member_data', 50_000);
  if (body.has('timeout_member_connect')) listener.timeout_member_connect = timeout(body, 'timeout_member_connect', 5_000);
  if (body.has('timeout_tcp_inspect')) listener.timeout_tcp_inspect = timeout(body, 'timeout_tcp_inspect', 0);
  listener.updated_at = octaviaTime(core);
}

/** Milliseconds, a day at most. */
function timeout(body: OctaviaBody, name: string, fallback: number): number {
  return body.number(name, { min: 0, max: 365 * 24 * 3600 * 1000, fallback });
}

function allowedCidrs(body: OctaviaBody): string[] | null {
  const cidrs = body.strings('allowed_cidrs');
  const bad = cidrs?.find((cidr) => !parseCidr(cidr));
  if (bad !== undefined) throw badRequest(`Invalid input for field/attribute allowed_cidrs. Value: '${repr(cidrs)}'. Value should be IPv4 or IPv6 CIDR format`);
  return cidrs === null || cidrs.length === 0 ? null : [...new Set(cidrs)].sort();
}
