/** The status of an AccessBinding: in how many of the clusters it selects its rights hold. */
import { isDeepStrictEqual } from 'node:util';
import type { AccessBinding, AccessBindingStatus } from '../../api/access-binding.ts';
import { accessBindingReady, type Reason } from '../../api/conditions.ts';
import { isKubeError, type ObjectRef, type Request, resources, setCondition } from '../../kube/index.ts';
import { type Cluster, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { isSelected } from './rights-reconciler.ts';
import type { RightsBoard } from './rights-board.ts';

export interface BindingOptions {
  readonly context: OperatorContext;
  readonly clusters: { items(): Cluster[] };
  readonly bindings: { get(ref: ObjectRef): AccessBinding | undefined };
  readonly board: RightsBoard;
}

/** As many clusters are named in a message. */
const named = 5;

export async function reconcileBinding({ context, clusters, bindings, board }: BindingOptions, request: Request, signal: AbortSignal): Promise<void> {
  const binding = bindings.get(request);
  if (!binding || isDeleting(binding)) return;
  const selected = clusters.items().filter((cluster) => cluster.metadata.namespace === request.namespace && isManaged(cluster) && !isDeleting(cluster) && isSelected(binding, cluster.metadata));
  const missing = selected.filter(({ metadata }) => !board.isApplied({ namespace: request.namespace, name: metadata.name }, binding)).map(({ metadata }) => metadata.name);
  const { generation = 0, namespace, name, uid } = binding.metadata;
  const verdict = verdictOf(selected.length, missing);
  const status: AccessBindingStatus = {
    observedGeneration: generation, clusters: selected.length, applied: selected.length - missing.length,
    conditions: setCondition(binding.status?.conditions, { type: accessBindingReady.type, ...verdict, observedGeneration: generation }, context.clock),
  };
  if (isDeepStrictEqual(status, binding.status)) return;
  await context.client.patch(resources.accessBindings, { namespace, name }, { type: 'merge', subresource: 'status', body: { metadata: { uid }, status }, signal }).catch((error: unknown) => {
    if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) throw error;
  });
}

function verdictOf(selected: number, missing: readonly string[]): { status: 'True' | 'False'; reason: Reason<typeof accessBindingReady>; message: string } {
  if (selected === 0) return { status: 'True', reason: 'NoClusters', message: 'no cluster is selected yet' };
  if (missing.length === 0) return { status: 'True', reason: 'Applied', message: `in ${selected} cluster${selected === 1 ? '' : 's'}` };
  return { status: 'False', reason: 'SomeNotApplied', message: `not in ${missing.toSorted().slice(0, named).join(', ')}${missing.length > named ? ` and ${missing.length - named} more` : ''}` };
}
