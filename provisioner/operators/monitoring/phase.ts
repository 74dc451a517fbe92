/** Where a Cluster is in its life, and since when: alerts of a cluster that is made, moved or taken away wait for the end of it. Pure. */
import type { ClusterPhase } from '../../../monitoring/fleet.ts';
import { annotations } from '../../api/labels.ts';
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
  const created = createdAt(cluster);
  if (isDeleting(cluster)) return { phase: 'deleting', since: new Date(cluster.metadata.deletionTimestamp ?? 0) };
  if (cluster.spec?.paused) return { phase: 'paused', since: conditionSince(cluster, 'Paused') ?? created };
  if (!hasControlPlane(cluster) || isYoung(cluster)) return { phase: 'creating', since: created };
  const rolling = findCondition(cluster.status?.conditions, 'RollingOut');
  if (rolling?.status === 'True') return { phase: 'upgrading', since: new Date(rolling.lastTransitionTime) };
  return { phase: 'running', since: rolling ? new Date(rolling.lastTransitionTime) : created };
}

/** Longer than that a cluster is not "being created", it is broken. */
const youthMs = 30 * 60_000;

/**
 * Not yet Available, and never was. That it was is remembered on the Cluster: conditions only tell since when they are as they are,
 * and one that turned False in the first half hour may have been Unknown before, or True.
 */
function isYoung(cluster: Cluster): boolean {
  if (firstAvailable(cluster)) return false;
  const available = findCondition(cluster.status?.conditions, 'Available');
  return available === undefined || new Date(available.lastTransitionTime).getTime() - createdAt(cluster).getTime() < youthMs;
}

/** Since when the cluster was Available for the first time; undefined where nobody saw that. */
export function firstAvailable(cluster: Cluster): Date | undefined {
  const noted = new Date(cluster.metadata.annotations?.[annotations.firstAvailable] ?? '');
  // Older than the object: of another one, whose manifest this was made from.
  if (noted >= createdAt(cluster)) return noted;
  const available = findCondition(cluster.status?.conditions, 'Available');
  return available?.status === 'True' ? new Date(available.lastTransitionTime) : undefined;
}

const createdAt = ({ metadata }: Cluster): Date => new Date(metadata.creationTimestamp ?? 0);

function conditionSince(cluster: Cluster, type: string): Date | undefined {
  const found = findCondition(cluster.status?.conditions, type);
  return found && new Date(found.lastTransitionTime);
}
