/** Which Kubernetes versions a Cluster runs now, from the objects of Cluster API. */
import { labels } from '../api/labels.ts';
import { type KubeClient, type KubeObject, resources } from '../kube/index.ts';
import type { RunningVersions } from './checks/versions.ts';

interface Versioned extends KubeObject {
  readonly spec?: { readonly template?: { readonly spec?: { readonly version?: string } } };
  readonly status?: { readonly version?: string };
}

/** undefined until there is a control plane. @throws KubeError */
export async function runningVersions(cluster: KubeObject | undefined, client: KubeClient | undefined, signal: AbortSignal): Promise<RunningVersions | undefined> {
  const ref = (cluster?.['spec'] as { controlPlaneRef?: { name: string } } | undefined)?.controlPlaneRef;
  if (!cluster || !client || !ref) return undefined;
  const { namespace = '', name } = cluster.metadata;
  const version = (await client.get<Versioned>(resources.kubeadmControlPlanes, { namespace, name: ref.name }, { signal }))?.status?.version;
  if (version === undefined) return undefined;
  const { items } = await client.list<Versioned>(resources.machineDeployments, { namespace, labelSelector: `${labels.clusterName}=${name}`, signal });
  const workers = items.flatMap((group) => (group.spec?.template?.spec?.version === undefined ? [] : [[group.metadata.name, group.spec.template.spec.version] as const]));
  return { controlPlane: version, workers: Object.fromEntries(workers) };
}
