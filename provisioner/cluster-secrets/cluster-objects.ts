/**
 * The objects by which Cluster API knows a running cluster: what `clusterctl move` takes along. Put into another management
 * cluster they adopt the machines that run: CAPO finds servers, ports, networks and load balancers by their names, and the
 * annotation of the Cluster says by which tag they are its own (`cloudIdentity`). Status is not among them: controllers see
 * it anew (https://cluster-api.sigs.k8s.io/clusterctl/commands/move).
 */
import { z } from 'zod';
import { annotations, labels } from '../api/labels.ts';
import { cloudIdentity } from '../api/names.ts';
import { type KubeClient, keyOf, type KubeObject, type OwnerReference, type Resource, resources } from '../kube/index.ts';
import { SealedFileError } from './errors.ts';

const owner = z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() });
export const clusterObject = z.looseObject({
  apiVersion: z.string(), kind: z.string(),
  metadata: z.looseObject({ name: z.string(), labels: z.record(z.string(), z.string()).optional(), annotations: z.record(z.string(), z.string()).optional(), finalizers: z.array(z.string()).optional(), ownerReferences: z.array(owner).optional(), managedFields: z.array(z.record(z.string(), z.unknown())).optional() }),
});
export type ClusterObject = z.output<typeof clusterObject>;

/** Owners come before what they own. */
const kinds: readonly Resource[] = [
  resources.clusters, resources.openStackClusters, resources.kubeadmControlPlanes, resources.openStackMachineTemplates, resources.kubeadmConfigTemplates, resources.machineDeployments, resources.machineSets,
  resources.machines, resources.kubeadmConfigs, resources.openStackMachines, resources.openStackServers, resources.secrets,
];

interface At {
  readonly namespace: string;
  readonly name: string;
}

/** In the order in which they can be made. Secrets are the bootstrap data of machines; those of the cluster itself are exported apart. */
export async function readClusterObjects(client: KubeClient, { namespace, name }: At, signal: AbortSignal): Promise<ClusterObject[]> {
  const found: ClusterObject[] = [];
  for (const resource of kinds) {
    const { items } = await client.list(resource, { namespace, labelSelector: `${labels.clusterName}=${name}`, signal });
    const wanted = resource === resources.secrets ? items.filter(isBootstrapData) : items;
    found.push(...wanted.map((item) => portable({ ...item, apiVersion: item.apiVersion || versionOf(resource), kind: item.kind || resource.kind })));
  }
  return found;
}

export interface Adopted {
  readonly kind: string;
  readonly name: string;
}

/**
 * Makes them under a paused Cluster, with owners as they were, and lets it go. The former management cluster must not reconcile
 * them any more: two would fight over the same machines.
 * @throws SealedFileError IMPORT_CLUSTER_EXISTS; KubeError: what was made stays, under a Cluster that is paused
 */
export async function writeClusterObjects(client: KubeClient, objects: readonly ClusterObject[], { namespace, name }: At, signal: AbortSignal): Promise<readonly Adopted[]> {
  if (await client.get(resources.clusters, { namespace, name }, { signal })) throw new SealedFileError('IMPORT_CLUSTER_EXISTS', `there is a Cluster ${keyOf({ namespace, name })} already; machines are adopted by one that comes with them`);
  const uids = new Map<string, string>();
  for (const object of objects) {
    const resource = kinds.find((one) => one.kind === object.kind);
    if (!resource) throw new SealedFileError('IMPORT_UNKNOWN_CONTENT', `the export holds a ${object.kind}, which this Keelson does not know; was it written by a newer one?`);
    const made = await client.create(resource, inNamespace(object, namespace, uids), { signal });
    uids.set(idOf(object.kind, object.metadata.name), made.metadata.uid ?? '');
    // Who applied which field: as their only owner we would keep controllers from taking away what they set (patchTopologyManagedFields of clusterctl).
    const { managedFields } = object.metadata;
    if (managedFields) await client.patch(resource, { namespace, name: object.metadata.name }, { type: 'merge', body: { metadata: { managedFields } }, signal });
  }
  await client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { spec: { paused: null } }, signal });
  return objects.map(({ kind, metadata }) => ({ kind, name: metadata.name }));
}

/** As it can be made elsewhere: without what an API server says of it, and with the identity that the cluster has in its cloud. */
function portable(object: KubeObject): ClusterObject {
  const { status: _status, ...rest } = object;
  const { name, labels: held, annotations: noted, finalizers, ownerReferences, managedFields } = object.metadata;
  const isCluster = object.kind === resources.clusters.kind;
  const identity = isCluster ? { [annotations.cloudIdentity]: cloudIdentity(object.metadata) } : {};
  return clusterObject.parse({
    ...rest,
    metadata: { name, ...(held ? { labels: held } : {}), annotations: { ...noted, ...identity }, ...(finalizers ? { finalizers } : {}), ...(ownerReferences ? { ownerReferences } : {}), ...(managedFields ? { managedFields } : {}) },
    ...(isCluster ? { spec: { ...(object['spec'] as object), paused: true } } : {}),
  });
}

function inNamespace(object: ClusterObject, namespace: string, uids: ReadonlyMap<string, string>): KubeObject {
  const { ownerReferences = [], managedFields: _later, ...metadata } = object.metadata;
  const owners = ownerReferences.flatMap((reference): OwnerReference[] => {
    const uid = uids.get(idOf(reference.kind, reference.name));
    // Owners outside of the cluster (a ClusterClass) adopt again what is theirs.
    return uid === undefined ? [] : [{ ...reference, uid } as OwnerReference];
  });
  return { ...object, metadata: { ...metadata, namespace, ...(owners.length ? { ownerReferences: owners } : {}) } } as KubeObject;
}

const idOf = (kind: string, name: string): string => `${kind}/${name}`;
const versionOf = ({ group, version }: Resource): string => (group === '' ? version : `${group}/${version}`);
const isBootstrapData = ({ metadata }: KubeObject): boolean => metadata.ownerReferences?.some(({ kind }) => kind === resources.kubeadmConfigs.kind) === true;
