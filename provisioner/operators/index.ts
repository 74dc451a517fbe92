/** The operator: all controllers of the management cluster in one process, of which one leads. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { labels } from '../api/labels.ts';
import { operatorName, systemNamespace } from '../api/names.ts';
import type { RegisteredHandler } from '../api/registered-handler.ts';
import { AddressPolicy, type AddressPolicyOptions, ChartStore, Helm, type Values } from '../helm/index.ts';
import {
  type Clock, type Controller, EventRecorder, type KubeClient, KubeMetrics, type KubeObject, type Log, type ManagerOptions, type Random, Reflector, resources,
  type Resource, runManager, systemClock, systemRandom,
} from '../kube/index.ts';
import type { AccessBinding } from '../api/access-binding.ts';
import type { ClusterAccess } from '../api/cluster-access.ts';
import { accessControllers } from './access/index.ts';
import { apiAccessController } from './api-access/controller.ts';
import type { AppObject } from './app/app-object.ts';
import { catalogController } from './app/catalog-controller.ts';
import type { CatalogObject } from './app/catalog-object.ts';
import { appCharts, appController } from './app/controller.ts';
import { bastionAccessController } from './bastion-access/controller.ts';
import { certificateControllers } from './certificates/index.ts';
import { classController } from './class/controller.ts';
import { discoveryController } from './class/discovery-controller.ts';
import { type Cluster, type OpenStackCluster, trimmedCluster } from './cluster.ts';
import { clusterController } from './cluster/controller.ts';
import type { BundleObject } from './cluster-apps/bundle-object.ts';
import { clusterAppsController } from './cluster-apps/controller.ts';
import { publishedBundlesController } from './cluster-apps/published-bundles.ts';
import { type BundleSettings, defaultSettings } from './cluster-apps/settings.ts';
import { cloudQuotaController } from './cloud-quota/controller.ts';
import { clusterRoutesController } from './cluster-routes/controller.ts';
import type { OperatorContext } from './context.ts';
import { encryptionKeyController } from './encryption-key/controller.ts';
import { registerAppMetrics } from './metrics.ts';
import { ApiProbe } from './monitoring/api-probe.ts';
import { registerClusterChanges } from './monitoring/changes.ts';
import { federationSecrets, monitoringController } from './monitoring/controller.ts';
import { registerFleetMetrics } from './monitoring/fleet-metrics.ts';
import { networkRoutesController } from './network-routes/controller.ts';
import { organizationControllers } from './organization/index.ts';
import { kubeconfigSecrets, RemoteClusters } from './remote.ts';
import { ServedReflector } from './served.ts';
import { silencesController } from './silences/controller.ts';
import type { SilenceObject, WindowObject } from './silences/wanted.ts';
import { serverGroupsController } from './server-groups/controller.ts';

export { parseBundleValues } from './cluster-apps/bundle-values.ts';
export { parseBundle } from './cluster-apps/published-bundles.ts';
export { parseBundleSettings } from './cluster-apps/settings.ts';
export { inClusterKubeconfig } from './in-cluster-kubeconfig.ts';
export { OperatorError, type OperatorErrorCode } from './errors.ts';

export interface OperatorOptions {
  /** Namespace of the Lease, the CA and the scrape configurations; default keelson-system. */
  readonly namespace?: string;
  /** Folder with the charts of the components. */
  readonly chartsDir: string;
  /** The Helm command, 4.x. */
  readonly helmBinary: string;
  /** For kubeconfigs during a Helm command; memory-backed in a pod. Default: the system's. */
  readonly tempDir?: string;
  /** The ClusterBundles that come with this Keelson; see `parseBundle`. */
  readonly bundles?: readonly BundleObject[];
  /** See `parseBundleSettings`. */
  readonly bundleSettings?: BundleSettings;
  /** See `parseBundleValues`. */
  readonly bundleValues?: Readonly<Record<string, Values>>;
  /** Clusters and Apps worked on at the same time, default 4. */
  readonly workers?: number;
  /** CIDRs from which this management cluster reaches API servers. */
  readonly managementEgress?: readonly string[];
  /** The ClusterClass, its templates and the ExtensionConfig, in the order to apply them. */
  readonly classObjects: readonly KubeObject[];
  /** What the topology extension of this release answers for, by the names that Cluster API registers. */
  readonly classHandlers: readonly RegisteredHandler[];
  /** Who we are among the replicas: the pod's name. */
  readonly identity: string;
  /** Default true; without it only one process may run. */
  readonly leaderElection?: boolean;
  readonly metricsPort?: number;
  readonly healthPort?: number;
  /** Bind address of both; default all. */
  readonly host?: string;
  /** Where charts may be fetched from; default: anywhere on the internet. */
  readonly chartAddresses?: AddressPolicyOptions;
  /** How Helm reaches the management cluster; without it no App goes there. */
  readonly managementKubeconfig?: string;
  /** Namespaces whose Apps may go there, default the operator's own. */
  readonly ownerNamespaces?: readonly string[];
  /** Alertmanagers that get Silences and maintenance windows; a host with several addresses stands for as many. Default none. */
  readonly alertmanagers?: readonly string[];
  /** Between two comparisons of an App with its cluster, default six hours. */
  readonly driftIntervalMs?: number;
  /** For one run of Helm. */
  readonly helmTimeoutMs?: number;
  /** How long the workloads of a release may take to become healthy before the App counts as unhealthy. */
  readonly patienceMs?: number;
}

