/** The controller of Apps: what wakes it, how many it works on, how it backs off. */
import { appReady } from '../../api/conditions.ts';
import type { Helm } from '../../helm/index.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, findCondition, keyOf, type ObjectRef, source } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { clusterOfKubeconfig, type KubeconfigSecret, type RemoteClusters } from '../remote.ts';
import type { AppObject } from './app-object.ts';
import { AppReconciler } from './reconciler.ts';

/** A reflector, or one that starts later. */
export interface Cache<T extends AppObject | Cluster | KubeconfigSecret> extends ChangeSource<T> {
  get(ref: ObjectRef): T | undefined;
  items(): T[];
}

export interface AppControllerOptions {
  readonly context: OperatorContext;
  readonly helm: Pick<Helm, 'upgradeInstall' | 'status' | 'uninstall'>;
  readonly chartsDir: string;
  readonly apps: Cache<AppObject>;
  readonly clusters: Cache<Cluster>;
  readonly kubeconfigs: ChangeSource<KubeconfigSecret>;
  readonly remotes: RemoteClusters;
  /** Apps worked on at a time; each runs one Helm process. */
  readonly workers: number;
  readonly helmTimeoutMs?: number;
  readonly patienceMs?: number;
  /** First and longest pause after a failure. */
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number };
}

export function appController(o: AppControllerOptions): Controller {
  const { context, apps, clusters, kubeconfigs, workers } = o;
  const reconciler = new AppReconciler(o);
  const ofCluster = (key: string): string[] => apps.items().filter((app) => clusterKey(app) === key).map((app) => keyOf(app.metadata));
  return new Controller({
    ...context, workers,
    name: 'app',
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 1000, maxMs: 300_000, ...o.backoff }),
    sources: [
      source({ reflector: apps, isRelevant: isOwnWork }),
      source({ reflector: apps, isRelevant: isReadinessChange, keys: (app) => dependentsOf(app, apps.items()) }),
      source({ reflector: clusters, isRelevant: isClusterNews, keys: (cluster) => ofCluster(keyOf(cluster.metadata)) }),
      source({ reflector: kubeconfigs, keys: (secret) => ofCluster(clusterOfKubeconfig(secret)) }),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });
}

/** Our own writes of status and finalizer are no news to us. */
function isOwnWork({ old, object }: Change<AppObject>): boolean {
  return !old || old.metadata.generation !== object.metadata.generation || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp
    || JSON.stringify(old.metadata.annotations) !== JSON.stringify(object.metadata.annotations);
}

function isReadinessChange({ old, object }: Change<AppObject>): boolean {
  return !old || readiness(old) !== readiness(object);
}

function readiness(app: AppObject): string {
  return `${findCondition(app.status?.conditions, appReady.type)?.status ?? ''} ${app.status?.observedGeneration === app.metadata.generation}`;
}

function isClusterNews({ type, old, object }: Change<Cluster>): boolean {
  return type !== 'modified' || !old || hasControlPlane(old) !== hasControlPlane(object) || old.spec?.paused !== object.spec?.paused || isManaged(old) !== isManaged(object)
    || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp;
}

function dependentsOf(app: AppObject, apps: readonly AppObject[]): string[] {
  const { namespace, name } = app.metadata;
  return apps.filter((other) => other.metadata.namespace === namespace && other.spec.dependsOn.includes(name)).map((other) => keyOf(other.metadata));
}

function clusterKey(app: AppObject): string {
  return keyOf({ namespace: app.metadata.namespace, name: app.spec.cluster });
}
