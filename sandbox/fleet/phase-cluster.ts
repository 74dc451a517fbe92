/** The workload cluster of examples/cluster.yaml, from nothing to Available, and the way to it from the user's shell. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { resources, type KubeClient, type KubeObject } from '../../provisioner/kube/index.ts';
import { conditionsOf } from './conditions.ts';
import { innerCloudsFile } from './cloud.ts';
import { demoCluster, kubeOf, managementName, worldOf, type FleetContext } from './context.ts';
import { FleetError } from './errors.ts';
import { serverOf, throughRelay } from './kubeconfig.ts';
import { kubeconfigPath } from './places.ts';
import type { Phase } from './phases.ts';
import { notYet, ready, until } from './until.ts';

const fieldManager = 'keelson-sandbox';

export const clusterPhase: Phase<FleetContext> = {
  name: 'cluster',
  title: `Workload cluster ${demoCluster.name}`,
  async run(context, step) {
    const kube = await kubeOf(context, managementName);
    try {
      await applyCluster(context, kube);
      await until('kubeconfig', () => kubeconfigOf(context, kube), { signal: context.signal, timeoutMs: 300_000, step });
      await until('Cluster', () => availability(kube), { signal: context.signal, timeoutMs: 600_000, step });
    } finally {
      kube.close();
    }
  },
};

async function applyCluster(context: FleetContext, kube: KubeClient): Promise<void> {
  const { name, namespace } = demoCluster;
  const clouds = await readFile(innerCloudsFile(context.places.state), 'utf8');
  const apply = (resource: Parameters<KubeClient['apply']>[0], object: KubeObject) => kube.apply(resource, object, { fieldManager, force: true, signal: context.signal });
  await apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'keelson.dev/organization': 'demo' } } });
  await apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': clouds } });
  const documents = loadAll(await readFile(join(context.places.repository, 'examples', 'cluster.yaml'), 'utf8')) as KubeObject[];
  const cluster = documents.find((d) => d.kind === 'Cluster' && d.metadata.name === name);
  if (!cluster) throw new FleetError('FLEET_PHASE_FAILED', `examples/cluster.yaml holds no Cluster named ${name}`);
  // Webhooks of Cluster API refuse for a moment after their pods start.
  await until('apply the Cluster', async () => ready(await apply(resources.clusters, cluster)), { signal: context.signal, timeoutMs: 120_000 });
}

/** Writes the kubeconfig that Cluster API made, once it is there, for use through a relay on 127.0.0.1. */
async function kubeconfigOf(context: FleetContext, kube: KubeClient) {
  const { name, namespace } = demoCluster;
  const secret = await kube.get(resources.secrets, { namespace, name: `${name}-kubeconfig` }, { signal: context.signal });
  const encoded = (secret?.['data'] as Record<string, string> | undefined)?.['value'];
  if (encoded === undefined) return notYet(await conditionMessage(kube, 'InfrastructureReady'));
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const relay = await worldOf(context).addRelay({ name: `kubernetes-${name}`, target: serverOf(text) }, context.signal);
  const path = kubeconfigPath(context.places, name);
  await writeFile(path, throughRelay(text, { cluster: name, port: relay.port }), { mode: 0o600 });
  await chmod(path, 0o600);
  return ready(path);
}

async function availability(kube: KubeClient) {
  const cluster = await kube.get(resources.clusters, demoCluster);
  if (!cluster) return notYet('is gone');
  const condition = conditionsOf(cluster).find((c) => c.type === 'Available');
  if (condition?.status === 'True' && condition.observedGeneration === cluster.metadata.generation) return ready(true);
  return notYet((condition?.message ?? 'no condition yet').replaceAll(/\s*\n\s*/g, '; '));
}

async function conditionMessage(kube: KubeClient, type: string): Promise<string> {
  const cluster = await kube.get(resources.clusters, demoCluster);
  return cluster ? (conditionsOf(cluster).find((c) => c.type === type)?.message ?? 'not there yet') : 'the Cluster is gone';
}
