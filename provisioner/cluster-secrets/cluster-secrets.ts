/**
 * The Secrets beside a Cluster without which it cannot be managed or restored elsewhere: its certificate authorities and
 * kubeconfig (Cluster API), the key of its encryption at rest, and its credentials. Put there before the Cluster is created,
 * they are taken as they are: Cluster API and the operator make only what is missing.
 */
import { z } from 'zod';
import { labels } from '../api/labels.ts';
import { encryptionSecret, kubeconfigSecretName, workloadCredentialSecretName } from '../api/names.ts';
import { type KubeClient, keyOf, type KubeObject, type ObjectRef, resources } from '../kube/index.ts';
import { asObject, identityOf, type PreflightCluster, valuesOf } from '../preflight/cluster.ts';
import { clusterObject, readClusterObjects } from './cluster-objects.ts';
import { SealedFileError } from './errors.ts';

const content = z.object({
  format: z.literal('keelson-cluster-secrets/v1'),
  cluster: z.object({ namespace: z.string(), name: z.string(), uid: z.string().optional() }),
  /** Empty in exports of earlier Keelsons. */
  objects: z.array(clusterObject).default([]),
  exportedAt: z.string(),
  secrets: z.array(z.object({ name: z.string(), type: z.string(), labels: z.record(z.string(), z.string()).default({}), annotations: z.record(z.string(), z.string()).default({}), data: z.record(z.string(), z.string()) })),
});

export type ClusterSecrets = z.output<typeof content>;

interface Secret extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

interface Wanted {
  readonly name: string;
  /** What is lost without it; undefined where it can be made again. */
  readonly loss?: string;
}

/** https://cluster-api.sigs.k8s.io/tasks/certs/using-custom-certificates */
const wanted = (cluster: PreflightCluster): readonly Wanted[] => {
  const { name } = cluster.metadata;
  return [
    ...['ca', 'etcd', 'proxy', 'sa'].map((part) => ({ name: `${name}-${part}`, loss: 'no certificate of this cluster can be issued or checked any more' })),
    { name: kubeconfigSecretName(name) },
    { name: encryptionSecret(name).name, ...(isEncrypted(cluster) ? { loss: 'neither etcd nor a backup of it can be read' } : {}) },
    { name: workloadCredentialSecretName(name) },
    // One that an OpenStackClusterIdentity refers to is not the cluster's to take along.
    ...(identityOf(cluster).type === 'Secret' ? [{ name: identityOf(cluster).name }] : []),
  ];
};

const isEncrypted = (cluster: PreflightCluster): boolean => asObject(valuesOf(cluster.spec?.topology?.variables)['api'])['encryption'] !== 'none';

/** @throws SealedFileError EXPORT_INCOMPLETE; KubeError */
export async function readClusterSecrets(client: KubeClient, ref: Required<Pick<ObjectRef, 'name'>> & { namespace: string }, o: { now: Date; signal: AbortSignal }): Promise<ClusterSecrets> {
  const { signal } = o;
  const cluster = await client.get<KubeObject & PreflightCluster>(resources.clusters, ref, { signal });
  if (!cluster) throw new SealedFileError('EXPORT_INCOMPLETE', `there is no Cluster ${keyOf(ref)}`);
  const found = await Promise.all(wanted(cluster).map(async (want) => ({ want, secret: await client.get<Secret>(resources.secrets, { namespace: ref.namespace, name: want.name }, { signal }) })));
  const lost = found.filter(({ want, secret }) => !secret && want.loss !== undefined);
  if (lost.length > 0) throw new SealedFileError('EXPORT_INCOMPLETE', `of Cluster ${keyOf(ref)} ${lost.map(({ want }) => `Secret ${want.name} is not there (without it ${want.loss})`).join('; ')}; wait until its control plane is initialized`);
  const uid = cluster.metadata.uid;
  return {
    format: 'keelson-cluster-secrets/v1', cluster: { namespace: ref.namespace, name: ref.name, ...(uid === undefined ? {} : { uid }) }, exportedAt: o.now.toISOString(),
    objects: await readClusterObjects(client, ref, signal),
    secrets: found.flatMap(({ secret }) => (secret ? [{ name: secret.metadata.name, type: secret.type ?? 'Opaque', labels: secret.metadata.labels ?? {}, annotations: secret.metadata.annotations ?? {}, data: secret.data ?? {} }] : [])),
  };
}

/** @throws SealedFileError IMPORT_UNKNOWN_CONTENT */
export function parseClusterSecrets(text: string): ClusterSecrets {
  try {
    return content.parse(JSON.parse(text));
  } catch (cause) {
    throw new SealedFileError('IMPORT_UNKNOWN_CONTENT', 'the file holds no export of a cluster that this Keelson understands; was it written by a newer one?', { cause });
  }
}

export type Written = 'created' | 'unchanged';

/**
 * All or nothing, as far as it can be: what is there already with other content stops it before anything is written.
 * Without owners: the Cluster that is created afterwards adopts what its controllers adopt.
 * @throws SealedFileError IMPORT_OTHER_SECRET; KubeError
 */
export async function writeClusterSecrets(client: KubeClient, from: ClusterSecrets, o: { signal: AbortSignal }): Promise<readonly { readonly name: string; readonly result: Written }[]> {
  const { namespace, name: cluster } = from.cluster;
  const before = await Promise.all(from.secrets.map(async (secret) => ({ secret, existing: await client.get<Secret>(resources.secrets, { namespace, name: secret.name }, { signal: o.signal }) })));
  const others = before.filter(({ secret, existing }) => existing && !isSame(existing.data ?? {}, secret.data));
  if (others.length > 0) throw new SealedFileError('IMPORT_OTHER_SECRET', `in namespace ${namespace} ${others.map(({ secret }) => `Secret ${secret.name}`).join(', ')} hold something else; a cluster of this name lives there, or was made anew: nothing was written`);
  const results: { name: string; result: Written }[] = [];
  for (const { secret, existing } of before) {
    if (!existing) await client.create(resources.secrets, manifest(secret, { namespace, cluster }), { signal: o.signal });
    results.push({ name: secret.name, result: existing ? 'unchanged' : 'created' });
  }
  return results;
}

function manifest({ name, type, labels: held, annotations, data }: ClusterSecrets['secrets'][number], { namespace, cluster }: { namespace: string; cluster: string }): KubeObject {
  // Cluster API finds its own by type and name; the label is what `clusterctl move` and people go by.
  const own = name.startsWith(`${cluster}-`) ? { [labels.clusterName]: cluster, [labels.move]: '' } : {};
  return { apiVersion: 'v1', kind: 'Secret', type, metadata: { name, namespace, labels: { ...own, ...held }, annotations }, data };
}

const isSame = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean => {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
};
