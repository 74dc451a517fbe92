/** Brings the Apps of one cluster to what its bundle says, and the credentials of its cloud into it. */
import { isConditionTrue, type KubeClient, type ObjectRef, type ReconcileResult, type Request, resources, setCondition } from '../../kube/index.ts';
import { bundleValid } from '../../api/conditions.ts';
import { managementClusterName } from '../../api/names.ts';
import type { Values } from '../../helm/index.ts';
import { endingOf } from '../app/ending.ts';
import type { Neighbours } from '../app/neighbours.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import type { RemoteClusters } from '../remote.ts';
import { AppWriter } from './app-writer.ts';
import { isOnOpenStack, wantedApps } from './bundle.ts';
import type { BundleObject } from './bundle-object.ts';
import { type CloudConfig, CloudDelivery, type CloudDeliveryOptions } from './cloud-delivery.ts';
import { bundleFactsOf } from './facts.ts';
import { kubernetesMinor, minorOf } from './kubernetes-version.ts';
import { chooseBundle, parsePolicy } from './policy.ts';
import { appsReady, noApps } from './readiness.ts';
import type { BundleSettings } from './settings.ts';
import { ShippedCharts } from './shipped-charts.ts';
import { clusterTarget, managementTarget, type Target } from './target.ts';

export interface ClusterAppsOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly openStackClusters: CloudDeliveryOptions['openStackClusters'];
  readonly apps: Neighbours;
  readonly bundles: { items(): BundleObject[] };
  readonly remotes: RemoteClusters;
  readonly settings: BundleSettings;
  /** Folder with the charts that come with this Keelson. */
  readonly chartsDir: string;
  /** Chart values per app, for every cluster. */
  readonly overrides: Readonly<Record<string, Values>>;
}

const fieldManager = 'keelson-cluster-apps';
/** Credentials that were rotated, and another minor of Kubernetes, are seen within it. */
const resyncMs = 300_000;
/** While something is awaited whose coming does not wake us. */
const waitingMs = 15_000;
/** What is wrong with settings only another setting cures, and that wakes us. */
const refusedMs = 300_000;

export class ClusterAppsReconciler {
  readonly #o: ClusterAppsOptions;
  readonly #apps: AppWriter;
  readonly #cloud: CloudDelivery;
  readonly #charts: ShippedCharts;

  constructor(options: ClusterAppsOptions) {
    this.#o = options;
    this.#apps = new AppWriter(options.context, options.apps);
    this.#cloud = new CloudDelivery(options);
    this.#charts = new ShippedCharts(options.chartsDir);
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { settings, context, clusters } = this.#o;
    if (request.namespace === '') return settings.management && request.name === managementClusterName ? await this.#bring(managementTarget(context.systemNamespace, settings.management), signal) : undefined;
    const cluster = clusters.get(request);
    if (!cluster || cluster.spec?.paused) return;
    const target = clusterTarget(cluster);
    // They are uninstalled in their order while the cluster waits (room app), and go themselves when it waits no longer.
    if (isDeleting(cluster) && endingOf(cluster) !== 'over') return;
    // A Cluster whose label went: what its bundle had installed goes too. One that never had it has no such Apps, and is not touched.
    if (isDeleting(cluster) || !isManaged(cluster)) return await this.#apps.prune(target, new Set(), signal);
    return await this.#bring(target, signal);
  }

