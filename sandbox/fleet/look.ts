/** Looks at the running fleet: what `keelson status` shows. A part that cannot be asked is shown with the reason, not left out. */
import { access } from 'node:fs/promises';
import { messageOf } from '../../provisioner/cli/explain.ts';
import { annotations } from '../../provisioner/api/labels.ts';
import { isKubeError, resources, type KubeClient, type KubeObject } from '../../provisioner/kube/index.ts';
import { matchImage } from '../images/images.ts';
import { conditionsOf, isTrue } from './conditions.ts';
import { kubeOf, managementName, worldOf, type FleetContext } from './context.ts';
import type { ClusterStatus, ComponentStatus, FleetStatus } from './fleet-status.ts';
import { localCloudsFile } from './cloud.ts';
import { pagesOf } from './pages.ts';
import { kubeconfigPath } from './places.ts';
import { peopleOf } from './organizations/people.ts';
import { readReport } from './report.ts';
import { substitutes, substitutesWithoutRoot } from './substitutes.ts';

/** @throws WorldError WORLD_NOT_RUNNING */
export async function lookAt(context: FleetContext): Promise<FleetStatus> {
  const world = await worldOf(context).status(context.signal);
  const report = await readReport(context.places.state);
  const clustersNow = await lookAtClusters(context);
  const url = (name: string, path = '') => world.relays.filter((r) => r.name === name).map((r) => `http://${r.address}${path}`);
  return {
    addresses: [
      ...url('pager', '/').map((address) => ({ name: 'Pager', url: address, standsFor: substitutes.pager.inProduction })),
      ...url('console', '/').map((address) => ({ name: 'Console', url: address })),
      ...url('keystone', '/v3').map((address) => ({ name: 'OpenStack', url: `${address} (OS_CLIENT_CONFIG_FILE=${localCloudsFile(context.places.state)} OS_CLOUD=openstack)`, standsFor: substitutes.cloud.inProduction })),
      ...url('prometheus', '/').map((address) => ({ name: 'Prometheus', url: address })),
    ],
    clusters: clustersNow,
    people: await peopleOf(context),
    pages: await pagesOf(url('pager')[0], context.signal),
    standIns: await standInsInUse(context, clustersNow),
    substitutes: [...Object.values(substitutes), ...(process.getuid?.() === 0 ? [] : substitutesWithoutRoot)],
    phases: (report?.phases ?? []).filter((p) => p.state === 'done').map(({ name, seconds }) => ({ name, seconds })),
  };
}

/** The management cluster, and what Cluster API has in it. */
export async function lookAtClusters(context: FleetContext): Promise<ClusterStatus[]> {
  const management = await oneCluster(context, { name: managementName, role: 'management' });
  let kube: KubeClient | undefined;
  try {
    kube = await kubeOf(context, managementName);
    const found = await kube.list(resources.clusters, { signal: context.signal });
    const workloads: ClusterStatus[] = [];
    for (const cluster of found.items) workloads.push(await oneCluster(context, { name: cluster.metadata.name, role: 'workload', cluster, kube }));
    return [management, ...workloads];
  } catch (error) {
    // Without its API server its own line says so already; before Cluster API is there, there are none.
    if (!management.available || isKubeError(error, 'KUBE_NOT_FOUND')) return [management];
    return [{ ...management, available: false, reason: `its clusters cannot be looked at: ${messageOf(error)}` }];
  } finally {
    kube?.close();
  }
}

interface What {
  readonly name: string;
  readonly role: ClusterStatus['role'];
  readonly cluster?: KubeObject;
  /** The management cluster's. */
  readonly kube?: KubeClient;
}

async function oneCluster(context: FleetContext, { name, role, cluster, kube }: What): Promise<ClusterStatus> {
  const available = cluster && conditionsOf(cluster).find((c) => c.type === 'Available');
  const inside = await insideOf(context, name);
  const reason = inside.reason ?? (available?.status === 'True' ? undefined : available?.message);
  return {
    name, role,
    kubernetesVersion: inside.version,
    available: cluster ? available?.status === 'True' : inside.reason === undefined,
    ...(reason ? { reason } : {}),
    nodes: inside.nodes,
    machines: cluster && kube ? await machines(kube, cluster) : { running: 0, total: 0 },
    components: cluster && kube ? await components(kube, cluster) : await deployments(context),
    kubeconfig: kubeconfigPath(context.places, name),
  };
}

