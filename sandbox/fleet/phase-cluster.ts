/** The workload clusters, from nothing to Available with every machine ready, and the way to each from the user's shell. */
import { chmod, writeFile } from 'node:fs/promises';
import { resources, type KubeClient, type KubeObject } from '../../provisioner/kube/index.ts';
import { conditionsOf } from './conditions.ts';
import type { ClusterName } from './cluster-object.ts';
import { ensureClusters, wantedClusters } from './clusters.ts';
import { kubeOf, managementName, worldOf, type FleetContext } from './context.ts';
import { serverOf, throughRelay } from './kubeconfig.ts';
import { ensureOrganizations } from './organizations/organizations.ts';
import { kubeconfigPath } from './places.ts';
import type { Phase } from './phases.ts';
import { notYet, ready, until, type Look } from './until.ts';

export const clusterPhase: Phase<FleetContext> = {
  name: 'cluster',
  title: 'Workload clusters',
  async run(context, step) {
    const kube = await kubeOf(context, managementName);
    try {
      await ensureOrganizations(context, kube, step);
      await ensureClusters(context, kube);
      await Promise.all(wantedClusters(context.shape).map((cluster) => comesUp(context, kube, { cluster, step })));
    } finally {
      kube.close();
    }
  },
};

async function comesUp(context: FleetContext, kube: KubeClient, { cluster, step }: { cluster: ClusterName; step: (what: string) => void }): Promise<void> {
  const { signal } = context;
  const timeoutMs = 600_000 + 120_000 * wantedClusters(context.shape).length;
  await until(`${cluster.name}: kubeconfig`, () => kubeconfigOf(context, kube, cluster), { signal, timeoutMs, step });
  await until(`${cluster.name}: Cluster`, () => availability(kube, cluster), { signal, timeoutMs, step });
}

/** Writes the kubeconfig that Cluster API made, once it is there, for use through a relay on 127.0.0.1. */
async function kubeconfigOf(context: FleetContext, kube: KubeClient, { name, namespace }: ClusterName): Promise<Look<string>> {
  const secret = await kube.get(resources.secrets, { namespace, name: `${name}-kubeconfig` }, { signal: context.signal });
  const encoded = (secret?.['data'] as Record<string, string> | undefined)?.['value'];
  if (encoded === undefined) return notYet(await conditionMessage(kube, { name, namespace }));
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const relay = await worldOf(context).addRelay({ name: `kubernetes-${name}`, target: serverOf(text) }, context.signal);
  const path = kubeconfigPath(context.places, name);
  await writeFile(path, throughRelay(text, { cluster: name, port: relay.port }), { mode: 0o600 });
  await chmod(path, 0o600);
  return ready(path);
}

/** Available says that a majority of the control plane is there; a cluster that was asked for three has three. */
async function availability(kube: KubeClient, name: ClusterName): Promise<Look<true>> {
  const cluster = await kube.get(resources.clusters, name);
  if (!cluster) return notYet('is gone');
  const condition = conditionsOf(cluster).find((c) => c.type === 'Available');
  if (condition?.status !== 'True' || condition.observedGeneration !== cluster.metadata.generation) return notYet((condition?.message ?? 'no condition yet').replaceAll(/\s*\n\s*/g, '; '));
  const waiting = missingMachines(cluster);
  return waiting === undefined ? ready(true) : notYet(waiting);
}

interface Replicas { readonly desiredReplicas?: number; readonly availableReplicas?: number; readonly replicas?: number }

/** Which machines are still to come or to go; undefined when there are exactly as many as the topology wants. */
export function missingMachines(cluster: KubeObject): string | undefined {
  const status = cluster['status'] as { controlPlane?: Replicas; workers?: Replicas } | undefined;
  const topology = (cluster['spec'] as { topology?: { controlPlane?: { replicas?: number }; workers?: { machineDeployments?: { replicas?: number }[] } } }).topology;
  const workers = topology?.workers?.machineDeployments?.reduce((sum, group) => sum + (group.replicas ?? 0), 0) ?? 0;
  const parts = [
    { what: 'control planes', wanted: topology?.controlPlane?.replicas ?? 1, seen: status?.controlPlane },
    { what: 'workers', wanted: workers, seen: status?.workers },
  ];
  const waiting = parts.filter(({ wanted, seen }) => (seen?.availableReplicas ?? 0) !== wanted || (seen?.replicas ?? 0) !== wanted);
  return waiting.length === 0 ? undefined : waiting.map(({ what, wanted, seen }) => `${what}: ${wanted} wanted, ${seen?.replicas ?? 0} there, ${seen?.availableReplicas ?? 0} available`).join('; ');
}

async function conditionMessage(kube: KubeClient, name: ClusterName): Promise<string> {
  const cluster = await kube.get(resources.clusters, name);
  return cluster ? (conditionsOf(cluster).find((c) => c.type === 'InfrastructureReady')?.message ?? 'not there yet') : 'the Cluster is gone';
}
