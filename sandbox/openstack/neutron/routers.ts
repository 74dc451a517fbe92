/** Routers: gateway, interfaces, extra routes. */
import type { Core } from '../core.ts';
import { ApiError, badRequest, conflict, notFound } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type ApiResponse, type Caller, type Route } from '../http/service.ts';
import { contains, overlaps, parseCidr } from './addresses.ts';
import { address, anyText, anything, cidr, flag, listOf, objectWith, uuidText, type AttributeMap, type Check } from './attributes.ts';
import { find, findOwn, type Collection } from './collection.ts';
import { visibleNetwork } from './networks.ts';
import { deletePort, makePort, type WantedIp } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import type { HostRoute, PortRecord, RouterRecord, SubnetRecord } from './records.ts';
import { assign, newStandard, standardAttributes, standardView, touch } from './standard.ts';
import { visibleSubnet } from './subnets.ts';

const gatewayFields = objectWith({
  network_id: uuidText, enable_snat: flag, external_fixed_ips: listOf(objectWith({ subnet_id: uuidText, ip_address: address })), qos_policy_id: anything,
});
const gateway: Check = (value) => (value === null ? null : gatewayFields(value));
const routeList: Check = (value) => (value === null ? [] : listOf(objectWith({ destination: cidr, nexthop: address }, ['destination', 'nexthop']))(value));

const attributes: AttributeMap = {
  ...standardAttributes,
  admin_state_up: { on: 'cu', check: flag },
  external_gateway_info: { on: 'cu', check: gateway },
  routes: { on: 'u', check: routeList },
  availability_zone_hints: { on: 'c', check: listOf(anyText(255)) },
  flavor_id: { on: 'c', check: anything },
};

export function routers(core: Core): Collection<RouterRecord> {
  const { neutron } = core.state;
  return {
    path: 'routers', plural: 'routers', singular: 'router', attributes,
    notFound: { code: 'RouterNotFound', message: (id) => `Router ${id} could not be found` },
    table: () => neutron.routers,
    view,
    create: (given, caller) => create(core, given, caller),
    update: (router, given, caller) => {
      if (given['external_gateway_info'] !== undefined) setGateway(core, router, given['external_gateway_info'], caller);
      if (given['routes'] !== undefined) setRoutes(core, router, given['routes'] as HostRoute[]);
      assign(core, router, given, ['admin_state_up']);
      core.convergence.mark('router', router.id);
    },
    remove: (router) => remove(core, router),
  };
}

export function routerActionRoutes(core: Core): Route[] {
  const collection = routers(core);
  const action = (path: string, act: (router: RouterRecord, request: ApiRequest) => JsonObject): Route => ({
    method: 'PUT', path: `/v2.0/routers/:id/${path}`,
    handle: (request): ApiResponse => {
      const router = findOwn(collection, request, 'update');
      const body = act(router, request);
      touch(core, router);
      core.convergence.mark('router', router.id);
      return ok(body);
    },
  });
  return [
    action('add_router_interface', (router, request) => addInterface(core, router, asRecord(request.body), request.caller)),
    action('remove_router_interface', (router, request) => removeInterface(core, router, asRecord(request.body), request.caller)),
    action('add_extraroutes', (router, request) => changeRoutes(core, router, request, (have, sent) => [...have, ...sent.filter((one) => !have.some((other) => isSameRoute(one, other)))])),
    action('remove_extraroutes', (router, request) => changeRoutes(core, router, request, (have, sent) => have.filter((one) => !sent.some((other) => isSameRoute(one, other))))),
    { method: 'GET', path: '/v2.0/routers/:id/l3-agents', handle: (request) => {
      find(collection, request);
      return ok({ agents: [] });
    } },
  ];
}

/** The interface ports of a router, not its gateway. */
export function interfacesOf(core: Core, routerId: string): PortRecord[] {
  return Object.values(core.state.neutron.ports).filter((port) => port.device_id === routerId && port.device_owner === 'network:router_interface');
}

export function gatewayPortOf(core: Core, routerId: string): PortRecord | undefined {
  return Object.values(core.state.neutron.ports).find((port) => port.device_id === routerId && port.device_owner === 'network:router_gateway');
}

function create(core: Core, given: JsonObject, caller: Caller): RouterRecord {
  checkQuota(core, caller.projectId, 'router');
  const router: RouterRecord = {
    ...newStandard(core, given, caller.projectId),
    admin_state_up: given['admin_state_up'] !== false, status: 'ACTIVE', external_gateway_info: null, routes: [],
    availability_zone_hints: (given['availability_zone_hints'] as string[] | undefined) ?? [],
  };
  if (given['external_gateway_info'] !== undefined) setGateway(core, router, given['external_gateway_info'], caller);
  core.state.neutron.routers[router.id] = router;
  core.convergence.mark('router', router.id);
  return router;
}

