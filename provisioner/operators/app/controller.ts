/** The controller of Apps: what wakes it, how many it works on, how it backs off. */
import { appReady } from '../../api/conditions.ts';
import type { ChartStore, Helm } from '../../helm/index.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, findCondition, keyOf, type KubeObject, type ObjectRef, source, type Source } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { clusterOfKubeconfig, type KubeconfigSecret, type RemoteClusters } from '../remote.ts';
import type { AppObject } from './app-object.ts';
import type { CatalogObject } from './catalog-object.ts';
import { Charts } from './chart.ts';
import { endingOf, hasLeft } from './ending.ts';
import { isReadyNow } from './gate.ts';
import { neighboursOf } from './neighbours.ts';
import { allDependents } from './order.ts';
import { clusterRef, type Management, Places } from './place.ts';
import { Reach, type ReachOptions } from './reach.ts';
import { AppReconciler } from './reconciler.ts';
import { ReleaseKeeper } from './release-keeper.ts';
import { urgencyOf } from './urgency.ts';
import { valueObjectsOf } from './value-layers.ts';

/** A reflector, or one that starts later. */
export interface Cache<T extends KubeObject> extends ChangeSource<T> {
  get(ref: ObjectRef): T | undefined;
  items(): T[];
}

export interface AppControllerOptions {
  readonly context: OperatorContext;
  readonly helm: Pick<Helm, 'upgradeInstall' | 'checkValues' | 'rollback' | 'uninstall'>;
  readonly chartsDir: string;
  /** See `ChartsOptions`. */
  readonly chartsKeptMs?: number;
  readonly apps: Cache<AppObject>;
  readonly clusters: Cache<Cluster>;
  readonly kubeconfigs: ChangeSource<KubeconfigSecret>;
  readonly remotes: RemoteClusters;
  /** ConfigMaps and Secrets with the label keelson.dev/app-values. */
  readonly values: { readonly configMaps: Cache<KubeObject>; readonly secrets: Cache<KubeObject> };
  /** Charts from elsewhere; without it only those that ship with Keelson. */
  readonly catalogs?: { readonly objects: Cache<CatalogObject>; readonly store: Pick<ChartStore, 'fetch' | 'ping'> };
  /** The management cluster as a target; without it there is none. */
  readonly management?: Management;
  /** Apps worked on at a time; each runs one Helm process. */
  readonly workers: number;
  readonly helmTimeoutMs?: number;
  readonly patienceMs?: number;
  /** Default six hours. */
  readonly driftIntervalMs?: number;
  /** First and longest pause after a failure. */
  readonly backoff?: { readonly baseMs: number; readonly maxMs: number };
  /** First and longest pause between two questions to an API server that is away. */
  readonly reach?: Pick<ReachOptions, 'baseMs' | 'maxMs'>;
}

export function appController(o: AppControllerOptions): Controller {
  const { context, apps, clusters, kubeconfigs, workers } = o;
  const charts = appCharts(o);
  const places = new Places({ remotes: o.remotes, management: o.management });
  const reach: Reach = new Reach({ ...context, ...o.reach, onBack: (key) => apps.items().filter((app) => places.of(app)?.key === key).forEach((app) => controller.enqueue(app.metadata)) });
  const reconciler = new AppReconciler({
    context, charts, places, reach, apps, clusters,
    keeper: new ReleaseKeeper({ helm: o.helm, clock: context.clock, helmTimeoutMs: o.helmTimeoutMs ?? 300_000 }),
    values: { get: (kind, ref) => (kind === 'ConfigMap' ? o.values.configMaps : o.values.secrets).get(ref) },
    patienceMs: o.patienceMs ?? 300_000, driftIntervalMs: o.driftIntervalMs ?? 6 * 3_600_000,
  });
  const neighbours = neighboursOf(apps);
  const beside = (namespace: string | undefined, isMeant: (app: AppObject) => boolean): string[] => neighbours.in(namespace).filter(isMeant).map((app) => keyOf(app.metadata));
  const ofCluster = (key: string): string[] => beside(key.slice(0, key.indexOf('/')), (app) => keyOf(clusterRef(app) ?? { name: '' }) === key);
  const dependentsOf = (app: AppObject): readonly AppObject[] => allDependents(app, neighbours.in(app.metadata.namespace));
  const controller: Controller = new Controller({
    ...context, workers,
    name: 'app',
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 1000, maxMs: 300_000, ...o.backoff }),
    urgencyOf: (request) => urgencyOf(apps.get(request)),
    sources: [
      source({ reflector: apps, isRelevant: isOwnWork, urgency: (change) => (isAskedFor(change) ? 'now' : undefined) }),
      source({ reflector: apps, isRelevant: isGraphChange, keys: (app) => dependentsOf(app).map((other) => keyOf(other.metadata)) }),
      // What is Ready stays so whatever it depends on does.
      source({ reflector: apps, isRelevant: isReadinessChange, keys: (app) => dependentsOf(app).filter((other) => !isReadyNow(other)).map((other) => keyOf(other.metadata)) }),
      source({ reflector: apps, isRelevant: ({ type, old, object }) => type === 'deleted' || (old !== undefined && !hasLeft(old) && hasLeft(object)), keys: (app) => app.spec.dependsOn.map((name) => keyOf({ namespace: app.metadata.namespace, name })) }),
      source({ reflector: clusters, isRelevant: isClusterNews, keys: (cluster) => ofCluster(keyOf(cluster.metadata)) }),
      source({ reflector: kubeconfigs, keys: (secret) => ofCluster(clusterOfKubeconfig(secret)) }),
      ...valueSources(o, { beside, everywhere: (isMeant) => apps.items().filter(isMeant).map((app) => keyOf(app.metadata)) }),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });
  return controller;
}

