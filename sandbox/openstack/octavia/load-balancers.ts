/** Load balancers: the VIP, the tree below it, its status. */
import { newId, type Core } from '../core.ts';
import { ApiError, badRequest } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type ApiResponse, type Caller, type Route } from '../http/service.ts';
import { makePort } from '../neutron/port-life.ts';
import type { PortRecord, SubnetRecord } from '../neutron/records.ts';
import { defaultSecurityGroup } from '../neutron/security-groups.ts';
import { bodyOf, OctaviaBody, type BodyShape } from './body.ts';
import { findLoadBalancer, sees } from './find.ts';
import { addListener } from './listeners.ts';
import { octaviaList } from './listing.ts';
import { addPool } from './pools.ts';
import { checkProvider, defaultProvider } from './providers.ts';
import { begin, checkState, listenersOf, membersOf, monitorOf, octaviaTime, poolsOf, vanish } from './provisioning.ts';
import { checkQuota } from './quotas.ts';
import type { LoadBalancerRecord } from './records.ts';
import { graphView, loadBalancerView } from './views.ts';

const path = '/v2.0/lbaas/loadbalancers';

const loadBalancerBody: BodyShape = {
  key: 'loadbalancer', argument: 'load_balancer',
  attributes: [
    'name', 'description', 'admin_state_up', 'vip_address', 'vip_port_id', 'vip_subnet_id', 'vip_network_id', 'vip_qos_policy_id', 'additional_vips', 'project_id', 'tenant_id',
    'listeners', 'pools', 'provider', 'flavor_id', 'availability_zone', 'tags',
  ],
};
const filters = ['vip_address', 'vip_port_id', 'vip_subnet_id', 'vip_network_id', 'provider', 'flavor_id', 'availability_zone'];

