/** A Cluster as the API server has it now, whole: the cache is trimmed and may be a moment behind. And which of its changes matter to those who act on its spec alone. */
import { finalizers } from '../../api/labels.ts';
import { type Change, type ObjectRef, resources } from '../../kube/index.ts';
import type { PreflightCluster } from '../../preflight/cluster.ts';
import { type Cluster, isDeleting, isOfOurClass } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';

/** As the API server has it, with its variables. */
export type WholeCluster = Cluster & PreflightCluster & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Cluster['metadata'];
  readonly spec?: Cluster['spec'] & PreflightCluster['spec'] & { readonly controlPlaneRef?: { readonly name: string } };
};

export interface ClusterSource {
  readonly context: Pick<OperatorContext, 'client'>;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
}

/** The API server is asked about those that are ready by the cache. @returns undefined for one that is not, or not any more @throws KubeError */
export async function wholeCluster({ context, clusters }: ClusterSource, ref: ObjectRef, isReady: (cluster: Cluster) => boolean, signal: AbortSignal): Promise<WholeCluster | undefined> {
  const known = clusters.get(ref);
  if (!known || !isReady(known)) return undefined;
  const cluster = await context.client.get<WholeCluster>(resources.clusters, ref, { signal });
  return cluster && isReady(cluster) ? cluster : undefined;
}

/** With our finalizer on it: whoever makes something in a Cluster's cloud must be asked before it goes. */
export const mayMakeInCloud = (cluster: Cluster): boolean => isOfOurClass(cluster) && !isDeleting(cluster) && cluster.spec?.paused !== true && cluster.metadata.finalizers?.includes(finalizers.cluster) === true;

/** New to us, of another spec, or ready where it was not: the rest of its status is no news. */
export const isNewsOf = (isReady: (cluster: Cluster) => boolean) => ({ old, object }: Change<Cluster>): boolean =>
  !old || old.metadata.generation !== object.metadata.generation || isReady(old) !== isReady(object);
