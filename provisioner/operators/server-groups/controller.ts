/**
 * Makes the server groups of every Cluster of our class. They are named after its ownership tag; the `cluster` operator
 * removes them last, so none is made before its finalizer stands on the Cluster.
 */
import { type ChangeSource, Controller, ExponentialLimiter, keyOf, type ObjectRef, source } from '../../kube/index.ts';
import { Compute } from '../../openstack/index.ts';
import { cloudAccess } from '../cluster/cloud-access.ts';
import { isNewsOf, mayMakeInCloud, type WholeCluster, wholeCluster } from '../cluster/whole-cluster.ts';
import type { Cluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { wantedGroups } from './wanted.ts';

/** Nobody tells of a group that somebody deletes, and CAPO makes no server without it. */
const resyncMs = 1_800_000;

export interface ServerGroupsOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
  /** Within which a cloud is looked at again although its Cluster has not changed, default half an hour. */
  readonly resyncMs?: number;
}

export function serverGroupsController({ context, clusters, ...o }: ServerGroupsOptions): Controller {
  return new Controller({
    ...context,
    name: 'server-groups',
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [source({ reflector: clusters, isRelevant: isNewsOf(mayMakeInCloud) })],
    reconcile: async (request, signal) => {
      const cluster = await wholeCluster({ context, clusters }, request, mayMakeInCloud, signal);
      if (!cluster) return;
      await makeGroups(context, cluster, signal);
      return { requeueAfterMs: (o.resyncMs ?? resyncMs) * (0.8 + 0.2 * context.random()) };
    },
  });
}

/** By name: what is there is ours, or was made by hand for the same use. */
export async function makeGroups(context: OperatorContext, cluster: WholeCluster, signal: AbortSignal): Promise<void> {
  const wanted = wantedGroups(cluster);
  if (!wanted.length) return;
  const { session } = await cloudAccess(context.client, cluster, signal);
  try {
    const compute = new Compute(session);
    const there = new Set((await compute.serverGroups({ signal })).map(({ name }) => name));
    for (const { name, policy } of wanted.filter((group) => !there.has(group.name))) {
      await compute.createServerGroup(name, policy, { signal });
      context.log.info({ cluster: keyOf(cluster.metadata), group: name, policy }, 'server group made');
    }
  } finally {
    session.close();
  }
}
