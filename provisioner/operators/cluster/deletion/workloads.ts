/**
 * The first half of a clean-up, through the API of the cluster itself while it still runs: Services of type LoadBalancer and
 * persistent volumes are deleted as their users would, so that the cloud controller manager and the CSI driver take apart
 * what they made. New ones are refused meanwhile, or controllers would bring them back.
 */
import { validatingPolicy } from '../../../api/admission-policy.ts';
import { isKubeError, type KubeClient, keyOf, type KubeObject, type ObjectRef, type Resource, resources } from '../../../kube/index.ts';

interface Service extends KubeObject {
  readonly spec?: { readonly type?: string };
}
interface PersistentVolume extends KubeObject {
  readonly spec?: {
    readonly persistentVolumeReclaimPolicy?: string;
    readonly claimRef?: { readonly namespace: string; readonly name: string };
    readonly csi?: { readonly driver: string; readonly volumeHandle: string };
  };
}
/** snapshot.storage.k8s.io/v1; a snapshot that was imported has `source.snapshotHandle`. */
interface SnapshotContent extends KubeObject {
  readonly spec?: { readonly driver?: string; readonly deletionPolicy?: string; readonly source?: { readonly volumeHandle?: string; readonly snapshotHandle?: string } };
  readonly status?: { readonly snapshotHandle?: string };
}
interface Pod extends KubeObject {
  readonly spec?: { readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[] };
}

export interface WorkloadsLeft {
  /** "Service shop/web", "PersistentVolume pvc-…": what is still there. Empty: nothing of the kind is left. */
  readonly waitingFor: readonly string[];
  /** Ids in Cinder: of volumes whose reclaim policy is Retain, or that hold a snapshot to be retained; of snapshots whose deletion policy is. */
  readonly retained: { readonly volumes: readonly string[]; readonly snapshots: readonly string[] };
}

const cinder = 'cinder.csi.openstack.org';
const volumeSnapshotContents: Resource = { group: 'snapshot.storage.k8s.io', version: 'v1', plural: 'volumesnapshotcontents', kind: 'VolumeSnapshotContent', namespaced: false };
const fieldManager = 'keelson-cluster';

/** One step; call again until nothing is left. @throws KubeError */
export async function removeWorkloads(client: KubeClient, signal: AbortSignal): Promise<WorkloadsLeft> {
  for (const [resource, object] of refusal) await client.apply(resource, object, { fieldManager, force: true, signal });
  const services = (await client.list<Service>(resources.services, { signal })).items.filter(({ spec }) => spec?.type === 'LoadBalancer');
  const volumes = (await client.list<PersistentVolume>(resources.persistentVolumes, { signal })).items.filter(({ spec }) => spec?.csi?.driver === cinder);
  const snapshots = (await snapshotContents(client, signal)).filter(({ spec }) => spec?.driver === cinder && spec.deletionPolicy === 'Retain');
  // Cinder deletes no volume that has a snapshot: its claim would wait for nothing.
  const held = new Set(snapshots.flatMap(({ spec }) => spec?.source?.volumeHandle ?? []));
  const isRetained = ({ spec }: PersistentVolume): boolean => spec?.persistentVolumeReclaimPolicy === 'Retain' || held.has(spec?.csi?.volumeHandle ?? '');
  const going = volumes.filter((volume) => !isRetained(volume));
  for (const service of services) await remove(client, resources.services, service, signal);
  const claims = going.flatMap(({ spec }) => spec?.claimRef ?? []);
  for (const claim of claims) await client.delete(resources.persistentVolumeClaims, claim, { signal });
  // A volume without a claim is not released by deleting one.
  for (const volume of going.filter(({ spec }) => !spec?.claimRef)) await remove(client, resources.persistentVolumes, volume, signal);
  await removeUsers(client, claims, signal);
  return {
    waitingFor: [...services.map((service) => `Service ${keyOf(service.metadata)}`), ...going.map(({ metadata }) => `PersistentVolume ${metadata.name}`)],
    retained: {
      volumes: volumes.filter(isRetained).flatMap(({ spec }) => spec?.csi?.volumeHandle ?? []),
      snapshots: snapshots.flatMap(({ spec, status }) => status?.snapshotHandle ?? spec?.source?.snapshotHandle ?? []),
    },
  };
}

/** None in a cluster that has no snapshots. */
async function snapshotContents(client: KubeClient, signal: AbortSignal): Promise<readonly SnapshotContent[]> {
  try {
    return (await client.list<SnapshotContent>(volumeSnapshotContents, { signal })).items;
  } catch (error) {
    if (isKubeError(error, 'KUBE_NOT_FOUND')) return [];
    throw error;
  }
}

/** A claim stays while a pod uses it. The pod that replaces a deleted one is not scheduled, because its claim is being deleted. */
async function removeUsers(client: KubeClient, claims: readonly { namespace: string; name: string }[], signal: AbortSignal): Promise<void> {
  if (claims.length === 0) return;
  const going = new Set(claims.map((claim) => keyOf(claim)));
  const { items } = await client.list<Pod>(resources.pods, { signal });
  const uses = ({ metadata, spec }: Pod): boolean => (spec?.volumes ?? []).some((v) => v.persistentVolumeClaim && going.has(keyOf({ namespace: metadata.namespace, name: v.persistentVolumeClaim.claimName })));
  for (const pod of items.filter(uses)) await remove(client, resources.pods, pod, signal);
}

async function remove(client: KubeClient, resource: Resource, object: KubeObject, signal: AbortSignal): Promise<void> {
  if (object.metadata.deletionTimestamp === undefined) await client.delete(resource, ref(object), { signal });
}

const ref = ({ metadata }: KubeObject): ObjectRef => ({ ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name: metadata.name });

const admission = (plural: string, kind: string): Resource => ({ group: 'admissionregistration.k8s.io', version: 'v1', plural, kind, namespaced: false });

/** In the cluster that is being deleted: nothing new that would be left in the cloud. Goes with the cluster. */
const [policy, binding] = validatingPolicy('keelson-cluster-is-being-deleted', {
  matchConstraints: {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['persistentvolumeclaims'] },
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['services'] },
    ],
  },
  validations: [{
    expression: "request.resource.resource == 'services' && (object.spec.?type.orValue('') != 'LoadBalancer' || has(object.metadata.deletionTimestamp))",
    message: 'this cluster is being deleted: it takes no new volumes and load balancers', reason: 'Forbidden',
  }],
});
const refusal: readonly (readonly [Resource, KubeObject])[] = [
  [admission('validatingadmissionpolicies', policy.kind), policy],
  [admission('validatingadmissionpolicybindings', binding.kind), binding],
];
