/** Where a Cluster is in its life, and since when: alerts of a cluster that is made, moved or taken away wait for the end of it. Pure. */
import type { ClusterPhase } from '../../../monitoring/fleet.ts';
import { findCondition } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting } from '../cluster.ts';

export interface PhaseOf {
  readonly phase: ClusterPhase;
  readonly since: Date;
}

/**
 * Creating lasts until the cluster was Available for the first time; upgrading is Cluster API's RollingOut, which is True
 * while any machine is not yet as it should be.
 */
export function phaseOf(cluster: Cluster): PhaseOf {
  const { creationTimestamp, deletionTimestamp } = cluster.metadata;
  const created = new Date(creationTimestamp ?? 0);
  if (isDeleting(cluster)) return { phase: 'deleting', since: new Date(deletionTimestamp ?? 0) };
  if (cluster.spec?.paused) return { phase: 'paused', since: conditionSince(cluster, 'Paused') ?? created };
  if (!hasControlPlane(cluster) || isYoung(cluster)) return { phase: 'creating', since: created };
  const rolling = findCondition(cluster.status?.conditions, 'RollingOut');
  if (rolling?.status === 'True') return { phase: 'upgrading', since: new Date(rolling.lastTransitionTime) };
  return { phase: 'running', since: rolling ? new Date(rolling.lastTransitionTime) : created };
}

/** Longer than that a cluster is not "being created", it is broken. */
const youthMs = 30 * 60_000;

/** Not yet Available, and never was: a condition that has not changed since the first half hour. */
function isYoung(cluster: Cluster): boolean {
  const available = findCondition(cluster.status?.conditions, 'Available');
  if (available?.status === 'True') return false;
  const created = new Date(cluster.metadata.creationTimestamp ?? 0).getTime();
  return available === undefined || new Date(available.lastTransitionTime).getTime() - created < youthMs;
}

function conditionSince(cluster: Cluster, type: string): Date | undefined {
  const found = findCondition(cluster.status?.conditions, type);
  return found && new Date(found.lastTransitionTime);
}
