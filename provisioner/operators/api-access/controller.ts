/** Keeps the host policy of every Cluster of our class that asks for one. */
import { clusterApiAccessRestricted, type Reason } from '../../api/conditions.ts';
import { type ChangeSource, Controller, ExponentialLimiter, findCondition, isKubeError, type KubeClient, type ObjectRef, type ReconcileResult, type Request, source } from '../../kube/index.ts';
import { reportCondition } from '../cluster/report.ts';
import { isNewsOf, type WholeCluster, wholeCluster } from '../cluster/whole-cluster.ts';
import { type Cluster, hasControlPlane, isDeleting, isOfOurClass, type OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { RemoteClusters } from '../remote.ts';
import { servedResource } from '../served.ts';
import { type ApiAccess, apiAccessPolicy, policyName } from './policy.ts';
import { ownAddresses, wantedAccess } from './wanted.ts';

export interface ApiAccessOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
  readonly openStackClusters: { get(ref: ObjectRef): OpenStackCluster | undefined };
  readonly remotes: Pick<RemoteClusters, 'client'>;
  /** CIDRs from which this management cluster reaches API servers; without them nothing is applied, or it would turn itself away. */
  readonly managementEgress: readonly string[];
}

type Said = { readonly status: 'True' | 'False' | 'Unknown'; readonly reason: Reason<typeof clusterApiAccessRestricted>; readonly message: string };

/** While something is missing, and for what a person took away. */
const [soonMs, resyncMs] = [30_000, 600_000];

export function apiAccessController(o: ApiAccessOptions): Controller {
  return new Controller({
    ...o.context,
    name: 'api-access',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [source({ reflector: o.clusters, isRelevant: isNewsOf(isReady) })],
    reconcile: (request, signal) => reconcile(o, request, signal),
  });
}

async function reconcile(o: ApiAccessOptions, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const cluster = await wholeCluster(o, request, isReady, signal);
  if (!cluster) return;
  const wanted = wantedAccess(cluster);
  if (!wanted && !findCondition(cluster.status?.conditions, clusterApiAccessRestricted.type)) return;
  const said = await keep(o, cluster, wanted, signal);
  await reportCondition(o.context, cluster, { type: clusterApiAccessRestricted.type, ...said }, signal);
  return wanted ? { requeueAfterMs: said.status === 'True' ? resyncMs : soonMs } : undefined;
}

async function keep(o: ApiAccessOptions, cluster: WholeCluster, wanted: ApiAccess | undefined, signal: AbortSignal): Promise<Said> {
  const { namespace = '', name } = cluster.metadata;
  const infrastructure = o.openStackClusters.get({ namespace, name: cluster.spec?.infrastructureRef?.name ?? '' });
  const own = infrastructure ? ownAddresses(infrastructure) : [];
  if (wanted && o.managementEgress.length === 0) return { status: 'False', reason: 'ManagementEgressUnknown', message: `the API server is open to everyone: the policy would turn the management cluster away too; say where it comes from (operator.managementEgress of chart keelson)` };
  if (wanted && own.length === 0) return { status: 'Unknown', reason: 'WaitingForCluster', message: 'CAPO has not said yet which addresses are the cluster\'s own' };
  try {
    const client = await o.remotes.client({ namespace, name });
    if (!client) return { status: 'Unknown', reason: 'WaitingForCluster', message: 'the cluster has no kubeconfig yet' };
    return await write(client, wanted && { ...wanted, allowed: [...new Set([...wanted.allowed, ...own, ...o.managementEgress])] }, signal);
  } catch (error) {
    if (!isKubeError(error, 'KUBE_UNREACHABLE', 'KUBE_TIMEOUT')) throw error;
    return { status: 'Unknown', reason: 'WaitingForCluster', message: error.message };
  }
}

async function write(client: KubeClient, access: ApiAccess | undefined, signal: AbortSignal): Promise<Said> {
  const resource = await servedResource(client, 'cilium.io/v2', 'CiliumClusterwideNetworkPolicy', signal);
  if (!access) {
    if (resource) await client.delete(resource, { name: policyName }, { signal });
    return { status: 'False', reason: 'Open', message: 'the Cluster names no CIDRs: the API server is open to everyone' };
  }
  if (!resource) return { status: 'False', reason: 'NoHostPolicies', message: 'the API server is open to everyone: the cluster serves no CiliumClusterwideNetworkPolicy; install Cilium with hostFirewall.enabled=true' };
  await client.apply(resource, apiAccessPolicy(access), { fieldManager: 'keelson-api-access', force: true, signal });
  return { status: 'True', reason: 'Restricted', message: `a host policy lets in ${access.allowed.join(', ')}; it takes effect where Cilium runs with hostFirewall.enabled=true` };
}

const isReady = (cluster: Cluster): boolean => isOfOurClass(cluster) && !isDeleting(cluster) && cluster.spec?.paused !== true && hasControlPlane(cluster);
