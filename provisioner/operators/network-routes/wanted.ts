/** Which routes of a router are the Cluster's to say, and what differs. Pure. */
import { parseVariables } from '../../api/variable-definitions.ts';
import { asObject, type PreflightCluster, valuesOf } from '../../preflight/cluster.ts';
import { isWithin } from '../../preflight/checks/ranges.ts';

export interface Route {
  readonly destination: string;
  readonly nexthop: string;
}

/** @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export const wantedRoutes = (cluster: PreflightCluster): Route[] =>
  parseVariables(valuesOf(cluster.spec?.topology?.variables)).network.routes.map(({ destination, nextHop }) => ({ destination, nexthop: nextHop }));

/** Without reading everything else of it: most Clusters name none. */
export function namesRoutes(cluster: PreflightCluster): boolean {
  const { routes } = asObject(valuesOf(cluster.spec?.topology?.variables)['network']);
  return Array.isArray(routes) && routes.length > 0;
}

export interface Difference {
  readonly missing: readonly Route[];
  readonly surplus: readonly Route[];
}

/** @param pods CIDRs of the cluster's pods: routes into them are the cloud controller manager's */
export function difference(present: readonly Route[], wanted: readonly Route[], pods: readonly string[]): Difference {
  const isIn = (list: readonly Route[], route: Route): boolean => list.some(({ destination, nexthop }) => destination === route.destination && nexthop === route.nexthop);
  return {
    missing: wanted.filter((route) => !isIn(present, route)),
    surplus: present.filter((route) => !isIn(wanted, route) && !pods.some((cidr) => isWithin(route.destination, cidr))),
  };
}
