/**
 * Quotas: everything the cluster needs when it is whole, and one more server while machines are replaced (KubeadmControlPlane
 * and MachineDeployments of this class add one before they remove one, and Cluster API rolls one after the other).
 */
import type { FlavorRecord, Quota } from '../../openstack/index.ts';
import type { CloudView, Own } from '../cloud-view.ts';
import type { Demand } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';

/** In pieces, cores and MiB. */
export type Amounts = { readonly [resource in keyof Own]: number };

/**
 * What CAPO 0.14 makes besides servers. Security groups: control plane and workers. Rules: measured on the class
 * openstack-v1 (docs/clusters.md); ports: the load balancer's address, the router's interface, Neutron's own port of the network.
 */
const fixed = { networks: 1, subnets: 1, routers: 1, securityGroups: 2, securityGroupRules: 60, floatingIps: 1, portsBesideServers: 2 } as const;

/** @throws nothing; a flavor that the cloud has not counts as nothing, and is a finding of its own */
export function amountsOf(demand: Demand, flavors: readonly FlavorRecord[]): Amounts {
  const sizes = demand.groups.map((group) => ({ replicas: group.replicas.value, flavor: flavors.find(({ name }) => name === group.flavor.value) }));
  const sum = (of: (flavor: FlavorRecord) => number): number => sizes.reduce((total, { replicas, flavor }) => total + replicas * (flavor ? of(flavor) : 0), 0);
  const largest = (of: (flavor: FlavorRecord) => number): number => Math.max(0, ...sizes.filter(({ replicas }) => replicas > 0).map(({ flavor }) => (flavor ? of(flavor) : 0)));
  const instances = sizes.reduce((total, { replicas }) => total + replicas, 0) + 1;
  const loadBalancers = demand.loadBalancer ? 1 : 0;
  return {
    instances,
    cores: sum(({ vcpus }) => vcpus) + largest(({ vcpus }) => vcpus),
    ramMb: sum(({ ram }) => ram) + largest(({ ram }) => ram),
    ports: instances + loadBalancers + fixed.portsBesideServers,
    loadBalancers,
    networks: fixed.networks, subnets: fixed.subnets, routers: fixed.routers, floatingIps: fixed.floatingIps,
    securityGroups: fixed.securityGroups, securityGroupRules: fixed.securityGroupRules,
  };
}

const units: { readonly [resource in keyof Own]: string } = {
  instances: 'servers', cores: 'cores', ramMb: 'MiB of RAM', ports: 'ports', floatingIps: 'floating IPs', securityGroups: 'security groups', securityGroupRules: 'security group rules',
  loadBalancers: 'load balancers', networks: 'networks', subnets: 'subnets', routers: 'routers',
};

export function quotas(demand: Demand, view: CloudView): ClusterFinding[] {
  const needed = amountsOf(demand, view.flavors ?? []);
  const limits = quotasOf(view);
  return (Object.keys(units) as (keyof Own)[]).flatMap((resource) => {
    const quota = limits[resource];
    const own = view.own?.[resource] ?? 0;
    const more = Math.max(0, needed[resource] - own);
    if (!quota || quota.limit < 0 || more === 0 || quota.used + more <= quota.limit) return [];
    const has = own === 0 ? '' : ` (it has ${own})`;
    return [{
      rule: 'cloud/quota', severity: 'error' as const, path: 'spec.topology',
      message: `the whole cluster needs ${needed[resource]} ${units[resource]}${has}; the project may have ${quota.limit} and uses ${quota.used}`,
      fix: `raise the quota to ${quota.used + more}, or make the cluster smaller`,
    }];
  });
}

function quotasOf({ compute, network, loadBalancers }: CloudView): Partial<Record<keyof Own, Quota>> {
  const of = (resource: keyof Own, quota: Quota | undefined): Partial<Record<keyof Own, Quota>> => (quota ? { [resource]: quota } : {});
  return {
    ...of('instances', compute?.instances), ...of('cores', compute?.cores), ...of('ramMb', compute?.ramMb),
    ...of('ports', network?.['port']), ...of('floatingIps', network?.['floatingip']), ...of('securityGroups', network?.['security_group']),
    ...of('securityGroupRules', network?.['security_group_rule']), ...of('networks', network?.['network']), ...of('subnets', network?.['subnet']), ...of('routers', network?.['router']),
    ...of('loadBalancers', loadBalancers),
  };
}
