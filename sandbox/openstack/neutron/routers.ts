/** The routers API. */
import type { Core } from '../core.ts';
import { conflict } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type ApiResponse, type Caller, type Route } from '../http/service.ts';
import { address, anyText, anything, flag, listOf, objectWith, uuidText, type AttributeMap, type Check } from './attributes.ts';
import { find, findOwn, type Collection } from './collection.ts';
import { deletePort } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import type { HostRoute, RouterRecord } from './records.ts';
import { setGateway } from './router-gateway.ts';
import { addInterface, removeInterface } from './router-interfaces.ts';
import { gatewayPortOf, interfacesOf } from './router-ports.ts';
import { changeRoutes, routeList, setRoutes } from './router-routes.ts';
import { assign, newStandard, standardAttributes, standardView, touch } from './standard.ts';

const gatewayFields = objectWith({
  network_id: uuidText, enable_snat: flag, external_fixed_ips: listOf(objectWith({ subnet_id: uuidText, ip_address: address })), qos_policy_id: anything,
});
const gateway: Check = (value) => (value === null ? null : gatewayFields(value));

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

function remove(core: Core, router: RouterRecord): void {
  const attached = interfacesOf(core, router.id);
  if (attached.length > 0) throw conflict('RouterInUse', `Router ${router.id} has ports still attached: ${attached.map((port) => port.id).join(', ')}`);
  const gatewayPort = gatewayPortOf(core, router.id);
  if (gatewayPort) deletePort(core, gatewayPort);
  Reflect.deleteProperty(core.state.neutron.routers, router.id);
  core.convergence.mark('router', router.id);
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
    ...(['add', 'remove'] as const).map((verb) => action(`${verb}_extraroutes`, (router, request) => {
      changeRoutes(core, router, request, verb);
      return { router: innerView(core, router) };
    })),
    { method: 'GET', path: '/v2.0/routers/:id/l3-agents', handle: (request) => {
      find(collection, request);
      return ok({ agents: [] });
    } },
  ];
}

/** What the calls about extra routes answer shows what lies below the API, too. */
function innerView(core: Core, router: RouterRecord): JsonObject {
  return { ...view(router), distributed: false, ha: false, ha_vr_id: 0, gw_port_id: gatewayPortOf(core, router.id)?.id ?? null };
}

function view(router: RouterRecord): JsonObject {
  const { admin_state_up, status, external_gateway_info, availability_zone_hints, routes } = router;
  return { ...standardView(router), admin_state_up, status, external_gateway_info, availability_zone_hints, availability_zones: [], routes };
}
