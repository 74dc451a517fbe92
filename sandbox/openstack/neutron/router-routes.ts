/** Extra routes of a router: the pod networks of nodes, among others. */
import type { Core } from '../core.ts';
import { ApiError, badRequest } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { contains, parseCidr } from './addresses.ts';
import { address, cidr, listOf, objectWith, type Check } from './attributes.ts';
import type { HostRoute, RouterRecord } from './records.ts';
import { interfacesOf } from './router-ports.ts';

/** A list of routes as it is sent; null is none. */
export const routeList: Check = (value) => (value === null ? [] : listOf(objectWith({ destination: cidr, nexthop: address }, ['destination', 'nexthop']))(value));

/** `add_extraroutes` and `remove_extraroutes`: those sent are joined with those there are, or taken from them. */
export function changeRoutes(core: Core, router: RouterRecord, request: ApiRequest, verb: 'add' | 'remove'): void {
  const sent = asRecord(asRecord(request.body)['router'])['routes'];
  if (!Array.isArray(sent)) throw new ApiError(400, 'HTTPBadRequest', "Failed to parse request. Required attribute 'routes' not specified");
  const given = routeList(sent) as HostRoute[];
  const others = router.routes.filter((one) => !given.some((other) => isSameRoute(one, other)));
  setRoutes(core, router, verb === 'add' ? [...others, ...given] : others);
}

function isSameRoute(a: HostRoute, b: HostRoute): boolean {
  return a.destination === b.destination && a.nexthop === b.nexthop;
}

/** A next hop must be an address of a connected subnet and not the router's own. @throws ApiError 400 */
export function setRoutes(core: Core, router: RouterRecord, routes: readonly HostRoute[]): void {
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
