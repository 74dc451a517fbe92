/** What the components of a cluster must know of its cloud, from the status that CAPO keeps (OpenStackCluster v1beta1). */
import type { OpenStackCluster } from '../cluster.ts';

export interface CloudFacts {
  readonly routerId: string;
  readonly networkId: string;
  readonly subnetId: string;
  /** Where floating IPs come from; absent where the cluster has no external network. */
  readonly floatingNetworkId?: string;
  /** Octavia provider of the API server's load balancer; Services get the same. Absent: the cloud's own default. */
  readonly loadBalancerProvider?: string;
  readonly identity: { readonly secret: string; readonly cloudName: string; readonly region?: string };
}

/** undefined until CAPO has made the network. The subnet is the first: CAPO makes one, and lets machines use the first of several. */
export function cloudFacts(openStackCluster: OpenStackCluster | undefined): CloudFacts | undefined {
  const { status, spec } = openStackCluster ?? {};
  const subnet = status?.network?.subnets?.[0];
  const identity = spec?.identityRef;
  if (!status?.network || !subnet || !status.router || !identity) return undefined;
  const provider = spec?.apiServerLoadBalancer?.provider;
  return {
    routerId: status.router.id,
    networkId: status.network.id,
    subnetId: subnet.id,
    ...(status.externalNetwork ? { floatingNetworkId: status.externalNetwork.id } : {}),
    ...(provider ? { loadBalancerProvider: provider } : {}),
    identity: { secret: identity.name, cloudName: identity.cloudName ?? 'openstack', ...(identity.region ? { region: identity.region } : {}) },
  };
}
