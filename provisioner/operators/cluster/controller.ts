/** The controller of `cluster`: it follows Clusters of our class from their first moment to their last. */
import { annotations, finalizers, labels } from '../../api/labels.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, keyOf, type ObjectRef, type ReconcileResult, type Request, resources, source } from '../../kube/index.ts';
import { type Cluster, isDeleting, isOfOurClass, type OpenStackCluster } from '../cluster.ts';
import { Deletion, type DeletionOptions, setFinalizer } from './deletion/deletion.ts';
import { checkCloud, type WholeCluster } from './preflight.ts';

export interface ClusterControllerOptions extends DeletionOptions {
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
  readonly openStackClusters: DeletionOptions['openStackClusters'] & ChangeSource<OpenStackCluster>;
  readonly workers: number;
}

export function clusterController(o: ClusterControllerOptions): Controller {
  const deletion = new Deletion(o);
  return new Controller({
    ...o.context,
    workers: o.workers,
    name: 'cluster',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [
      source({ reflector: o.clusters, isRelevant: isNews }),
      source({ reflector: o.openStackClusters, isRelevant: ({ type }) => type === 'deleted', keys: ofCluster }),
    ],
    reconcile: (request, signal) => reconcile(o, deletion, request, signal),
  });
}

async function reconcile(o: ClusterControllerOptions, deletion: Deletion, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const known = o.clusters.get(request);
  if (!known || !isOfOurClass(known) || known.spec?.paused) return;
  // The cache keeps no variables.
  const cluster = await o.context.client.get<WholeCluster>(resources.clusters, request, { signal });
  if (!cluster || !isOfOurClass(cluster)) return;
  if (isDeleting(cluster)) return { requeueAfterMs: await deletion.step(cluster, signal) };
  if (!cluster.metadata.finalizers?.includes(finalizers.cluster)) await setFinalizer(o.context, cluster, [finalizers.cluster], signal);
  return { requeueAfterMs: await checkCloud(o.context, cluster, signal) };
}

/** Our own annotations and conditions are no news to us; those that a person sets are. */
function isNews({ old, object }: Change<Cluster>): boolean {
  const facts = ({ metadata, spec }: Cluster): string => JSON.stringify([metadata.generation, metadata.deletionTimestamp, metadata.annotations?.[annotations.abandonCloud], metadata.annotations?.[annotations.volumes], spec?.paused]);
  return !old || facts(old) !== facts(object);
}

function ofCluster({ metadata }: OpenStackCluster): string[] {
  const name = metadata.labels?.[labels.clusterName];
  return name === undefined ? [] : [keyOf({ namespace: metadata.namespace, name })];
}