/** What the cluster's own API server says of its nodes. */
async function insideOf(context: FleetContext, name: string): Promise<{ nodes: ClusterStatus['nodes']; version: string; reason?: string }> {
  let kube: KubeClient | undefined;
  try {
    await access(kubeconfigPath(context.places, name));
    kube = await kubeOf(context, name);
    const { items } = await kube.list(resources.nodes, { signal: context.signal });
    const version = (items[0]?.['status'] as { nodeInfo?: { kubeletVersion?: string } } | undefined)?.nodeInfo?.kubeletVersion;
    return { nodes: { ready: items.filter((node) => isTrue(node, 'Ready')).length, total: items.length }, version: version ?? '-' };
  } catch (error) {
    return { nodes: { ready: 0, total: 0 }, version: '-', reason: messageOf(error) };
  } finally {
    kube?.close();
  }
}

const ofCluster = (cluster: KubeObject) => ({ namespace: cluster.metadata.namespace ?? '', labelSelector: `cluster.x-k8s.io/cluster-name=${cluster.metadata.name}` });

async function machines(kube: KubeClient, cluster: KubeObject): Promise<ClusterStatus['machines']> {
  const { items } = await kube.list(resources.machines, ofCluster(cluster));
  return { running: items.filter((m) => (m['status'] as { phase?: string } | undefined)?.phase === 'Running').length, total: items.length };
}

async function components(kube: KubeClient, cluster: KubeObject): Promise<ComponentStatus[]> {
  const { items } = await kube.list(resources.apps, ofCluster(cluster));
  return items.filter((app) => app.metadata.annotations?.[annotations.leftOut] === undefined).map((app) => {
    const condition = conditionsOf(app).find((c) => c.type === 'Ready');
    return condition?.status === 'True' ? { name: app.metadata.name, ready: true } : { name: app.metadata.name, ready: false, reason: condition ? `${condition.reason}: ${condition.message}` : 'no condition yet' };
  });
}

/** The management cluster's own parts are Deployments of the charts that `keelson up` installed. */
async function deployments(context: FleetContext): Promise<ComponentStatus[]> {
  let kube: KubeClient | undefined;
  try {
    kube = await kubeOf(context, managementName);
    const { items } = await kube.list(resources.deployments, { signal: context.signal });
    return items.map((d) => {
      const wanted = (d['spec'] as { replicas?: number } | undefined)?.replicas ?? 1;
      const ready = (d['status'] as { readyReplicas?: number } | undefined)?.readyReplicas ?? 0;
      return ready >= wanted ? { name: d.metadata.name, ready: true } : { name: d.metadata.name, ready: false, reason: `${ready} of ${wanted} replicas ready` };
    });
  } catch (error) {
    return [{ name: 'deployments', ready: false, reason: messageOf(error) }];
  } finally {
    kube?.close();
  }
}

/** Images of running pods that the sandbox answers with a program that only pretends. */
async function standInsInUse(context: FleetContext, known: readonly ClusterStatus[]): Promise<FleetStatus['standIns']> {
  const found = new Map<string, string>();
  for (const { name, available } of known) {
    if (!available) continue;
    const kube = await kubeOf(context, name);
    try {
      const { items } = await kube.list(resources.pods, { signal: context.signal });
      for (const image of items.flatMap(imagesOf)) {
        const match = matchImage(image);
        if (match.kind === 'standIn') found.set(image, match.image.reason);
      }
    } catch (_) {
      // Cluster API has not noticed yet that this API server does not answer; why is said in the line of its cluster.
    } finally {
      kube.close();
    }
  }
  return [...found].map(([image, reason]) => ({ image, reason }));
}

function imagesOf(pod: KubeObject): string[] {
  const spec = pod['spec'] as { containers?: { image?: string }[]; initContainers?: { image?: string }[] } | undefined;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap((container) => container.image ?? []);
}
