/** The status of a ClusterAccess: what it says, and when it is written. */
import type { ClusterAccess, ClusterAccessStatus } from '../../api/cluster-access.ts';
import { clusterAccessReady, type Reason } from '../../api/conditions.ts';
import { type Condition, findCondition, isKubeError, resources, setCondition } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';

export type AccessReason = Reason<typeof clusterAccessReady>;

export interface AccessVerdict {
  readonly status: 'True' | 'False';
  readonly reason: AccessReason;
  readonly message: string;
}

/** Why nothing more will come of a request. */
export const refusals: ReadonlySet<AccessReason> = new Set<AccessReason>(['ClusterNotFound', 'RoleRefused', 'TooManyOpen']);

export function readyOf(access: ClusterAccess): Condition | undefined {
  return findCondition(access.status?.conditions, clusterAccessReady.type);
}

export function isRefused(access: ClusterAccess): boolean {
  return refusals.has(readyOf(access)?.reason as AccessReason);
}

/** Signed, and its time not over. */
export function isOpen(access: ClusterAccess, now: Date): boolean {
  const { expiresAt } = access.status ?? {};
  return expiresAt !== undefined && new Date(expiresAt) > now && !isDeleting(access);
}

/** Whether the condition is another than before; nothing is written where it is not. @param more fields of the status besides; null takes one away */
export async function reportAccess(context: OperatorContext, access: ClusterAccess, verdict: AccessVerdict, signal: AbortSignal, more: { readonly [F in keyof ClusterAccessStatus]?: ClusterAccessStatus[F] | null } = {}): Promise<boolean> {
  const old = readyOf(access);
  const isSame = old?.status === verdict.status && old.reason === verdict.reason && old.message === verdict.message;
  if (isSame && Object.keys(more).length === 0) return false;
  const { generation = 0, namespace = '', name, uid } = access.metadata;
  const conditions = setCondition(access.status?.conditions, { type: clusterAccessReady.type, ...verdict, observedGeneration: generation }, context.clock);
  const body = { metadata: { uid }, status: { observedGeneration: generation, conditions, ...more } };
  try {
    await context.client.patch(resources.clusterAccesses, { namespace, name }, { type: 'merge', subresource: 'status', body, signal });
  } catch (error) {
    // Deleted meanwhile, or made anew under its name (the uid then conflicts): its own event follows.
    if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) throw error;
    return false;
  }
  return !isSame;
}