export interface OperatorSeams {
  readonly client: KubeClient;
  readonly options: OperatorOptions;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly registry?: Registry;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly onListening?: ManagerOptions['onListening'];
}

/** Resolves when the signal has fired and everything has ended. Rejects when the lease is lost or a port is taken: the process should then exit with an error. */
export async function runOperator(seams: OperatorSeams): Promise<void> {
  const { options, log, signal, registry = new Registry(), clock = systemClock, random = systemRandom } = seams;
  const namespace = options.namespace ?? systemNamespace;
  const metrics = new KubeMetrics(registry);
  // The registry is made here, so only a client made here counts its requests.
  const client = seams.client.fork({ metrics });
  collectDefaultMetrics({ register: registry });
  const events = new EventRecorder({ client, controller: 'keelson.dev/operator', instance: options.identity, log, clock, random });
  const context: OperatorContext = { client, systemNamespace: namespace, log, clock, random, events, metrics };
  const { controllers, probe, close } = buildControllers(context, options, registry);
  const { host } = options;
  try {
    await runManager({
      signal, log, controllers,
      runnables: [{ name: 'events', start: (stop) => events.start(stop) }, probe],
      metrics: { registry, port: options.metricsPort ?? 8080, ...(host === undefined ? {} : { host }) },
      health: { port: options.healthPort ?? 8081, ...(host === undefined ? {} : { host }) },
      onListening: seams.onListening,
      leaderElection: options.leaderElection === false ? undefined
        : { client, namespace, name: operatorName, identity: options.identity, clock, random, observer: metrics.leaderObserver(operatorName) },
    });
  } finally {
    close();
    client.close();
  }
}

