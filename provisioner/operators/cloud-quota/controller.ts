/**
 * Asks each project that Clusters use what it may have and has, slowly: one identity at a time, each once in five minutes,
 * however many clusters share it.
 */
import type { Registry } from 'prom-client';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, keyOf, type ReconcileResult, type Request, source } from '../../kube/index.ts';
import { CloudError } from '../../openstack/index.ts';
import { identityOf as cloudOf } from '../../preflight/cluster.ts';
import { cloudAccess } from '../cluster/cloud-access.ts';
import { type Cluster, isDeleting, isOfOurClass } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import { organizationOfCluster } from '../monitoring/federation.ts';
import { QuotaBoard } from './board.ts';
import { readQuotas } from './read.ts';

export interface QuotaOptions {
  readonly context: OperatorContext;
  readonly registry: Registry;
  readonly clusters: ChangeSource<Cluster> & { items(): Cluster[] };
  /** Between two questions to one project; default 5 min. */
  readonly intervalMs?: number;
}

/** Figures outlive two questions that were not answered. */
const keptIntervals = 3;

export function cloudQuotaController(o: QuotaOptions): Controller {
  const { context, clusters, registry, intervalMs = 300_000 } = o;
  const board = new QuotaBoard({ registry, now: () => context.clock.now(), keepMs: keptIntervals * intervalMs });
  return new Controller({
    ...context,
    name: 'cloud-quota',
    workers: 1,
    timeoutMs: 240_000,
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 5000, maxMs: intervalMs }),
    sources: [source({ reflector: clusters, isRelevant: isOtherIdentity, keys: (cluster) => [identityKey(cluster)] })],
    reconcile: (request, signal) => ask({ ...o, intervalMs, board }, request, signal),
  });
}

/** Namespace, and in place of a name what the Cluster says of its credentials. */
function identityKey(cluster: Cluster): string {
  const { type, name, cloudName, region = '' } = cloudOf(cluster);
  return keyOf({ namespace: cluster.metadata.namespace, name: `${type}:${name}:${cloudName}:${region}` });
}

function isOtherIdentity({ type, old, object }: Change<Cluster>): boolean {
  return type !== 'modified' || !old || identityKey(old) !== identityKey(object) || isOfOurClass(old) !== isOfOurClass(object);
}

async function ask({ context, clusters, intervalMs, board }: QuotaOptions & { readonly intervalMs: number; readonly board: QuotaBoard }, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const asker = keyOf(request);
  const cluster = clusters.items().find((one) => isOfOurClass(one) && !isDeleting(one) && identityKey(one) === asker);
  if (!cluster) return board.forget(asker);
  const organization = organizationOfCluster(cluster);
  try {
    const { cloud, session } = await cloudAccess(context.client, cluster, signal);
    try {
      const project = (await session.projectId(signal)) ?? '';
      for (const { service, result } of await readQuotas(session, signal)) {
        if ('quotas' in result) board.keep(asker, { organization, project, region: cloud.region_name ?? '', service, quotas: result.quotas, readAt: context.clock.now() });
        else {
          board.failed(organization, service, result.failure);
          context.log.warn({ organization, project, service, why: result.message }, 'quotas were not read');
        }
      }
    } finally {
      session.close();
    }
  } catch (error) {
    if (!(error instanceof CloudError) && !(error instanceof OperatorError)) throw error;
    board.failed(organization, 'identity', error.code);
    context.log.warn({ organization, identity: request.name, why: error.message }, 'quotas were not read');
  }
  // Not all at the same time.
  return { requeueAfterMs: intervalMs * (0.9 + 0.2 * context.random()) };
}