export function loadBalancerRoutes(core: Core): Route[] {
  const find = (request: ApiRequest): LoadBalancerRecord => findLoadBalancer(core, request.params['id'] ?? '', request.caller);
  return [
    { method: 'GET', path, handle: (request) => {
      const mine = Object.values(core.state.octavia.loadBalancers).filter((lb) => sees(lb, request.caller));
      return ok(octaviaList('loadbalancers', mine.map((lb) => loadBalancerView(core, lb)), request, filters));
    } },
    { method: 'POST', path, handle: (request) => create(core, request) },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ loadbalancer: loadBalancerView(core, find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const lb = find(request);
      const body = bodyOf(request, loadBalancerBody);
      checkState(lb, 'update');
      if (body.has('name')) lb.name = body.text('name');
      if (body.has('description')) lb.description = body.text('description');
      if (body.has('admin_state_up')) lb.admin_state_up = body.flag('admin_state_up', true);
      if (body.has('tags')) lb.tags = body.tags();
      lb.updated_at = octaviaTime(core);
      begin(core, lb, []);
      return ok({ loadbalancer: loadBalancerView(core, lb) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => remove(core, find(request), request) },
    { method: 'GET', path: `${path}/:id/status`, handle: (request) => ok({ statuses: { loadbalancer: statusTree(core, find(request)) } }) },
    { method: 'GET', path: `${path}/:id/stats`, handle: (request) => {
      find(request);
      return ok({ stats: { active_connections: 0, bytes_in: 0, bytes_out: 0, request_errors: 0, total_connections: 0 } });
    } },
  ];
}

function create(core: Core, request: ApiRequest): ApiResponse {
  // Octavia does not expect a body without its object, and says so.
  if (asRecord(request.body)['loadbalancer'] === undefined) throw new ApiError(500, 'UnsetType', "'UnsetType' object has no attribute 'project_id'");
  const body = bodyOf(request, loadBalancerBody);
  const { caller } = request;
  // To Octavia a provider that is null is not the default one.
  const provider = body.sent['provider'] === null ? 'amphora' : body.text('provider', defaultProvider);
  checkProvider(provider);
  if (!body.has('vip_port_id') && !body.has('vip_subnet_id') && !body.has('vip_network_id')) {
    throw badRequest('Validation failure: VIP must contain one of: vip_port_id, vip_network_id, vip_subnet_id.');
  }
  checkQuota(core, caller.projectId, 'loadbalancer');
  const id = newId(core);
  const described = {
    name: body.text('name'), description: body.text('description'), admin_state_up: body.flag('admin_state_up', true), tags: body.tags(),
    flavor_id: body.textOrNull('flavor_id'), availability_zone: body.textOrNull('availability_zone'),
  };
  const { port, isForeign } = vipPort(core, body, { lbId: id, provider, caller });
  const ip = port.fixed_ips.find((one) => !body.has('vip_subnet_id') || one.subnet_id === body.text('vip_subnet_id')) ?? port.fixed_ips[0];
  const lb: LoadBalancerRecord = {
    id, ...described, project_id: caller.projectId, provider, provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE',
    created_at: octaviaTime(core), updated_at: null,
    vip_address: ip?.ip_address ?? '', vip_port_id: port.id, vip_subnet_id: ip?.subnet_id ?? '', vip_network_id: port.network_id, vip_port_is_foreign: isForeign,
  };
  core.state.octavia.loadBalancers[id] = lb;
  try {
    addGraph(core, lb, body);
  } catch (error) {
    vanish(core, lb);
    throw error;
  }
  begin(core, lb, [], 'PENDING_CREATE');
  return { status: 201, body: { loadbalancer: graphView(core, lb) } };
}

/** A create call may bring listeners and pools along ("fully populated"), as the OpenStack cloud controller manager does. */
function addGraph(core: Core, lb: LoadBalancerRecord, body: OctaviaBody): void {
  const list = (sent: unknown): OctaviaBody[] => (Array.isArray(sent) ? sent.map((one) => new OctaviaBody(asRecord(one))) : []);
  const pools = new Map<string, string>();
  for (const pool of list(body.sent['pools'])) pools.set(pool.text('name'), addPool(core, lb, pool, null).id);
  for (const sent of list(body.sent['listeners'])) {
    const listener = addListener(core, lb, sent);
    const pool = asRecord(sent.sent['default_pool']);
    const isNamed = Object.keys(pool).length === 1 && typeof pool['name'] === 'string';
    if (isNamed) listener.default_pool_id = pools.get(String(pool['name'])) ?? null;
    else if (Object.keys(pool).length > 0) addPool(core, lb, new OctaviaBody(pool), listener);
  }
}

function vipPort(core: Core, body: OctaviaBody, lb: { lbId: string; provider: string; caller: Caller }): { port: PortRecord; isForeign: boolean } {
  const { neutron } = core.state;
  const mine = (record: { project_id: string } | undefined): boolean => record !== undefined && (lb.caller.isAdmin || record.project_id === lb.caller.projectId);
  if (body.has('vip_port_id')) {
    const port = neutron.ports[body.text('vip_port_id')];
    if (!port || !mine(port)) throw badRequest(`Port ${body.text('vip_port_id')} not found.`);
    return { port, isForeign: true };
  }
  const subnet = body.has('vip_subnet_id') ? neutron.subnets[body.text('vip_subnet_id')] : undefined;
  if (body.has('vip_subnet_id') && !(subnet && (mine(subnet) || isPublic(core, subnet)))) throw badRequest(`Subnet ${body.text('vip_subnet_id')} not found.`);
  const networkId = subnet?.network_id ?? body.text('vip_network_id');
  const network = neutron.networks[networkId];
  if (!network || !(mine(network) || network.shared || network['router:external'])) throw badRequest(`Network ${networkId} not found.`);
  const isOvn = lb.provider === 'ovn';
  const port = makePort(core, {
    networkId, projectId: lb.caller.projectId, name: isOvn ? `ovn-lb-vip-${lb.lbId}` : `octavia-lb-${lb.lbId}`,
    deviceOwner: isOvn ? '' : 'Octavia', deviceId: isOvn ? '' : `lb-${lb.lbId}`, portSecurity: true, isUp: isOvn,
    securityGroups: [defaultSecurityGroup(core, lb.caller.projectId).id],
    ...(subnet ? { fixedIps: [{ subnet_id: subnet.id, ...(body.has('vip_address') ? { ip_address: body.text('vip_address') } : {}) }] } : {}),
  });
  return { port, isForeign: false };
}

function isPublic(core: Core, subnet: SubnetRecord): boolean {
  const network = core.state.neutron.networks[subnet.network_id];
  return network?.shared === true || network?.['router:external'] === true;
}

function remove(core: Core, lb: LoadBalancerRecord, request: ApiRequest): ApiResponse {
  const isCascade = request.query.get('cascade')?.toLowerCase() === 'true';
  checkState(lb, 'delete');
  const children = [...listenersOf(core, lb.id), ...poolsOf(core, lb.id)];
  if (children.length > 0 && !isCascade) throw badRequest(`Validation failure: Cannot delete Load Balancer ${lb.id} - it has children`);
  const below = [...children, ...poolsOf(core, lb.id).flatMap((pool) => [...membersOf(core, pool.id), ...[monitorOf(core, pool.id) ?? []].flat()])];
  begin(core, lb, below.map((record) => ({ record, status: 'PENDING_DELETE' as const })), 'PENDING_DELETE');
  return noContent;
}

function statusTree(core: Core, lb: LoadBalancerRecord): JsonObject {
  const brief = ({ id, name, operating_status, provisioning_status }: { id: string; name: string; operating_status: string; provisioning_status: string }): JsonObject => (
    { id, name, operating_status, provisioning_status });
  const poolTree = (poolId: string): JsonObject[] => {
    const pool = core.state.octavia.pools[poolId];
    if (!pool) return [];
    const monitor = monitorOf(core, poolId);
    return [{
      ...brief(pool), ...(monitor ? { health_monitor: { ...brief(monitor), type: monitor.type } } : {}),
      members: membersOf(core, poolId).map((member) => ({ ...brief(member), address: member.address, protocol_port: member.protocol_port })),
    }];
  };
  return {
    ...brief(lb),
    listeners: listenersOf(core, lb.id).map((listener) => ({ ...brief(listener), pools: listener.default_pool_id === null ? [] : poolTree(listener.default_pool_id) })),
  };
}

