/** Brings the Apps of one Cluster to what its bundle says, and the credentials of its cloud into it. */
import { appName, workloadCloudName, workloadCredentialSecretName } from '../../api/names.ts';
import { labels } from '../../api/labels.ts';
import type { Values } from '../../helm/index.ts';
import { keyOf, type KubeObject, type ObjectRef, type ReconcileResult, type Request, resources, setCondition } from '../../kube/index.ts';
import { CloudError, parseClouds } from '../../openstack/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged, isOfOurClass, type OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import type { RemoteClusters } from '../remote.ts';
import { bundle, expectsCloud } from './bundle.ts';
import { cloudConf, cloudConfig, cloudConfigChecksum, cloudConfigSecret } from './cloud-conf.ts';
import { cloudFacts, type CloudFacts } from './cloud-facts.ts';
import { components } from './components.ts';
import { appsReady } from './readiness.ts';

export interface ClusterAppsOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly openStackClusters: { get(ref: ObjectRef): OpenStackCluster | undefined };
  readonly apps: { items(): AppObject[] };
  readonly remotes: RemoteClusters;
  readonly overrides: Readonly<Record<string, Values>>;
}

const fieldManager = 'keelson-cluster-apps';
/** The clouds.yaml is read at least so often: credentials that were rotated reach the cluster within it. */
const resyncMs = 300_000;
/** While the cloud is being made its changes wake us; this is for the Secret, which does not. */
const waitingMs = 15_000;

interface CloudConfig {
  readonly facts: CloudFacts;
  readonly secret: KubeObject;
  readonly configChecksum: string;
}

export class ClusterAppsReconciler {
  readonly #o: ClusterAppsOptions;

  constructor(options: ClusterAppsOptions) {
    this.#o = options;
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const cluster = this.#o.clusters.get(request);
    if (!cluster || isDeleting(cluster) || !isManaged(cluster) || cluster.spec?.paused) return;

    const { cloud, problem } = await this.#cloud(cluster, signal);
    if (cloud && hasControlPlane(cluster)) await this.#deliver(cluster, cloud, signal);
    const wanted = bundle({ cluster, cloud, overrides: this.#o.overrides });
    for (const app of wanted) await this.#o.context.client.apply(resources.apps, app, { fieldManager, force: true, signal });
    await this.#prune(cluster, signal);
    await this.#report(cluster, signal);
    if (problem) throw problem;
    return { requeueAfterMs: cloud || !expectsCloud(cluster) ? resyncMs : waitingMs };
  }

  /** What is wrong with the credentials must not hold up the components that need none. */
  async #cloud(cluster: Cluster, signal: AbortSignal): Promise<{ readonly cloud?: CloudConfig; readonly problem?: Error }> {
    const { namespace = '' } = cluster.metadata;
    const ref = cluster.spec?.infrastructureRef;
    const facts = expectsCloud(cluster) && ref ? cloudFacts(this.#o.openStackClusters.get({ namespace, name: ref.name })) : undefined;
    if (!facts) return {};
    try {
      return { cloud: await this.#cloudConfig(cluster, facts, signal) };
    } catch (error) {
      if (!(error instanceof OperatorError) && !(error instanceof CloudError)) throw error;
      this.#o.context.events.event(cluster, 'Warning', 'CloudSecretInvalid', error.message);
      return { problem: error };
    }
  }

  async #cloudConfig(cluster: Cluster, facts: CloudFacts, signal: AbortSignal): Promise<CloudConfig> {
    const { namespace = '' } = cluster.metadata;
    // A cluster of our class has credentials of its own (operators/cluster); those it was made with stay here.
    const own = { secret: workloadCredentialSecretName(cluster.metadata.name), cloudName: workloadCloudName };
    const { secret: name, cloudName } = isOfOurClass(cluster) ? own : facts.identity;
    const found = await this.#o.context.client.get<KubeObject & { data?: Record<string, string> }>(resources.secrets, { namespace, name }, { signal });
    const field = (key: string): string | undefined => (found?.data?.[key] === undefined ? undefined : Buffer.from(found.data[key], 'base64').toString('utf8'));
    const clouds = field('clouds.yaml');
    if (clouds === undefined) throw new OperatorError('CLOUD_SECRET_INVALID', `Secret ${namespace}/${name} of Cluster ${cluster.metadata.name} has no clouds.yaml; ${isOfOurClass(cluster) ? 'the condition keelson.dev/CredentialReady says why' : 'create it'}`);
    const ca = field('cacert');
    const secret = cloudConfig(cloudConf(parseClouds(clouds, cloudName), facts, { hasCa: ca !== undefined }), ca);
    return { facts, secret, configChecksum: cloudConfigChecksum(secret) };
  }

  /** Before the Apps: pods of the cloud controller find the Secret, and one that changed, when they start. */
  async #deliver(cluster: Cluster, { secret }: CloudConfig, signal: AbortSignal): Promise<void> {
    const { namespace = '', name } = cluster.metadata;
    const client = await this.#o.remotes.client({ namespace, name });
    const found = await client?.get(resources.secrets, cloudConfigSecret, { signal });
    if (!client || (found && JSON.stringify(found['data']) === JSON.stringify(secret['data']))) return;
    await client.apply(resources.secrets, secret, { fieldManager, force: true, signal });
    this.#o.context.log.info({ cluster: keyOf({ namespace, name }), secret: keyOf(cloudConfigSecret) }, 'cloud credentials delivered');
  }

  /** Apps that an older Keelson wrote for components that are no more. */
  async #prune(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const known = new Set(components.map((component) => appName(cluster.metadata.name, component.name)));
    for (const { metadata } of this.#apps(cluster)) {
      const isStale = metadata.labels?.[labels.managedBy] === 'keelson' && metadata.labels[labels.component] !== undefined && !known.has(metadata.name);
      if (isStale && metadata.deletionTimestamp === undefined) await this.#o.context.client.delete(resources.apps, { namespace: metadata.namespace, name: metadata.name }, { signal });
    }
  }

  async #report(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const { context } = this.#o;
    const { name, namespace = '', uid, generation } = cluster.metadata;
    const wanted = components.filter((c) => !c.needsCloud || expectsCloud(cluster)).map((c) => appName(name, c.name));
    const condition = appsReady(wanted, this.#apps(cluster), generation);
    const before = cluster.status?.conditions?.find((c) => c.type === condition.type);
    if (before && before.status === condition.status && before.message === condition.message && before.reason === condition.reason) return;
    const [ours] = setCondition(before ? [before] : [], condition, context.clock);
    const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }) };
    const status = { conditions: [ours] };
    await context.client.apply(resources.clusters, { apiVersion: cluster.apiVersion, kind: cluster.kind, metadata, status }, { fieldManager, force: true, subresource: 'status', signal });
  }

  #apps(cluster: Cluster): AppObject[] {
    const { name, namespace } = cluster.metadata;
    return this.#o.apps.items().filter((app) => app.metadata.namespace === namespace && app.metadata.labels?.[labels.clusterName] === name);
  }
}
