/**
 * Workers whose servers the simulated cloud makes. Those of the class wait for user data that their bootstrap provider makes once the control
 * plane answers, which it never does where no server boots; these bring theirs along.
 */
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { type Life, namespace } from './life.ts';
import { until } from './management-plane.ts';

/** Selects the machines of such a group. */
export const poolOf = (name: string): string => `pool=${name}`;

/** A group beside those of the class, like the first of them in all but the user data. Their machines, and the servers in the cloud, are called `<name>-…`. */
export async function createWorkersWithServers({ plane: { client } }: Life, { cluster, name, replicas }: { readonly cluster: string; readonly name: string; readonly replicas: number }): Promise<void> {
  const sample = await until(`a worker group of ${cluster}`, async () => (await client.list(resources.machineDeployments, { namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${cluster},topology.cluster.x-k8s.io/owned` })).items[0]);
  const { template } = sample['spec'] as { template: { spec: object } };
  await client.apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { value: '#cloud-config\n{}\n', format: 'cloud-config' } } as KubeObject, { fieldManager: 'test', force: true });
  await client.create(resources.machineDeployments, {
    apiVersion: sample.apiVersion, kind: sample.kind,
    // Cluster API otherwise makes and gives up no machines before the control plane is stable.
    metadata: { name, namespace, annotations: { 'machineset.cluster.x-k8s.io/skip-preflight-checks': 'All' } },
    spec: { clusterName: cluster, replicas, selector: { matchLabels: { pool: name } }, template: { metadata: { labels: { pool: name } }, spec: { ...template.spec, bootstrap: { dataSecretName: name } } } },
  } as KubeObject);
}

export async function scaleWorkersWithServers({ plane: { client } }: Life, name: string, replicas: number): Promise<void> {
  await client.patch(resources.machineDeployments, { namespace, name }, { type: 'merge', body: { spec: { replicas } } });
}

/** Has machines of the group given up that are marked for it, as the class's own health checks do for theirs. */
export async function watchHealth({ plane: { client } }: Life, { cluster, name }: { readonly cluster: string; readonly name: string }): Promise<void> {
  await client.create(resources.machineHealthChecks, {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineHealthCheck', metadata: { name, namespace },
    spec: { clusterName: cluster, selector: { matchLabels: { pool: name } }, checks: { nodeStartupTimeoutSeconds: 1200 } },
  } as KubeObject);
}
