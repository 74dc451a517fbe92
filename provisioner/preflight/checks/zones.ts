/** Whether servers stand in one zone without anybody having meant it. Warnings: there are clouds and clusters for which it is right. */
import type { CloudView } from '../cloud-view.ts';
import type { Demand, ServerGroup } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';

/** Nothing to say in a cloud of one zone, or of which nobody knows the zones. */
export function spread({ groups }: Demand, { zones = [] }: CloudView): ClusterFinding[] {
  if (zones.length < 2) return [];
  return groups.flatMap((group) => (group.kind === 'control plane' ? controlPlane(group, zones) : group.kind === 'workers' ? workers(group, zones) : []));
}

function controlPlane({ replicas, zones: named }: ServerGroup, zones: readonly string[]): ClusterFinding[] {
  const [first, ...others] = new Set(named.map(({ value }) => value));
  if (replicas.value < 2 || first === undefined || others.length > 0) return [];
  return [{
    rule: 'cluster/zones', severity: 'warning', path: 'spec.topology.variables.controlPlane.zones', message: `all ${replicas.value} control plane servers are in zone ${first}: when it fails, so does the cluster`,
    fix: `name more zones, or none to take all there are (${zones.join(', ')})`,
  }];
}

/** A MachineDeployment is in one zone at most; without one Nova chooses, server by server, and the servers may meet in one zone. */
function workers({ name, replicas, zones: named }: ServerGroup, zones: readonly string[]): ClusterFinding[] {
  if (named.length > 0 || replicas.value === 0) return [];
  return [{
    rule: 'cluster/zones', severity: 'warning', path: replicas.path.replace(/replicas$/, 'failureDomain'), message: `worker group ${name} names no zone: the cloud chooses, and all its servers may be in the same`,
    fix: `make one group for each zone, with its failureDomain (${zones.join(', ')})`,
  }];
}