function setGateway(core: Core, router: RouterRecord, sent: unknown, caller: Caller): void {
  const info = asRecord(sent);
  const before = gatewayPortOf(core, router.id);
  if (sent === null || info['network_id'] === undefined) {
    if (Object.values(core.state.neutron.floatingIps).some((ip) => ip.router_id === router.id)) {
      throw conflict('RouterExternalGatewayInUseByFloatingIp', `Gateway cannot be updated for router ${router.id}, since a gateway to external network ${router.external_gateway_info?.network_id ?? ''} is required by one or more floating IPs.`);
    }
    if (before) deletePort(core, before);
    router.external_gateway_info = null;
    return;
  }
  const network = visibleNetwork(core, info['network_id'], caller);
  if (!network['router:external']) throw badRequest(`Bad router request: Network ${network.id} is not an external network.`, 'BadRequest');
  const isSnat = typeof info['enable_snat'] === 'boolean' ? info['enable_snat'] : (router.external_gateway_info?.enable_snat ?? true);
  const wanted = info['external_fixed_ips'] as WantedIp[] | undefined;
  const isSameNetwork = before?.network_id === network.id;
  if (before && (!isSameNetwork || wanted)) deletePort(core, before);
  const port = before && isSameNetwork && !wanted ? before : makePort(core, {
    networkId: network.id, projectId: '', deviceOwner: 'network:router_gateway', deviceId: router.id, ...(wanted ? { fixedIps: wanted } : {}),
  });
  router.external_gateway_info = { network_id: network.id, enable_snat: isSnat, external_fixed_ips: port.fixed_ips };
  router.revision_number += 1;
}

function addInterface(core: Core, router: RouterRecord, sent: JsonObject, caller: Caller): JsonObject {
  if (typeof sent['port_id'] === 'string') return addInterfaceByPort(core, router, sent['port_id'], caller);
  if (typeof sent['subnet_id'] !== 'string') throw badRequest('Bad router request: Either subnet_id or port_id must be specified.', 'BadRequest');
  const subnet = visibleSubnet(core, sent['subnet_id'], caller);
  if (subnet.gateway_ip === null) throw badRequest('Bad router request: Subnet for router interface must have a gateway IP.', 'BadRequest');
  checkOverlap(core, router, subnet);
  const port = makePort(core, {
    networkId: subnet.network_id, projectId: router.project_id, deviceOwner: 'network:router_interface', deviceId: router.id,
    fixedIps: [{ subnet_id: subnet.id, ip_address: subnet.gateway_ip }],
  });
  return interfaceView(router, port, subnet.id);
}

function addInterfaceByPort(core: Core, router: RouterRecord, portId: string, caller: Caller): JsonObject {
  const port = core.state.neutron.ports[portId];
  if (!port || (!caller.isAdmin && port.project_id !== caller.projectId)) throw notFound('PortNotFound', `Port ${portId} could not be found.`);
  if (port.device_id !== '') {
    throw conflict('PortInUse', `Unable to complete operation on port ${port.id} for network ${port.network_id}. Port already has an attached device ${port.device_id}.`);
  }
  const first = port.fixed_ips[0];
  const subnet = first && core.state.neutron.subnets[first.subnet_id];
  if (!subnet) throw badRequest('Bad router request: Router port must have at least one fixed IP.', 'BadRequest');
  checkOverlap(core, router, subnet);
  port.device_id = router.id;
  port.device_owner = 'network:router_interface';
  return interfaceView(router, port, subnet.id);
}

function checkOverlap(core: Core, router: RouterRecord, subnet: SubnetRecord): void {
  const wanted = parseCidr(subnet.cidr);
  for (const ip of interfacesOf(core, router.id).flatMap((port) => port.fixed_ips)) {
    if (ip.subnet_id === subnet.id) throw badRequest(`Bad router request: Router already has a port on subnet ${subnet.id}.`, 'BadRequest');
    const other = core.state.neutron.subnets[ip.subnet_id];
    const range = other && parseCidr(other.cidr);
    if (range && wanted && overlaps(range, wanted)) {
      throw badRequest(`Bad router request: Cidr ${subnet.cidr} of subnet ${subnet.id} overlaps with cidr ${other.cidr} of subnet ${other.id}.`, 'BadRequest');
    }
  }
}

