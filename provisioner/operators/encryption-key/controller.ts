/** Makes the encryption key of every cluster of our class, once. What is there is never read and never written: a new key would make the old data unreadable. */
import { annotations, labels } from '../../api/labels.ts';
import { encryptionSecret, isOurClass } from '../../api/names.ts';
import { type ChangeSource, Controller, ExponentialLimiter, isKubeError, keyOf, type KubeObject, type ObjectRef, resources, source } from '../../kube/index.ts';
import { type Cluster, isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { encryptionConfiguration } from './configuration.ts';

export interface EncryptionKeyOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
}

/** The control plane waits for the Secret: Cluster API asks again until it is there. */
export function encryptionKeyController({ context, clusters }: EncryptionKeyOptions): Controller {
  return new Controller({
    ...context,
    name: 'encryption-key',
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 500, maxMs: 30_000 }),
    // Only a Cluster that is new to us can lack one, not every change of its status.
    sources: [source({ reflector: clusters, isRelevant: ({ type }) => type === 'added' })],
    reconcile: async (request, signal) => {
      const cluster = clusters.get(request);
      if (cluster && needsKey(cluster)) await makeKey(context, cluster, signal);
    },
  });
}

export const needsKey = (cluster: Cluster): boolean => isOurClass(cluster.spec?.topology?.classRef?.name) && !isDeleting(cluster);

async function makeKey({ client, log }: OperatorContext, cluster: Cluster, signal: AbortSignal): Promise<void> {
  try {
    await client.create(resources.secrets, wantedSecret(cluster, encryptionConfiguration()), { signal });
    log.info({ cluster: keyOf(cluster.metadata) }, 'encryption key made');
  } catch (error) {
    if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
  }
}

/** Owned by the Cluster: it moves with it (`clusterctl move`) and goes with it. */
export function wantedSecret(cluster: Cluster, configuration: string): KubeObject {
  const { name, namespace = '', uid = '' } = cluster.metadata;
  const { name: secret, key } = encryptionSecret(name);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'cluster.x-k8s.io/secret',
    metadata: {
      name: secret,
      namespace,
      labels: { [labels.clusterName]: name, [labels.move]: '', [labels.managedBy]: 'keelson' },
      annotations: { [annotations.description]: 'Key of the encryption at rest. Without it neither etcd nor a backup of it can be read: keep a copy outside.' },
      ownerReferences: [{ apiVersion: cluster.apiVersion, kind: cluster.kind, name, uid }],
    },
    data: { [key]: Buffer.from(configuration).toString('base64') },
  };
}
