/** Everything that runs pods in a cluster, read with a kubeconfig; what another object owns is judged by its owner. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromKubeconfig, type KubeObject, type Resource, resources } from '../../../kube/index.ts';
import { CliError } from '../../errors.ts';
import type { Manifest } from './manifests.ts';

const kinds: readonly Resource[] = [
  resources.pods, resources.deployments, resources.statefulSets, resources.daemonSets, resources.replicaSets, resources.jobs,
  { group: 'batch', version: 'v1', plural: 'cronjobs', kind: 'CronJob', namespaced: true },
  { group: '', version: 'v1', plural: 'replicationcontrollers', kind: 'ReplicationController', namespaced: true },
  { group: '', version: 'v1', plural: 'podtemplates', kind: 'PodTemplate', namespaced: true },
];

/** @throws CliError CLI_FILE_UNREADABLE; KubeError */
export async function clusterWorkloads(kubeconfig: string, signal: AbortSignal): Promise<Manifest[]> {
  const text = await readFile(kubeconfig, 'utf8').catch((cause: unknown) => Promise.reject(new CliError('CLI_FILE_UNREADABLE', `cannot read --kubeconfig ${kubeconfig}`, { cause })));
  const client = await fromKubeconfig(text, { folder: dirname(kubeconfig), userAgent: 'keelson-policy' });
  try {
    const found: Manifest[] = [];
    for (const resource of kinds) {
      const { items } = await client.list<KubeObject>(resource, { signal });
      const own = items.filter((item) => !item.metadata.ownerReferences?.some((owner) => owner.controller));
      // A list leaves out the kind of its items.
      const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version;
      found.push(...own.map((item) => ({ object: { ...item, apiVersion, kind: resource.kind }, source: { file: '-' } })));
    }
    return found;
  } finally {
    client.close();
  }
}