function removeInterface(core: Core, router: RouterRecord, sent: JsonObject, caller: Caller): JsonObject {
  const { port_id: portId, subnet_id: subnetId } = sent;
  if (typeof portId !== 'string' && typeof subnetId !== 'string') throw badRequest('Invalid input for operation: Either port_id or subnet_id must be specified.', 'BadRequest');
  if (typeof portId !== 'string') visibleSubnet(core, subnetId, caller);
  const port = interfacesOf(core, router.id).find((one) => (typeof portId === 'string' ? one.id === portId : one.fixed_ips.some((ip) => ip.subnet_id === subnetId)));
  if (!port) {
    if (typeof portId === 'string') throw notFound('RouterInterfaceNotFound', `Router ${router.id} does not have an interface with id ${portId}`);
    throw notFound('RouterInterfaceNotFoundForSubnet', `Router ${router.id} has no interface on subnet ${String(subnetId)}`);
  }
  const subnet = port.fixed_ips[0]?.subnet_id ?? '';
  checkUnused(core, router, subnet);
  const view = interfaceView(router, port, subnet);
  deletePort(core, port);
  return view;
}

function checkUnused(core: Core, router: RouterRecord, subnetId: string): void {
  const range = parseCidr(core.state.neutron.subnets[subnetId]?.cidr ?? '');
  const isOn = (ip: string | null): boolean => range !== undefined && ip !== null && contains(range, ip);
  if (Object.values(core.state.neutron.floatingIps).some((floating) => floating.router_id === router.id && isOn(floating.fixed_ip_address))) {
    throw conflict('RouterInterfaceInUseByFloatingIP', `Router interface for subnet ${subnetId} on router ${router.id} cannot be deleted, as it is required by one or more floating IPs.`);
  }
  if (router.routes.some((route) => isOn(route.nexthop))) {
    throw conflict('RouterInterfaceInUseByRoute', `Router interface for subnet ${subnetId} on router ${router.id} cannot be deleted, as it is required by one or more routes.`);
  }
}

function changeRoutes(core: Core, router: RouterRecord, request: ApiRequest, change: (have: readonly HostRoute[], sent: readonly HostRoute[]) => HostRoute[]): JsonObject {
  const sent = asRecord(asRecord(request.body)['router'])['routes'];
  if (!Array.isArray(sent)) throw new ApiError(400, 'HTTPBadRequest', "Failed to parse request. Required attribute 'routes' not specified");
  setRoutes(core, router, change(router.routes, routeList(sent) as HostRoute[]));
  // These calls show what lies below the API, too.
  return { router: { ...view(router), distributed: false, ha: false, ha_vr_id: 0, gw_port_id: gatewayPortOf(core, router.id)?.id ?? null } };
}

function isSameRoute(a: HostRoute, b: HostRoute): boolean {
  return a.destination === b.destination && a.nexthop === b.nexthop;
}

/** A next hop must be an address of a connected subnet and not the router's own. */
function setRoutes(core: Core, router: RouterRecord, routes: readonly HostRoute[]): void {
  const shown = `[${routes.map((route) => `{'destination': '${route.destination}', 'nexthop': '${route.nexthop}'}`).join(', ')}]`;
  const ips = [...interfacesOf(core, router.id).flatMap((port) => port.fixed_ips), ...(router.external_gateway_info?.external_fixed_ips ?? [])];
  const ranges = ips.flatMap((ip) => parseCidr(core.state.neutron.subnets[ip.subnet_id]?.cidr ?? '') ?? []);
  for (const route of routes) {
    if (!ranges.some((range) => contains(range, route.nexthop))) {
      throw badRequest(`Invalid format for routes: ${shown}, the nexthop is not connected with router`, 'InvalidRoutes');
    }
    if (ips.some((ip) => ip.ip_address === route.nexthop)) {
      throw badRequest(`Invalid format for routes: ${shown}, the nexthop is used by router`, 'InvalidRoutes');
    }
  }
  router.routes = [...routes];
}

function remove(core: Core, router: RouterRecord): void {
  const attached = interfacesOf(core, router.id);
  if (attached.length > 0) throw conflict('RouterInUse', `Router ${router.id} has ports still attached: ${attached.map((port) => port.id).join(', ')}`);
  const gatewayPort = gatewayPortOf(core, router.id);
  if (gatewayPort) deletePort(core, gatewayPort);
  Reflect.deleteProperty(core.state.neutron.routers, router.id);
  core.convergence.mark('router', router.id);
}

function interfaceView(router: RouterRecord, port: PortRecord, subnetId: string): JsonObject {
  return { id: router.id, tenant_id: router.project_id, port_id: port.id, network_id: port.network_id, subnet_id: subnetId, subnet_ids: [subnetId] };
}

function view(router: RouterRecord): JsonObject {
  const { admin_state_up, status, external_gateway_info, availability_zone_hints, routes } = router;
  return { ...standardView(router), admin_state_up, status, external_gateway_info, availability_zone_hints, availability_zones: [], routes };
}
