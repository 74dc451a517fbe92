/** Whether a Cluster asks for it, and who is let in whatever it says. */
import { parseVariables } from '../../api/variable-definitions.ts';
import { type PreflightCluster, valuesOf } from '../../preflight/cluster.ts';
import type { OpenStackCluster } from '../cluster.ts';
import type { ApiAccess } from './policy.ts';

/** undefined: everybody may, or the load balancer sees to it. @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export function wantedAccess(cluster: PreflightCluster): ApiAccess | undefined {
  const { loadBalancer, port } = parseVariables(valuesOf(cluster.spec?.topology?.variables)).api;
  const isOurs = loadBalancer.provider !== 'amphora' && loadBalancer.allowedCidrs.length > 0;
  return isOurs ? { port, allowed: loadBalancer.allowedCidrs } : undefined;
}

/**
 * The addresses that CAPO lets in by itself where the load balancer keeps the list (getCanonicalAllowedCIDRs of CAPO 0.14):
 * nodes that call the floating IP come back from the router with its address.
 */
export function ownAddresses({ status }: OpenStackCluster): string[] {
  const { network, router, bastion } = status ?? {};
  const addresses = [...(router?.ips ?? []), bastion?.ip, bastion?.floatingIP].filter((address) => address !== undefined && address !== '');
  return [...(network?.subnets ?? []).map(({ cidr }) => cidr), ...addresses.map((address) => `${address}/${address?.includes(':') ? 128 : 32}`)];
}
