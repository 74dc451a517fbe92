/** The way out: clusters first, if that was confirmed, then the namespace, then the object. One step at a time; events bring the next. */
import { annotations, labels } from '../../api/labels.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { type KubeClient, resources } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import { fieldManager } from './apply.ts';

export type DeletionStep =
  /** Nothing is left: the finalizer may go. */
  | { readonly kind: 'done' }
  | { readonly kind: 'ClustersLive' | 'DeletingClusters' | 'DeletingNamespace'; readonly message: string };

/** @throws KubeError */
export async function deletionStep(client: KubeClient, { metadata }: Organization, signal: AbortSignal): Promise<DeletionStep> {
  const name = organizationNamespace(metadata.name);
  const namespace = await client.get(resources.namespaces, { name }, { signal });
  if (namespace?.metadata.labels?.[labels.organization] !== metadata.name) return { kind: 'done' };
  const clusters = (await client.list(resources.clusters, { namespace: name, signal })).items;
  if (clusters.length > 0) {
    const names = clusters.map((cluster) => cluster.metadata.name).join(', ');
    if (metadata.annotations?.[annotations.confirmDeletion] !== metadata.name) {
      return { kind: 'ClustersLive', message: `${names}: delete what is not needed any more, or confirm with the annotation ${annotations.confirmDeletion}: ${metadata.name}` };
    }
    for (const cluster of clusters) if (!isDeleting(cluster)) await client.delete(resources.clusters, { namespace: name, name: cluster.metadata.name }, { uid: cluster.metadata.uid, signal });
    return { kind: 'DeletingClusters', message: names };
  }
  if (!isDeleting(namespace)) {
    // Admission lets a namespace of an organization go only with this.
    await client.patch(resources.namespaces, { name }, { type: 'merge', body: { metadata: { annotations: { [annotations.confirmDeletion]: metadata.name } } }, fieldManager, signal });
    await client.delete(resources.namespaces, { name }, { uid: namespace.metadata.uid, signal });
  }
  return { kind: 'DeletingNamespace', message: `namespace ${name} and what is left in it` };
}
