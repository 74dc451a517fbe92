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
 * What CAPO 0.14 makes besides servers. Security groups: control plane, workers, bastion. Ports: the router's interface and
 * Neutron's own port of the network.
 */
const fixed = { securityGroups: 2, portsOfNetwork: 2 } as const;

/**
 * Rules of CAPO 0.14 (securitygroups.go, securitygroups_rules.go in pkg/cloud/services/networking): of its own, and for a
 * bastion its group of three and SSH into both groups of nodes; a flow to all nodes is let in to two groups from two, one to
 * the control plane to one from two. A group of ours for the bastion: two rules that Neutron gives it, one of SSH in each group
 * of nodes, one for each range.
 */
const rules = { own: 16, ofBastion: 5, forFlowToNodes: 4, forFlowToControlPlane: 2, ofBastionGroup: 4 } as const;

function securityGroupRules({ groups, flows, bastionRanges }: Demand): number {
  const bastion = groups.some(({ kind }) => kind === 'bastion') ? rules.ofBastion : 0;
  return rules.own + bastion + rules.forFlowToNodes * flows.toNodes + rules.forFlowToControlPlane * flows.toControlPlane + (bastionRanges > 0 ? bastionRanges + rules.ofBastionGroup : 0);
}

/** A flavor that the cloud has not counts as nothing, and is a finding of its own. */
export function amountsOf(demand: Demand, flavors: readonly FlavorRecord[]): Amounts {
  const sizes = demand.groups.map((group) => ({ group, count: group.replicas.value, flavor: flavors.find(({ name }) => name === group.flavor.value) }));
  const machines = sizes.filter(({ group, count }) => group.kind !== 'bastion' && count > 0);
  /** All of them, and once more the largest that can be replaced. */
  const withSurge = (of: (size: (typeof sizes)[number]) => number): number => sizes.reduce((total, size) => total + size.count * of(size), 0) + Math.max(0, ...machines.map(of));
  const instances = withSurge(() => 1);
  const isMade = demand.existing === undefined ? 1 : 0;
  const loadBalancers = demand.loadBalancer ? 1 : 0;
  return {
    instances,
    cores: withSurge(({ flavor }) => flavor?.vcpus ?? 0),
    ramMb: withSurge(({ flavor }) => flavor?.ram ?? 0),
    volumes: withSurge(({ group }) => group.volumes.length),
    gigabytes: withSurge(({ group }) => group.volumes.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0)),
    ports: instances + loadBalancers + isMade * fixed.portsOfNetwork,
    loadBalancers, networks: isMade, subnets: isMade, routers: isMade,
    floatingIps: demand.floatingIps.made,
    securityGroups: fixed.securityGroups + (demand.groups.some(({ kind }) => kind === 'bastion') ? 1 : 0) + (demand.bastionRanges > 0 ? 1 : 0),
    securityGroupRules: securityGroupRules(demand),
    serverGroups: demand.groups.filter((group) => group.serverGroup).length,
  };
}

const units: { readonly [resource in keyof Own]: string } = {
  instances: 'servers', cores: 'cores', ramMb: 'MiB of RAM', ports: 'ports', floatingIps: 'floating IPs', securityGroups: 'security groups', securityGroupRules: 'security group rules',
  loadBalancers: 'load balancers', networks: 'networks', subnets: 'subnets', routers: 'routers',
  volumes: 'volumes', gigabytes: 'GiB of volumes', serverGroups: 'server groups',
};

export function quotas(demand: Demand, view: CloudView): ClusterFinding[] {
  const needed = amountsOf(demand, view.flavors ?? []);
  const limits = quotasOf(view);
  return [...membersOf(demand, view), ...(Object.keys(units) as (keyof Own)[]).flatMap((resource) => {
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
  })];
}

/** A machine that is replaced is in the group together with the one that follows it. */
function membersOf({ groups }: Demand, { compute }: CloudView): ClusterFinding[] {
  const limit = compute?.serverGroupMembers ?? -1;
  return groups.flatMap(({ kind, name, replicas, serverGroup }) => {
    const needed = replicas.value === 0 ? 0 : replicas.value + 1;
    if (!serverGroup || limit < 0 || needed <= limit) return [];
    return [{
      rule: 'cloud/quota', severity: 'error' as const, path: replicas.path,
      message: `the server group of ${kind === 'control plane' ? 'the control plane' : name} needs room for ${needed} servers; the project may have ${limit} in a group`,
      fix: `raise the quota server_group_members to ${needed}, split the group, or say none at ${serverGroup.path}`,
    }];
  });
}

function quotasOf({ compute, network, loadBalancers, storage }: CloudView): Partial<Record<keyof Own, Quota>> {
  const of = (resource: keyof Own, quota: Quota | undefined): Partial<Record<keyof Own, Quota>> => (quota ? { [resource]: quota } : {});
  return {
    ...of('instances', compute?.instances), ...of('cores', compute?.cores), ...of('ramMb', compute?.ramMb),
    ...of('ports', network?.['port']), ...of('floatingIps', network?.['floatingip']), ...of('securityGroups', network?.['security_group']),
    ...of('securityGroupRules', network?.['security_group_rule']), ...of('networks', network?.['network']), ...of('subnets', network?.['subnet']), ...of('routers', network?.['router']),
    ...of('loadBalancers', loadBalancers), ...of('volumes', storage?.volumes), ...of('gigabytes', storage?.gigabytes), ...of('serverGroups', compute?.serverGroups),
  };
}
