/** A cluster's credentials for its cloud: from its Secret in the management cluster straight into the cluster, never into an App. */
import { workloadCloudName, workloadCredentialSecretName } from '../../api/names.ts';
import { keyOf, type KubeObject, type ObjectRef, resources } from '../../kube/index.ts';
import { CloudError, parseClouds } from '../../openstack/index.ts';
import type { Cluster, OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import type { RemoteClusters } from '../remote.ts';
import { isOnOpenStack } from './bundle.ts';
import { cloudConf, cloudConfig, cloudConfigChecksum, cloudConfigSecret } from './cloud-conf.ts';
import { cloudFacts, type CloudFacts } from './cloud-facts.ts';

export interface CloudConfig {
  readonly facts: CloudFacts;
  readonly secret: KubeObject;
  readonly configChecksum: string;
}

export interface CloudDeliveryOptions {
  readonly context: OperatorContext;
  readonly openStackClusters: { get(ref: ObjectRef): OpenStackCluster | undefined };
  readonly remotes: Pick<RemoteClusters, 'client'>;
}

const fieldManager = 'keelson-cluster-apps';

export class CloudDelivery {
  readonly #o: CloudDeliveryOptions;

  constructor(options: CloudDeliveryOptions) {
    this.#o = options;
  }

  /**
   * Of a cluster of our class only: nobody else's cloud is ours to read. What is wrong with the credentials comes back beside,
   * because it must not hold up the apps that need none.
   */
  async read(cluster: Cluster, signal: AbortSignal): Promise<{ readonly cloud?: CloudConfig; readonly problem?: Error }> {
    const { namespace = '' } = cluster.metadata;
    const ref = cluster.spec?.infrastructureRef;
    const facts = isOnOpenStack(cluster) && ref ? cloudFacts(this.#o.openStackClusters.get({ namespace, name: ref.name })) : undefined;
    if (!facts) return {};
    try {
      return { cloud: await this.#config(cluster, facts, signal) };
    } catch (error) {
      if (!(error instanceof OperatorError) && !(error instanceof CloudError)) throw error;
      this.#o.context.events.event(cluster, 'Warning', 'CloudSecretInvalid', error.message);
      return { problem: error };
    }
  }

  /** Before the Apps: pods of the cloud controller find the Secret, and one that changed, when they start. */
  async deliver(cluster: Cluster, { secret }: CloudConfig, signal: AbortSignal): Promise<void> {
    const { namespace = '', name } = cluster.metadata;
    const client = await this.#o.remotes.client({ namespace, name });
    const found = await client?.get(resources.secrets, cloudConfigSecret, { signal });
    if (!client || (found && JSON.stringify(found['data']) === JSON.stringify(secret['data']))) return;
    await client.apply(resources.secrets, secret, { fieldManager, force: true, signal });
    this.#o.context.log.info({ cluster: keyOf({ namespace, name }), secret: keyOf(cloudConfigSecret) }, 'cloud credentials delivered');
  }

  /** The cluster has credentials of its own (operators/cluster); those it was made with stay in the management cluster. */
  async #config(cluster: Cluster, facts: CloudFacts, signal: AbortSignal): Promise<CloudConfig> {
    const { namespace = '' } = cluster.metadata;
    const name = workloadCredentialSecretName(cluster.metadata.name);
    const found = await this.#o.context.client.get<KubeObject & { data?: Record<string, string> }>(resources.secrets, { namespace, name }, { signal });
    const field = (key: string): string | undefined => (found?.data?.[key] === undefined ? undefined : Buffer.from(found.data[key], 'base64').toString('utf8'));
    const clouds = field('clouds.yaml');
    if (clouds === undefined) throw new OperatorError('CLOUD_SECRET_INVALID', `Secret ${namespace}/${name} of Cluster ${cluster.metadata.name} has no clouds.yaml; the condition keelson.dev/CredentialReady says why`);
    const ca = field('cacert');
    const secret = cloudConfig(cloudConf(parseClouds(clouds, workloadCloudName), facts, { hasCa: ca !== undefined }), ca);
    return { facts, secret, configChecksum: cloudConfigChecksum(secret) };
  }
}
