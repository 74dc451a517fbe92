/** Variables → OpenStackClusterTemplate (infrastructure.cluster.x-k8s.io/v1beta1). */
import { ownershipTag } from '../../api/names.ts';
import type { Variables } from '../../api/variables.ts';
import type { Inputs } from './inputs.ts';
import { set, type Operation } from './operation.ts';

export function openStackCluster({ variables, builtin }: Inputs): Operation[] {
  const { cloud, network, controlPlane } = variables;
  return [
    set('identityRef', { type: 'Secret', name: cloud.identity.name, cloudName: cloud.identity.cloudName, ...(cloud.region ? { region: cloud.region } : {}) }),
    set('managedSubnets', [{ cidr: network.nodeCidr, ...(network.dnsServers.length ? { dnsNameservers: network.dnsServers } : {}) }]),
    ...(network.externalNetwork ? [set('externalNetwork', networkParameter(network.externalNetwork))] : []),
    set('apiServerLoadBalancer', loadBalancer(variables.api.loadBalancer)),
    ...(controlPlane.zones.length ? [set('controlPlaneAvailabilityZones', controlPlane.zones)] : []),
    // CAPO puts the tags of the cluster on every resource it creates for it, servers included.
    set('tags', [ownershipTag(builtin.cluster.uid)]),
  ];
}

const networkParameter = ({ id, name }: NonNullable<Variables['network']['externalNetwork']>): object => (id ? { id } : { filter: { name } });

function loadBalancer({ enabled, provider, allowedCidrs }: Variables['api']['loadBalancer']): object {
  if (!enabled) return { enabled };
  return { enabled, provider, ...(allowedCidrs.length ? { allowedCIDRs: allowedCidrs } : {}) };
}
