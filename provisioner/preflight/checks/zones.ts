/** Whether servers stand in one zone without anybody having meant it, and whether volumes of pods can be where the pods are. Warnings: there are clouds and clusters for which it is right. */
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

/** Cinder CSI asks for the volume of a claim in the zone of its pod's node; Cinder refuses a zone that it does not have, at every try. */
export function claims({ groups, claimZone }: Demand, { zones = [], volumeZones }: CloudView): ClusterFinding[] {
  if (claimZone.value === 'default' || volumeZones === undefined) return [];
  const ofWorkers = groups.filter(({ kind, replicas }) => kind === 'workers' && replicas.value > 0).flatMap((group) => (group.zones.length > 0 ? group.zones.map(({ value }) => value) : zones));
  const without = [...new Set(ofWorkers)].filter((zone) => zones.includes(zone) && !volumeZones.includes(zone)).sort();
  if (without.length === 0) return [];
  return [{
    rule: 'cluster/claim-zones', severity: 'warning', path: claimZone.path, message: `Cinder has no zone ${without.join(', ')} (there is ${volumeZones.join(', ')}): volumes that pods claim there are never made`,
    fix: 'set it to default where Cinder has zones of its own',
  }];
}
