/**
 * Between control plane and workers of an upgrade: workers roll when every control plane node is Ready at the new version, no
 * disruption budget would stop a drain, and the cloud has room for the server that comes before one goes. A drain that a
 * budget stops ends after ten minutes by force; better not to begin it.
 */
import { annotations } from '../../api/labels.ts';
import { readWorkersGate, workersGateAnnotation } from '../../api/workers-gate.ts';
import { isKubeError, type KubeClient, keyOf, type KubeObject, type Resource, resources } from '../../kube/index.ts';
import { preflight } from '../../preflight/preflight.ts';
import type { RunningVersions } from '../../preflight/checks/versions.ts';
import { runningVersions } from '../../preflight/running.ts';
import type { OperatorContext } from '../context.ts';
import type { RemoteClusters } from '../remote.ts';
import { cloudAccess } from './cloud-access.ts';
import type { WholeCluster } from './whole-cluster.ts';

/** How soon it is looked at again while an upgrade goes on; asks the management cluster alone until the control plane is done. */
const againMs = 10_000;

/** @returns when to look again; undefined while no upgrade is under way */
export async function keepWorkersGate(context: OperatorContext, cluster: WholeCluster, remotes: Pick<RemoteClusters, 'client'>, signal: AbortSignal): Promise<number | undefined> {
  const version = cluster.spec?.topology?.version ?? '';
  const running = await runningVersions(cluster, context.client, signal);
  if (!running) return undefined;
  const waiting = Object.values(running.workers).some((one) => one !== version);
  if (running.controlPlane === version && !waiting) return undefined;
  if (running.controlPlane === version) await write(context, cluster, { version, problems: await problemsOf(context, cluster, { version, running, remotes }, signal) }, signal);
  return againMs;
}

async function problemsOf(context: OperatorContext, cluster: WholeCluster, o: { version: string; running: RunningVersions; remotes: Pick<RemoteClusters, 'client'> }, signal: AbortSignal): Promise<readonly string[]> {
  if (cluster.metadata.annotations?.[annotations.rollWorkers] === 'now') return [];
  const { namespace = '', name } = cluster.metadata;
  try {
    const client = await o.remotes.client({ namespace, name });
    if (!client) return ['the cluster has no kubeconfig'];
    const replicas = cluster.spec?.topology?.controlPlane?.replicas ?? 1;
    return [...await nodeProblems(client, { version: o.version, replicas }, signal), ...await budgetProblems(client, signal), ...await quotaProblems(context, cluster, o.running, signal)];
  } catch (error) {
    if (!isKubeError(error, 'KUBE_UNREACHABLE', 'KUBE_TIMEOUT')) throw error;
    return [`its API does not answer (${error.message})`];
  }
}

type Node = KubeObject & { readonly status?: { readonly nodeInfo?: { readonly kubeletVersion?: string }; readonly conditions?: readonly { readonly type: string; readonly status: string }[] } };

/** @internal */
export async function nodeProblems(client: KubeClient, o: { version: string; replicas: number }, signal: AbortSignal): Promise<string[]> {
  const { items } = await client.list<Node>(resources.nodes, { labelSelector: 'node-role.kubernetes.io/control-plane', signal });
  const few = items.length < o.replicas ? [`${items.length} of ${o.replicas} control plane nodes are there`] : [];
  return [...few, ...items.flatMap(({ metadata, status }) => {
    const kubelet = status?.nodeInfo?.kubeletVersion;
    if (kubelet !== o.version) return [`control plane node ${metadata.name} runs ${kubelet ?? 'nothing'}`];
    return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ? [] : [`control plane node ${metadata.name} is not Ready`];
  })];
}

const budgets: Resource = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true };
type Budget = KubeObject & { readonly status?: { readonly disruptionsAllowed?: number; readonly expectedPods?: number; readonly currentHealthy?: number; readonly desiredHealthy?: number } };

/** @internal */
export async function budgetProblems(client: KubeClient, signal: AbortSignal): Promise<string[]> {
  const { items } = await client.list<Budget>(budgets, { signal });
  return items.filter(({ status }) => (status?.expectedPods ?? 0) > 0 && status?.disruptionsAllowed === 0)
    .map(({ metadata, status }) => `PodDisruptionBudget ${keyOf(metadata)} lets no pod go (${status?.currentHealthy} healthy, ${status?.desiredHealthy} wanted)`);
}

async function quotaProblems(context: OperatorContext, cluster: WholeCluster, running: RunningVersions, signal: AbortSignal): Promise<string[]> {
  const { session } = await cloudAccess(context.client, cluster, signal);
  try {
    const outcome = await preflight({ cluster, session, running, signal });
    if (outcome.kind === 'unreachable') return [`the cloud does not answer (${outcome.message})`];
    return outcome.findings.filter(({ rule, severity }) => rule === 'cloud/quota' && severity === 'error').map(({ message, fix }) => `${message}; ${fix}`);
  } finally {
    session.close();
  }
}

async function write({ client, log, events }: OperatorContext, cluster: WholeCluster, { version, problems }: { version: string; problems: readonly string[] }, signal: AbortSignal): Promise<void> {
  const isOpen = problems.length === 0;
  const message = isOpen ? '' : `workers wait before they go to ${version}: ${problems.slice(0, 10).join('; ')}. The annotation ${annotations.rollWorkers}: now lets them go all the same`;
  const known = readWorkersGate(cluster.metadata.annotations);
  if (known?.version === version && known.isOpen === isOpen && known.message === message) return;
  const { namespace = '', name } = cluster.metadata;
  await client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { annotations: workersGateAnnotation({ version, isOpen, message }) } }, fieldManager: 'keelson-cluster', signal });
  events.event(cluster, isOpen ? 'Normal' : 'Warning', isOpen ? 'WorkersMayRoll' : 'WorkersHeld', isOpen ? `workers may go to ${version}` : message);
  log.info({ cluster: keyOf(cluster.metadata), version, isOpen }, isOpen ? 'workers may follow their control plane' : message);
}
