/** The controller of `cluster`: it follows Clusters of our class from their first moment to their last. */
import { annotations, finalizers, labels } from '../../api/labels.ts';
import { cloudIdentity } from '../../api/names.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, keyOf, type ObjectRef, type ReconcileResult, type Request, resources, source } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { endingOf, hasLeft, isProtected } from '../app/ending.ts';
import { neighboursOf } from '../app/neighbours.ts';
import { clusterRef } from '../app/place.ts';
import type { OperatorContext } from '../context.ts';
import { type Cluster, isDeleting, isOfOurClass, type OpenStackCluster } from '../cluster.ts';
import type { ClusterFinding } from '../../preflight/finding.ts';
import { type CloudAccess, cloudAccess } from './cloud-access.ts';
import { ensureCredential, isCredentialFresh } from './credential/credential.ts';
import { addFinalizer, Deletion, type DeletionOptions } from './deletion/deletion.ts';
import { isStuckOnFloatingIp, releaseLostFloatingIp } from './lost-floating-ip.ts';
import { checkCloud } from './preflight.ts';
import type { WholeCluster } from './whole-cluster.ts';
import { keepWorkersGate } from './workers-gate.ts';

export interface ClusterControllerOptions extends Omit<DeletionOptions, 'apps'> {
  readonly apps: ChangeSource<AppObject>;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined } & ChangeSource<Cluster>;
  readonly openStackClusters: DeletionOptions['openStackClusters'] & ChangeSource<OpenStackCluster>;
  readonly workers: number;
}

export function clusterController(o: ClusterControllerOptions): Controller {
  const deletion = new Deletion({ ...o, apps: neighboursOf(o.apps) });
  return new Controller({
    ...o.context,
    workers: o.workers,
    name: 'cluster',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [
      source({ reflector: o.clusters, isRelevant: isNews }),
      source({ reflector: o.openStackClusters, isRelevant: ({ type }) => type === 'deleted', keys: ofCluster }),
      source({ reflector: o.apps, isRelevant: isAppGone, keys: (app) => clustersThatWait(o, app) }),
    ],
    reconcile: (request, signal) => reconcile(o, deletion, request, signal),
  });
}

async function reconcile(o: ClusterControllerOptions, deletion: Deletion, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const known = o.clusters.get(request);
  if (!known || !isOfOurClass(known) || known.spec?.paused) return;
  // The cache is trimmed, and may be a moment behind.
  const cluster = await o.context.client.get<WholeCluster>(resources.clusters, request, { signal });
  if (!cluster || !isOfOurClass(cluster)) return;
  if (isDeleting(cluster)) return { requeueAfterMs: await deletion.step(cluster, signal) };
  await writeIdentity(o.context, cluster, signal);
  if (!cluster.metadata.finalizers?.includes(finalizers.cluster)) await addFinalizer(o.context, cluster, signal);
  const soonMs = await checkCloud(o.context, cluster, (access) => prepare(o.context, cluster, access, signal), signal);
  if (soonMs !== undefined) return { requeueAfterMs: soonMs };
  await renewCredential(o.context, cluster, signal);
  if (isStuckOnFloatingIp(cluster)) {
    await releaseLostFloatingIp(o.context, cluster, signal);
    return { requeueAfterMs: stuckMs };
  }
  return { requeueAfterMs: (await keepWorkersGate(o.context, cluster, o.remotes, signal)) ?? credentialMs };
}

/** Once, so that the object keeps it where it gets another uid: moved, imported, or restored from a backup. */
async function writeIdentity({ client }: OperatorContext, { metadata }: WholeCluster, signal: AbortSignal): Promise<void> {
  if (metadata.annotations?.[annotations.cloudIdentity] !== undefined) return;
  const { namespace = '', name } = metadata;
  await client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { annotations: { [annotations.cloudIdentity]: cloudIdentity(metadata) } } }, fieldManager: 'keelson-cluster', signal });
}

/** How often a credential's age is looked at; asks the management cluster only. */
const credentialMs = 3_600_000;

/** While CAPO has not seen yet that it can go on. */
const stuckMs = 30_000;

async function prepare(context: OperatorContext, cluster: WholeCluster, access: CloudAccess, signal: AbortSignal): Promise<readonly ClusterFinding[]> {
  const finding = await ensureCredential(context, cluster, access, signal);
  return finding ? [finding] : [];
}

/** Also for clusters that are older than this: nothing of them waits for a check. */
async function renewCredential(context: OperatorContext, cluster: WholeCluster, signal: AbortSignal): Promise<void> {
  if (await isCredentialFresh(context, cluster, signal)) return;
  const access = await cloudAccess(context.client, cluster, signal);
  try {
    await ensureCredential(context, cluster, access, signal);
  } finally {
    access.session.close();
  }
}

/** Uninstalled, or no longer kept from it. */
function isAppGone({ type, old, object }: Change<AppObject>): boolean {
  return type === 'deleted' || (old !== undefined && (hasLeft(old) !== hasLeft(object) || isProtected(old) !== isProtected(object)));
}

function clustersThatWait({ clusters }: Pick<ClusterControllerOptions, 'clusters'>, app: AppObject): string[] {
  const ref = clusterRef(app);
  return ref && endingOf(clusters.get(ref)) === 'apps' ? [keyOf(ref)] : [];
}

/** Our own annotations and conditions are no news to us; those that a person sets are. */
function isNews({ old, object }: Change<Cluster>): boolean {
  const facts = (cluster: Cluster): string => JSON.stringify(factsOf(cluster));
  return !old || facts(old) !== facts(object);
}

function factsOf(cluster: Cluster): unknown[] {
  const { metadata, spec } = cluster;
  return [metadata.generation, metadata.deletionTimestamp, metadata.annotations?.[annotations.abandonCloud], metadata.annotations?.[annotations.volumes], metadata.annotations?.[annotations.workloadCredential], metadata.annotations?.[annotations.rollWorkers], spec?.paused, isStuckOnFloatingIp(cluster)];
}

function ofCluster({ metadata }: OpenStackCluster): string[] {
  const name = metadata.labels?.[labels.clusterName];
  return name === undefined ? [] : [keyOf({ namespace: metadata.namespace, name })];
}
