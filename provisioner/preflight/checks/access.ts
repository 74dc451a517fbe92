/** What the credentials may do, and whose the resources are that CAPO would take for its own. */
import type { CloudView } from '../cloud-view.ts';
import type { Demand } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';

const identity = 'spec.topology.variables.cloud.identity';
/** Keystone's default roles that let one look and no more: https://docs.openstack.org/keystone/latest/admin/service-api-protection.html */
const onlyLooking = new Set(['reader', 'load-balancer_observer', 'load-balancer_global_observer']);

export function roles(demand: Demand, { roles: held, refusals }: CloudView): ClusterFinding[] {
  const readOnly: ClusterFinding[] = held.length > 0 && held.every((role) => onlyLooking.has(role))
    ? [{ rule: 'cloud/role', severity: 'error', path: identity, message: `the credentials hold ${held.join(', ')} in their project and can create nothing`, fix: 'give them the role member, and load-balancer_member for Octavia' }]
    : [];
  const refused = refusals.map(({ what, service, error }): ClusterFinding => ({
    rule: 'cloud/role', severity: 'error', path: identity, message: `the credentials may not read ${what} (${service}): ${error.message}`,
    fix: service === 'load-balancer' && demand.loadBalancer ? 'give them the role load-balancer_member, or set api.loadBalancer.provider to none where the cloud has no Octavia' : 'give them the role member in their project',
  }));
  return [...readOnly, ...refused];
}

/** @param tag of the cluster; undefined for one that does not exist yet: then whatever is there belongs to somebody else */
export function foreignResources(tag: string | undefined, { namesakes = [] }: CloudView): ClusterFinding[] {
  return namesakes.filter(({ tags }) => tag === undefined || !tags.includes(tag)).map(({ kind, name, id, tags }) => {
    const owner = tags.find((one) => /^keelson-[0-9a-f]{16}$/.test(one));
    return {
      rule: 'cloud/foreign-resource', severity: 'error' as const, path: 'metadata.name',
      message: `the ${kind} ${name} (${id}) is there already${owner ? ` and belongs to another cluster (tag ${owner})` : " and does not carry this cluster's tag"}; Cluster API would take it for its own, and delete it with the cluster`,
      fix: `delete or rename the ${kind}, or give the Cluster another name or namespace`,
    };
  });
}