/** Every controller, over caches that they share. */
function buildControllers(context: OperatorContext, options: OperatorOptions, registry: Registry): { readonly controllers: readonly Controller[]; readonly probe: ApiProbe; close(): void } {
  const { chartsDir, bundleValues: overrides = {}, bundleSettings: settings = defaultSettings, workers = 4 } = options;
  const apps = cache<AppObject>(context, resources.apps);
  const clusters = cache<Cluster>(context, resources.clusters, trimmedCluster);
  const openStackClusters = cache<OpenStackCluster>(context, resources.openStackClusters);
  const bundles = cache<BundleObject>(context, resources.clusterBundles, undefined, context.systemNamespace);
  const kubeconfigs = kubeconfigSecrets(context);
  const remotes = new RemoteClusters({ secrets: kubeconfigs });
  const helm = new Helm({ binary: options.helmBinary, ...(options.tempDir === undefined ? {} : { tempDir: options.tempDir }) });
  const values = { configMaps: labelled(context, resources.configMaps), secrets: labelled(context, resources.secrets) };
  const store = new ChartStore({ folder: join(options.tempDir ?? tmpdir(), 'keelson-charts'), policy: new AddressPolicy(options.chartAddresses) });
  const catalogs = { objects: cache<CatalogObject>(context, resources.catalogs), store };
  const { managementKubeconfig: kubeconfig, ownerNamespaces = [context.systemNamespace] } = options;
  const federation = federationSecrets(context);
  const probe = new ApiProbe({ clusters, remotes, clock: context.clock, log: context.log });
  registerAppMetrics(registry, { apps, clusters });
  const access = accessControllers({
    context, registry, clusters, kubeconfigs, remotes,
    accesses: cache<ClusterAccess & KubeObject>(context, resources.clusterAccesses),
    bindings: cache<AccessBinding & KubeObject>(context, resources.accessBindings),
  });
  registerClusterChanges({ registry, clusters, apps, clock: context.clock });
  registerFleetMetrics(registry, { clusters, secrets: federation, probes: probe });
  const controllers = [
    ...certificateControllers(context),
    ...organizationControllers({ context, clusters, registry }),
    classController({ context, objects: options.classObjects }),
    discoveryController({ context, handlers: options.classHandlers }),
    encryptionKeyController({ context, clusters }),
    serverGroupsController({ context, clusters }),
    apiAccessController({ context, clusters, openStackClusters, remotes, managementEgress: options.managementEgress ?? [] }),
    bastionAccessController({ context, clusters, openStackClusters }),
    networkRoutesController({ context, clusters, openStackClusters }),
    publishedBundlesController({ context, bundles, own: options.bundles ?? [] }),
    clusterAppsController({ context, clusters, openStackClusters, apps, bundles, remotes, settings, overrides, chartsDir, workers }),
    clusterRoutesController({ context, clusters, openStackClusters }),
    clusterController({ context, clusters, openStackClusters, apps, remotes, workers }),
    appController({
      context, helm, chartsDir, chartsKeptMs: 60_000, apps, clusters, kubeconfigs, remotes, workers, values, catalogs,
      ...(kubeconfig === undefined ? {} : { management: { client: context.client, kubeconfig, ownerNamespaces } }),
      ...(options.driftIntervalMs === undefined ? {} : { driftIntervalMs: options.driftIntervalMs }),
      ...(options.helmTimeoutMs === undefined ? {} : { helmTimeoutMs: options.helmTimeoutMs }),
      ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
    }),
    catalogController({ context, catalogs: catalogs.objects, store, charts: appCharts({ context, chartsDir, catalogs }) }),
    monitoringController({ context, clusters, apps, kubeconfigs, remotes, secrets: federation }),
    cloudQuotaController({ context, registry, clusters }),
    silencesController({
      context, registry, clusters, ownerNamespaces, urls: options.alertmanagers ?? [],
      silences: cache<SilenceObject>(context, resources.silences), windows: cache<WindowObject>(context, resources.maintenanceWindows),
    }),
    ...access.controllers,
  ];
  const close = (): void => {
    access.close();
    remotes.close();
  };
  return { controllers, probe, close };
}

/** The Apps of a thousand clusters in one answer would be 80 MB, and several times that while it is parsed. */
const pageSize = 500;

function cache<T extends KubeObject>(context: OperatorContext, resource: Resource, transform?: (object: T) => T, namespace?: string): ServedReflector<T> {
  const { client, log, clock, random, metrics } = context;
  const observer = metrics?.reflectorObserver(resource.plural);
  return new ServedReflector(new Reflector<T>({ client, log, clock, random, resource, observer, transform, pageSize, ...(namespace === undefined ? {} : { namespace }) }), context);
}

/** Objects with values for Apps, and no others: their label asks for it. */
function labelled(context: OperatorContext, resource: Resource): Reflector<KubeObject> {
  const { client, log, clock, random, metrics } = context;
  return new Reflector<KubeObject>({ client, log, clock, random, resource, labelSelector: `${labels.appValues}=true`, observer: metrics?.reflectorObserver(`${resource.plural} with values`) });
}
