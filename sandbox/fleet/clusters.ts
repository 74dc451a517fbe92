/** Which workload clusters the fleet has, and how `keelson up` makes, finds and resizes them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { labels } from '../../provisioner/api/labels.ts';
import { CloudError, Image } from '../../provisioner/openstack/index.ts';
import { resources, type KubeClient, type KubeObject } from '../../provisioner/kube/index.ts';
import { innerCloudsFile, sessionOf } from './cloud.ts';
import { clusterName, newCluster, nodeImage, resized, topologyOf, type ClusterName } from './cluster-object.ts';
import type { FleetContext } from './context.ts';
import { FleetError } from './errors.ts';
import { clusterCount, type FleetShape } from './shape.ts';
import { ready, until } from './until.ts';

const fieldManager = 'keelson-sandbox';

/** The clusters that `keelson up` answers for: as many as were asked for, demo first. */
export function wantedClusters(shape: FleetShape = {}): readonly ClusterName[] {
  return Array.from({ length: clusterCount(shape) }, (_, index) => clusterName(index));
}

/**
 * Each wanted cluster exists, in the sizes that were asked for. What exists keeps every size that was not asked for: people
 * scale with kubectl, and a second `up` takes nothing back.
 * @throws FleetError FLEET_BAD_OPTION for another version than an existing cluster has, or one that the running cloud has no image of
 */
export async function ensureClusters(context: FleetContext, kube: KubeClient): Promise<void> {
  const { shape = {}, signal } = context;
  const example = await exampleCluster(context);
  const clouds = await readFile(innerCloudsFile(context.places.state), 'utf8');
  for (const [index, name] of wantedClusters(shape).entries()) {
    const existing = await kube.get(resources.clusters, name, { signal });
    if (existing) await resize(kube, existing, shape, signal);
    else await create(context, kube, { cluster: newCluster(example, index, shape), clouds });
  }
}

/** @param o.clouds the fleet's own credentials, for a namespace that is nobody's; an Organization has its own. */
async function create(context: FleetContext, kube: KubeClient, { cluster, clouds }: { cluster: KubeObject; clouds: string }): Promise<void> {
  const { namespace = '' } = cluster.metadata;
  const { signal } = context;
  await checkImage(context, topologyOf(cluster).version);
  const apply = (resource: Parameters<KubeClient['apply']>[0], object: KubeObject) => kube.apply(resource, object, { fieldManager, force: true, signal });
  const there = await kube.get<KubeObject>(resources.namespaces, { name: namespace }, { signal });
  if (there?.metadata.labels?.[labels.organization] === undefined) {
    await apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': clouds } });
  }
  // Webhooks of Cluster API refuse for a moment after their pods start.
  await until(`apply the Cluster ${cluster.metadata.name}`, async () => ready(await apply(resources.clusters, cluster)), { signal, timeoutMs: 120_000 });
}

async function resize(kube: KubeClient, existing: KubeObject, shape: FleetShape, signal: AbortSignal): Promise<void> {
  const { name, namespace } = existing.metadata;
  const topology = topologyOf(existing);
  const { kubernetesVersion } = shape;
  if (kubernetesVersion !== undefined && kubernetesVersion !== topology.version) {
    throw new FleetError('FLEET_BAD_OPTION', `--kubernetes-version ${kubernetesVersion}: cluster ${name} has ${topology.version}, and "up" changes no version; docs/sandbox.md has the command for an upgrade`);
  }
  if (shape.controlPlanes === undefined && shape.workers === undefined) return;
  const { controlPlane, workers } = resized(topology, shape);
  await kube.patch(resources.clusters, { namespace: namespace ?? '', name }, { type: 'merge', body: { spec: { topology: { controlPlane, workers } } }, fieldManager, signal });
}

/** A cloud that runs already was planted with the images that were built then. */
async function checkImage(context: FleetContext, version: string): Promise<void> {
  const session = await sessionOf(context);
  try {
    const name = nodeImage(version);
    if ((await new Image(session).images({ name }, { signal: context.signal })).length > 0) return;
    throw new CloudError('CLOUD_NOT_FOUND', `the running cloud has no image ${name}: it was started before Kubernetes ${version} was built; "keelson down", then the same command again`);
  } finally {
    session.close();
  }
}

async function exampleCluster({ places }: FleetContext): Promise<KubeObject> {
  const documents = loadAll(await readFile(join(places.repository, 'examples', 'cluster.yaml'), 'utf8')) as KubeObject[];
  const cluster = documents.find((document) => document.kind === 'Cluster');
  if (!cluster) throw new FleetError('FLEET_PHASE_FAILED', 'examples/cluster.yaml holds no Cluster');
  return cluster;
}
