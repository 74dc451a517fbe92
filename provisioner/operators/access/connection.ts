/** Publishes where a cluster's API server is and whom it is signed by, for those who log in with a token of their own. */
import { labels } from '../../api/labels.ts';
import { connectionName } from '../../api/names.ts';
import { type KubeObject, type ObjectRef, type Request, resources } from '../../kube/index.ts';
import { type Cluster, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { type ApiServer, apiServerOf } from '../monitoring/api-server.ts';
import type { RemoteClusters } from '../remote.ts';

export interface ConnectionOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly remotes: RemoteClusters;
}

/** It goes with its Cluster, by the garbage collector. */
export async function publishConnection({ context, clusters, remotes }: ConnectionOptions, request: Request, signal: AbortSignal): Promise<void> {
  const cluster = clusters.get(request);
  const kubeconfig = remotes.kubeconfig(request);
  if (!cluster || isDeleting(cluster) || !isManaged(cluster) || kubeconfig === undefined) return;
  await context.client.apply(resources.configMaps, connectionOf(cluster, apiServerOf(kubeconfig)), { fieldManager: 'keelson-access', force: true, signal });
}

function connectionOf({ apiVersion, kind, metadata: { name, namespace = '', uid = '' } }: Cluster, api: ApiServer): KubeObject {
  return {
    apiVersion: 'v1', kind: 'ConfigMap',
    metadata: { name: connectionName(name), namespace, labels: { [labels.access]: 'connection', [labels.managedBy]: 'keelson', [labels.clusterName]: name }, ownerReferences: [{ apiVersion, kind, name, uid }] },
    data: { server: `https://${api.endpoint}`, 'ca.crt': api.ca, ...(api.serverName === undefined ? {} : { 'tls-server-name': api.serverName }) },
  };
}
