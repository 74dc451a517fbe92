/** Variables → OpenStackClusterTemplate (infrastructure.cluster.x-k8s.io/v1beta1). */
import { bastionGroupName, capoNetworkName, ownershipTag } from '../../api/names.ts';
import type { Variables } from '../../api/variables/index.ts';
import { identityOf, type Inputs } from './inputs.ts';
import { set, type Operation } from './operation.ts';
import { managedSecurityGroups } from './security-groups.ts';

export function openStackCluster(inputs: Inputs): Operation[] {
  const { variables, builtin } = inputs;
  const { cloud, network, api, controlPlane } = variables;
  const { type, name, cloudName } = cloud.identity;
  const fields = {
    identityRef: { type, name, cloudName, ...(cloud.region ? { region: cloud.region } : {}) },
    ...nodeNetwork(network),
    ...(network.externalNetwork ? { externalNetwork: parameter(network.externalNetwork) } : {}),
    apiServerLoadBalancer: loadBalancer(inputs),
    ...apiServerAddress(api),
    managedSecurityGroups: managedSecurityGroups(inputs),
    bastion: bastion(inputs),
    ...(controlPlane.zones.length ? { controlPlaneAvailabilityZones: controlPlane.zones } : {}),
    // CAPO puts the tags of the cluster on every resource it creates for it, servers included.
    tags: [ownershipTag(identityOf(builtin))],
  };
  return Object.entries(fields).map(([field, value]) => set(field, value));
}

type Reference = NonNullable<Variables['network']['externalNetwork']>;

const parameter = ({ id, name }: Reference): object => (id ? { id } : { filter: { name } });

function nodeNetwork({ existing, nodeCidr, dnsServers, mtu }: Variables['network']): object {
  if (existing) {
    return { network: parameter(existing.network), subnets: existing.subnets.map(parameter), ...(existing.router ? { router: parameter(existing.router) } : {}) };
  }
  return { managedSubnets: [{ cidr: nodeCidr, ...(dnsServers.length ? { dnsNameservers: dnsServers } : {}) }], ...(mtu === undefined ? {} : { networkMTU: mtu }) };
}

/** Where the management cluster's requests come from must stay open, or it could not manage the cluster any more. OVN's listeners take no list (501). */
function loadBalancer({ variables, managementEgress }: Inputs): object {
  const { provider, flavor, zone, allowedCidrs } = variables.api.loadBalancer;
  if (provider === 'none') return { enabled: false };
  return {
    enabled: true,
    provider,
    ...(flavor ? { flavor } : {}),
    ...(zone ? { availabilityZone: zone } : {}),
    ...(provider === 'amphora' && allowedCidrs.length ? { allowedCIDRs: [...new Set([...allowedCidrs, ...managementEgress])] } : {}),
  };
}

function apiServerAddress({ floatingIp, port }: Variables['api']): object {
  return {
    ...(floatingIp.mode === 'none' ? { disableAPIServerFloatingIP: true } : {}),
    ...(floatingIp.address ? { apiServerFloatingIP: floatingIp.address } : {}),
    ...(floatingIp.fixedIp ? { apiServerFixedIP: floatingIp.fixedIp } : {}),
    ...(port === 6443 ? {} : { apiServerPort: port }),
  };
}

/** The field stays when the bastion is off: CAPO removes the server only while the field says so. */
function bastion(inputs: Inputs): object {
  const { bastion: wanted, controlPlane, os } = inputs.variables;
  if (!wanted.enabled) return { enabled: false };
  const sshKeyName = wanted.sshKey ?? os.sshKey;
  return {
    enabled: true,
    spec: { flavor: wanted.flavor ?? controlPlane.flavor, image: { filter: { name: wanted.image ?? controlPlane.image } }, ...(sshKeyName ? { sshKeyName } : {}), ...(wanted.allowedCidrs.length ? { ports: [restrictedPort(inputs)] } : {}) },
    ...(wanted.zone ? { availabilityZone: wanted.zone } : {}),
    ...(wanted.floatingIp ? { floatingIP: wanted.floatingIp } : {}),
  };
}

/**
 * A port with groups of its own is not in CAPO's group of bastions, which lets everybody in (openStackMachineSpecToOpenStackServerSpec
 * of CAPO 0.14). It names its network too: CAPO writes what a port leaves out into this very list, and Cluster API would
 * take it out again, for ever. The operator `bastion-access` makes the group.
 */
function restrictedPort({ variables: { network: { existing } }, builtin }: Inputs): object {
  const tag = ownershipTag(identityOf(builtin));
  return {
    ...(existing
      ? { network: parameter(existing.network), fixedIPs: existing.subnets.map((subnet) => ({ subnet: parameter(subnet) })) }
      : { network: { filter: { name: capoNetworkName(builtin.cluster), tags: [tag] } } }),
    securityGroups: [{ filter: { name: bastionGroupName(tag) } }],
  };
}
