/** The controller of `cluster-apps`: what wakes it. */
import { bundleValid } from '../../api/conditions.ts';
import { annotations, labels } from '../../api/labels.ts';
import { managementClusterName } from '../../api/names.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, findCondition, keyOf, source } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { isReadyNow } from '../app/gate.ts';
import { endingOf } from '../app/ending.ts';
import { neighboursOf } from '../app/neighbours.ts';
import { heartbeat } from '../class/heartbeat.ts';
import type { Cluster, OpenStackCluster } from '../cluster.ts';
import type { BundleObject } from './bundle-object.ts';
import { type ClusterAppsOptions, ClusterAppsReconciler } from './reconciler.ts';

export interface ClusterAppsControllerOptions extends Omit<ClusterAppsOptions, 'apps'> {
  readonly clusters: ClusterAppsOptions['clusters'] & ChangeSource<Cluster> & { items(): Cluster[] };
  readonly openStackClusters: ClusterAppsOptions['openStackClusters'] & ChangeSource<OpenStackCluster>;
  readonly apps: ChangeSource<AppObject>;
  readonly bundles: ClusterAppsOptions['bundles'] & ChangeSource<BundleObject>;
  readonly workers: number;
}

export function clusterAppsController(o: ClusterAppsControllerOptions): Controller {
  const reconciler = new ClusterAppsReconciler({ ...o, apps: neighboursOf(o.apps) });
  const { context: { systemNamespace }, settings: { management } } = o;
  /** The management cluster is no object: its key has no namespace. */
  const managementKeys = management ? [keyOf({ name: managementClusterName })] : [];
  const ofTarget = ({ metadata: { namespace, labels: given } }: AppObject | OpenStackCluster): readonly string[] => {
    const name = given?.[labels.clusterName];
    if (name === undefined) return [];
    return namespace === systemNamespace && name === managementClusterName ? managementKeys : [keyOf({ namespace, name })];
  };
  const everyone = (): string[] => [...o.clusters.items().map(({ metadata }) => keyOf(metadata)), ...managementKeys];
  return new Controller({
    ...o.context,
    workers: o.workers,
    name: 'cluster-apps',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [
      source({ reflector: o.clusters, isRelevant: isClusterNews }),
      source({ reflector: o.openStackClusters, keys: ofTarget }),
      source({ reflector: o.apps, isRelevant: isAppNews, keys: ofTarget }),
      source({ reflector: o.bundles, isRelevant: isBundleNews, keys: everyone }),
      ...(management ? [source({ reflector: heartbeat(managementClusterName) })] : []),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });
}

/** Conditions of a Cluster change all the time, ours among them. */
function isClusterNews({ old, object }: Change<Cluster>): boolean {
  const facts = ({ metadata, status }: Cluster): string =>
    JSON.stringify([metadata.generation, metadata.deletionTimestamp, metadata.labels, metadata.annotations?.[annotations.bundle], metadata.annotations?.[annotations.bundleWithout], status?.initialization]);
  return !old || facts(old) !== facts(object) || endingOf(old) !== endingOf(object);
}

function isAppNews({ type, old, object }: Change<AppObject>): boolean {
  return type !== 'modified' || !old || isReadyNow(old) !== isReadyNow(object) || old.metadata.generation !== object.metadata.generation;
}

function isBundleNews({ type, old, object }: Change<BundleObject>): boolean {
  const valid = ({ status }: BundleObject): string | undefined => findCondition(status?.conditions, bundleValid.type)?.status;
  return type !== 'modified' || !old || valid(old) !== valid(object);
}
