/** The controller of `cluster-routes`: it wakes when a Cluster or its OpenStackCluster begins to be deleted. */
import { labels } from '../../api/labels.ts';
import { type ChangeSource, Controller, ExponentialLimiter, keyOf, source } from '../../kube/index.ts';
import { type Cluster, isDeleting, type OpenStackCluster } from '../cluster.ts';
import { type ClusterRoutesOptions, ClusterRoutesReconciler } from './reconciler.ts';

export interface ClusterRoutesControllerOptions extends ClusterRoutesOptions {
  readonly clusters: ClusterRoutesOptions['clusters'] & ChangeSource<Cluster>;
  readonly openStackClusters: ClusterRoutesOptions['openStackClusters'] & ChangeSource<OpenStackCluster>;
}

export function clusterRoutesController(o: ClusterRoutesControllerOptions): Controller {
  const reconciler = new ClusterRoutesReconciler(o);
  return new Controller({
    ...o.context,
    name: 'cluster-routes',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [
      source({ reflector: o.clusters, isRelevant: ({ object }) => isDeleting(object) }),
      source({ reflector: o.openStackClusters, isRelevant: ({ object }) => isDeleting(object), keys: ofCluster }),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });
}

function ofCluster({ metadata }: OpenStackCluster): string[] {
  const name = metadata.labels?.[labels.clusterName];
  return name === undefined ? [] : [keyOf({ namespace: metadata.namespace, name })];
}
