/** The controller of `cluster-apps`: what wakes it. */
import { labels } from '../../api/labels.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, keyOf, source } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { isReadyNow } from '../app/gate.ts';
import type { Cluster, OpenStackCluster } from '../cluster.ts';
import { type ClusterAppsOptions, ClusterAppsReconciler } from './reconciler.ts';

export interface ClusterAppsControllerOptions extends ClusterAppsOptions {
  readonly clusters: ClusterAppsOptions['clusters'] & ChangeSource<Cluster>;
  readonly openStackClusters: ClusterAppsOptions['openStackClusters'] & ChangeSource<OpenStackCluster>;
  readonly apps: ClusterAppsOptions['apps'] & ChangeSource<AppObject>;
  readonly workers: number;
}

export function clusterAppsController(o: ClusterAppsControllerOptions): Controller {
  const reconciler = new ClusterAppsReconciler(o);
  return new Controller({
    ...o.context,
    workers: o.workers,
    name: 'cluster-apps',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [
      source({ reflector: o.clusters, isRelevant: isClusterNews }),
      source({ reflector: o.openStackClusters, keys: ofCluster }),
      source({ reflector: o.apps, isRelevant: isAppNews, keys: ofCluster }),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });
}

/** Cluster API labels what belongs to a Cluster, and so do we. */
function ofCluster(object: AppObject | OpenStackCluster): string[] {
  const name = object.metadata.labels?.[labels.clusterName];
  return name === undefined ? [] : [keyOf({ namespace: object.metadata.namespace, name })];
}

/** Conditions of a Cluster change all the time, ours among them. */
function isClusterNews({ old, object }: Change<Cluster>): boolean {
  const facts = (c: Cluster): string => JSON.stringify([c.metadata.generation, c.metadata.deletionTimestamp, c.metadata.labels, c.status?.initialization]);
  return !old || facts(old) !== facts(object);
}

function isAppNews({ type, old, object }: Change<AppObject>): boolean {
  return type !== 'modified' || !old || isReadyNow(old) !== isReadyNow(object) || old.metadata.generation !== object.metadata.generation;
}
