/** Keeps who may reach the bastion of every Cluster that says so. */
import { clusterBastionRestricted, type Reason } from '../../api/conditions.ts';
import { bastionGroupName, clusterTag } from '../../api/names.ts';
import { apiVersionOf, type ChangeSource, Controller, ExponentialLimiter, findCondition, type ObjectRef, type ReconcileResult, type Request, resources, source } from '../../kube/index.ts';
import { CloudError, Network } from '../../openstack/index.ts';
import { cloudAccess } from '../cluster/cloud-access.ts';
import { reportCondition } from '../cluster/report.ts';
import { isNewsOf, mayMakeInCloud, type WholeCluster, wholeCluster } from '../cluster/whole-cluster.ts';
import { type Cluster, isDeleting, type OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { ensureGroup, removeGroup } from './group.ts';
import { nodeRule, wantedRanges } from './wanted.ts';

export interface BastionAccessOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
  readonly openStackClusters: { get(ref: ObjectRef): OpenStackCluster | undefined };
  /** Between two looks while CAPO makes or removes a bastion; default 15 seconds. */
  readonly soonMs?: number;
}

type Said = { readonly status: 'True' | 'False' | 'Unknown'; readonly reason: Reason<typeof clusterBastionRestricted>; readonly message: string };

/** For what a person changed in the cloud. */
const resyncMs = 600_000;
const fieldManager = 'keelson-bastion-access';

export function bastionAccessController(o: BastionAccessOptions): Controller {
  return new Controller({
    ...o.context,
    name: 'bastion-access',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [source({ reflector: o.clusters, isRelevant: isNewsOf(mayMakeInCloud) })],
    reconcile: (request, signal) => reconcile(o, request, signal),
  });
}

async function reconcile(o: BastionAccessOptions, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const cluster = await wholeCluster(o, request, mayMakeInCloud, signal);
  if (!cluster) return;
  const ranges = wantedRanges(cluster);
  if (!ranges && !findCondition(cluster.status?.conditions, clusterBastionRestricted.type)) return;
  const said = await keep(o, cluster, ranges, signal);
  await reportCondition(o.context, cluster, { type: clusterBastionRestricted.type, ...said }, signal);
  if (said.status === 'False') return;
  return { requeueAfterMs: said.status === 'True' ? resyncMs : (o.soonMs ?? 15_000) };
}

async function keep(o: BastionAccessOptions, cluster: WholeCluster, ranges: readonly string[] | undefined, signal: AbortSignal): Promise<Said> {
  const { session } = await cloudAccess(o.context.client, cluster, signal);
  try {
    const network = new Network(session);
    return ranges ? await restrict(o, { cluster, network, ranges }, signal) : await release(o, { cluster, network }, signal);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return { status: 'Unknown', reason: 'CloudUnreachable', message: error.message };
  } finally {
    session.close();
  }
}

async function restrict(o: BastionAccessOptions, { cluster, network, ranges }: { cluster: WholeCluster; network: Network; ranges: readonly string[] }, signal: AbortSignal): Promise<Said> {
  const group = await ensureGroup(network, { name: groupOf(cluster), tag: clusterTag(cluster.metadata), ranges }, signal);
  const infrastructure = infrastructureOf(o, cluster);
  if (infrastructure) await applyNodeRules(o.context, infrastructure, [nodeRule(group)], signal);
  const server = infrastructure?.status?.bastion?.id;
  const ports = server === undefined || server === '' ? [] : await network.ports({ device_id: server }, { signal });
  const isIn = ports.length > 0 && ports.every(({ security_groups: groups }) => groups.length === 1 && groups[0] === group);
  if (!isIn) return { status: 'Unknown', reason: 'WaitingForBastion', message: 'CAPO is making the bastion with the security group that lets in the ranges alone' };
  return { status: 'True', reason: 'Restricted', message: `SSH of the bastion is open to ${ranges.join(', ')}` };
}

async function release(o: BastionAccessOptions, { cluster, network }: { cluster: WholeCluster; network: Network }, signal: AbortSignal): Promise<Said> {
  const infrastructure = infrastructureOf(o, cluster);
  if (infrastructure) await applyNodeRules(o.context, infrastructure, [], signal);
  const isGone = await removeGroup(network, groupOf(cluster), signal);
  return isGone
    ? { status: 'False', reason: 'Unrestricted', message: 'the Cluster names no ranges: everybody reaches the SSH of its bastion, where it has one' }
    : { status: 'Unknown', reason: 'Releasing', message: 'the former bastion is still in its security group' };
}

/** A list by name of which the topology owns its own rules and we this one: server-side apply keeps both. The uid keeps us from making the object. */
async function applyNodeRules({ client }: OperatorContext, { metadata: { name, namespace, uid } }: OpenStackCluster, rules: readonly object[], signal: AbortSignal): Promise<void> {
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  const spec = rules.length > 0 ? { managedSecurityGroups: { allNodesSecurityGroupRules: rules } } : {};
  await client.apply(resources.openStackClusters, { apiVersion: apiVersionOf(resources.openStackClusters), kind: resources.openStackClusters.kind, metadata, spec }, { fieldManager, force: true, signal });
}

const groupOf = ({ metadata }: WholeCluster): string => bastionGroupName(clusterTag(metadata));

function infrastructureOf({ openStackClusters }: BastionAccessOptions, { metadata: { namespace = '' }, spec }: WholeCluster): OpenStackCluster | undefined {
  const name = spec?.infrastructureRef?.name;
  const found = name === undefined ? undefined : openStackClusters.get({ namespace, name });
  return found && !isDeleting(found) ? found : undefined;
}