export function appCharts({ chartsDir, chartsKeptMs, catalogs, context }: Pick<AppControllerOptions, 'chartsDir' | 'chartsKeptMs' | 'catalogs' | 'context'>): Charts {
  return new Charts({ chartsDir, keptMs: chartsKeptMs, clock: context.clock, store: catalogs?.store, catalogs: catalogs?.objects, sharedNamespace: context.systemNamespace, client: context.client });
}

/** Keys of Apps, of one namespace or of all. */
interface Find {
  beside(namespace: string | undefined, isMeant: (app: AppObject) => boolean): string[];
  everywhere(isMeant: (app: AppObject) => boolean): string[];
}

/** Values and Catalogs are parts of the Apps that name them. */
function valueSources({ values, catalogs, context }: AppControllerOptions, find: Find): readonly Source[] {
  // A shared one serves Apps everywhere.
  const ofCatalog = (catalog: KubeObject): string[] => find.everywhere((app) => app.spec.catalog?.name === catalog.metadata.name && catalog.metadata.namespace === (app.spec.catalog.shared ? context.systemNamespace : app.metadata.namespace));
  const ofValues = (kind: 'ConfigMap' | 'Secret') => (object: KubeObject): string[] => {
    const { namespace, name } = object.metadata;
    const through = (catalogs?.objects.items() ?? []).filter((catalog) => catalog.metadata.namespace === namespace && (kind === 'ConfigMap' ? catalog.spec.values?.configMap : catalog.spec.values?.secret) === name);
    return [...find.beside(namespace, (app) => valueObjectsOf(app).some((one) => one.kind === kind && one.name === name)), ...through.flatMap(ofCatalog)];
  };
  return [
    ...([['ConfigMap', values.configMaps], ['Secret', values.secrets]] as const).map(([kind, reflector]) => source({ reflector, keys: ofValues(kind), urgency: ({ type }) => (type === 'added' ? undefined : 'now') })),
    ...(catalogs ? [source({ reflector: catalogs.objects, isRelevant: ({ old, object }) => !old || old.metadata.generation !== object.metadata.generation, keys: ofCatalog })] : []),
  ];
}

/** Our own writes of status and finalizer are no news to us. */
function isOwnWork({ old, object }: Change<AppObject>): boolean {
  return !old || old.metadata.generation !== object.metadata.generation || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp
    || JSON.stringify([old.metadata.annotations, old.metadata.labels]) !== JSON.stringify([object.metadata.annotations, object.metadata.labels]);
}

/** By a person: what the operator itself writes into Apps are their specs and labels. */
function isAskedFor({ old, object }: Change<AppObject>): boolean {
  return old !== undefined && JSON.stringify(old.metadata.annotations) !== JSON.stringify(object.metadata.annotations);
}

/** A circle may come or go, which all its members say. */
function isGraphChange({ old, object }: Change<AppObject>): boolean {
  return !old || old.spec.dependsOn.join() !== object.spec.dependsOn.join();
}

function isReadinessChange({ old, object }: Change<AppObject>): boolean {
  return old !== undefined && readiness(old) !== readiness(object);
}

function readiness(app: AppObject): string {
  const ready = findCondition(app.status?.conditions, appReady.type);
  return `${ready?.status ?? ''} ${ready?.status === 'True' ? '' : (ready?.reason ?? '')} ${app.status?.observedGeneration === app.metadata.generation}`;
}

function isClusterNews({ type, old, object }: Change<Cluster>): boolean {
  return type !== 'modified' || !old || hasControlPlane(old) !== hasControlPlane(object) || old.spec?.paused !== object.spec?.paused || isManaged(old) !== isManaged(object)
    || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp || endingOf(old) !== endingOf(object);
}