  async #bring(target: Target, signal: AbortSignal): Promise<ReconcileResult> {
    try {
      return await this.#toBundle(target, signal);
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'BUNDLE_SETTINGS_INVALID') throw error;
      await this.#report(target, noApps('SettingsInvalid', error.message, target.cluster?.metadata.generation), signal);
      return { requeueAfterMs: refusedMs };
    }
  }

  async #toBundle(target: Target, signal: AbortSignal): Promise<ReconcileResult> {
    const { settings, overrides } = this.#o;
    const { cluster } = target;
    const generation = cluster?.metadata.generation;
    const kubernetes = await this.#kubernetes(target, signal);
    if (kubernetes === undefined) {
      await this.#report(target, noApps('WaitingForCluster', 'its API server has not said yet which Kubernetes it runs', generation), signal);
      return { requeueAfterMs: waitingMs };
    }
    const bundles = this.#o.bundles.items().filter(({ status }) => isConditionTrue(status?.conditions, bundleValid.type));
    const policy = target.policy === undefined ? settings.policy : parsePolicy(target.policy);
    const choice = chooseBundle({ bundles, policy, present: this.#apps.present(target), kubernetes });
    if (choice.kind === 'none') {
      await this.#report(target, noApps('NoBundle', choice.message, generation), signal);
      return { requeueAfterMs: resyncMs };
    }
    const { cloud, problem } = await this.#cloudOf(target, signal);
    const wanted = wantedApps({
      target, bundle: choice.bundle.spec, kubernetes: choice.kubernetes, facts: bundleFactsOf({ target, kubernetes: choice.kubernetes, cloud }),
      leftOut: settings.leaveOut, overrides: [overrides], imageRegistry: settings.imageRegistry,
      elsewhere: await this.#elsewhere(choice.bundle),
    });
    await this.#apps.write(wanted.apps, target, signal);
    await this.#apps.prune(target, new Set([...wanted.apps.map(({ metadata }) => metadata.name), ...Object.keys(wanted.waiting)]), signal);
    await this.#report(target, appsReady({ version: choice.bundle.spec.version, wanted, apps: this.#apps.of(target), generation }), signal);
    if (problem) throw problem;
    return { requeueAfterMs: Object.keys(wanted.waiting).length > 0 ? waitingMs : resyncMs };
  }

  /** An older bundle names charts in versions that this Keelson no longer holds. */
  async #elsewhere({ spec }: BundleObject): Promise<Readonly<Record<string, string>>> {
    const { catalog } = this.#o.settings;
    if (catalog === undefined) return {};
    const isHere = await Promise.all(spec.apps.map((app) => this.#charts.has(app)));
    return Object.fromEntries(spec.apps.filter(({ chart }, i) => !isHere[i] && !chart.startsWith('oci://')).map(({ name }) => [name, catalog]));
  }

  /** What the API server says; before there is one, what the Cluster asks for. */
  async #kubernetes({ cluster, namespace, name }: Target, signal: AbortSignal): Promise<string | undefined> {
    const client: KubeClient | undefined = cluster ? await this.#o.remotes.client({ namespace, name }) : this.#o.context.client;
    const running = client && (await kubernetesMinor(client, signal));
    return running ?? (cluster && minorOf(cluster.spec?.topology?.version));
  }

  async #cloudOf({ kind, cluster }: Target, signal: AbortSignal): Promise<{ readonly cloud?: CloudConfig; readonly problem?: Error }> {
    if (kind !== 'ours' || !cluster || !isOnOpenStack(cluster)) return {};
    const found = await this.#cloud.read(cluster, signal);
    if (found.cloud && hasControlPlane(cluster)) await this.#cloud.deliver(cluster, found.cloud, signal);
    return found;
  }

  /** On the Cluster; the management cluster's Apps speak for themselves. */
  async #report({ cluster, name, namespace }: Target, condition: ReturnType<typeof noApps>, signal: AbortSignal): Promise<void> {
    const { context } = this.#o;
    if (!cluster) {
      if (condition.reason !== 'AllReady') context.log.info({ cluster: name, reason: condition.reason }, condition.message);
      return;
    }
    const before = cluster.status?.conditions?.find((c) => c.type === condition.type);
    if (before && before.status === condition.status && before.message === condition.message && before.reason === condition.reason) return;
    const [ours] = setCondition(before ? [before] : [], condition, context.clock);
    const { uid } = cluster.metadata;
    const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }) };
    const status = { conditions: [ours] };
    await context.client.apply(resources.clusters, { apiVersion: cluster.apiVersion, kind: cluster.kind, metadata, status }, { fieldManager, force: true, subresource: 'status', signal });
  }
}
