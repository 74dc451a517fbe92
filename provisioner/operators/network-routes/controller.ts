/** Keeps the routes that a Cluster names in its router. CAPO has no field for them. */
import { clusterRoutesSet, type Reason } from '../../api/conditions.ts';
import { clusterTag } from '../../api/names.ts';
import { type ChangeSource, Controller, ExponentialLimiter, findCondition, type ObjectRef, type ReconcileResult, type Request, source } from '../../kube/index.ts';
import { CloudError, Network } from '../../openstack/index.ts';
import { cloudAccess } from '../cluster/cloud-access.ts';
import { reportCondition } from '../cluster/report.ts';
import { isNewsOf, mayMakeInCloud, type WholeCluster, wholeCluster } from '../cluster/whole-cluster.ts';
import type { Cluster, OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { difference, namesRoutes, type Route, wantedRoutes } from './wanted.ts';

export interface NetworkRoutesOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
  readonly openStackClusters: { get(ref: ObjectRef): OpenStackCluster | undefined };
  /** Between two looks while CAPO makes the router; default 15 seconds. */
  readonly soonMs?: number;
}

type Said = { readonly status: 'True' | 'False' | 'Unknown'; readonly reason: Reason<typeof clusterRoutesSet>; readonly message: string };

/** Whose routes are ours to keep, or to take away. Who never named one keeps what people wrote by hand. */
function isAsked(cluster: Cluster): boolean {
  const said = findCondition(cluster.status?.conditions, clusterRoutesSet.type);
  return mayMakeInCloud(cluster) && (namesRoutes(cluster) || (said !== undefined && said.reason !== ('Unset' satisfies Said['reason'])));
}

/** For what a person changed in the cloud. */
const resyncMs = 600_000;

export function networkRoutesController(o: NetworkRoutesOptions): Controller {
  return new Controller({
    ...o.context,
    name: 'network-routes',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [source({ reflector: o.clusters, isRelevant: isNewsOf(isAsked) })],
    reconcile: (request, signal) => reconcile(o, request, signal),
  });
}

async function reconcile(o: NetworkRoutesOptions, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const cluster = await wholeCluster(o, request, isAsked, signal);
  if (!cluster) return;
  const said = await keep(o, { cluster, wanted: wantedRoutes(cluster) }, signal);
  await reportCondition(o.context, cluster, { type: clusterRoutesSet.type, ...said }, signal);
  if (said.reason === 'Unset') return;
  return { requeueAfterMs: said.status === 'True' ? resyncMs : (o.soonMs ?? 15_000) };
}

async function keep(o: NetworkRoutesOptions, { cluster, wanted }: { cluster: WholeCluster; wanted: readonly Route[] }, signal: AbortSignal): Promise<Said> {
  const { namespace = '' } = cluster.metadata;
  const name = cluster.spec?.infrastructureRef?.name;
  const id = name === undefined ? undefined : o.openStackClusters.get({ namespace, name })?.status?.router?.id;
  const { session } = await cloudAccess(o.context.client, cluster, signal);
  try {
    const network = new Network(session);
    const [router] = id === undefined ? [] : await network.routers({ id, tags: clusterTag(cluster.metadata) }, { signal });
    if (!router) return { status: 'Unknown', reason: 'WaitingForRouter', message: 'CAPO is making the router' };
    const { missing, surplus } = difference(router.routes, wanted, cluster.spec?.clusterNetwork?.pods?.cidrBlocks ?? []);
    if (missing.length > 0) await network.changeRoutes(router.id, 'add', missing, { signal });
    if (surplus.length > 0) await network.changeRoutes(router.id, 'remove', surplus, { signal });
    if (wanted.length === 0) return { status: 'False', reason: 'Unset', message: 'the Cluster names no routes any more' };
    return { status: 'True', reason: 'Set', message: wanted.map(({ destination, nexthop }) => `${destination} via ${nexthop}`).join(', ') };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    return error.code === 'CLOUD_INVALID' ? { status: 'False', reason: 'Refused', message: error.message } : { status: 'Unknown', reason: 'CloudUnreachable', message: error.message };
  } finally {
    session.close();
  }
}
