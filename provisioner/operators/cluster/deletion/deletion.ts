/**
 * The end of a cluster in its cloud, as steps of a level-based reconcile:
 * 1. through the cluster's own API, while machines are held back: Services of type LoadBalancer and volumes;
 * 2. while they still are: its Apps, which the room `app` uninstalls in their order;
 * 3. when the machines are gone: what is left in the cloud, listed before it is removed;
 * 4. when CAPO has taken the network apart and nothing is left: our finalizer goes.
 */
import { annotations, finalizers, labels } from '../../../api/labels.ts';
import { clusterCloudCleaned, type Reason } from '../../../api/conditions.ts';
import { cloudIdentity, clusterTag } from '../../../api/names.ts';
import { isKubeError, type KubeError, keyOf, type KubeObject, resources, timestamp } from '../../../kube/index.ts';
import { BlockStorage, CloudError, type Session } from '../../../openstack/index.ts';
import type { Neighbours } from '../../app/neighbours.ts';
import { type Cluster, hasControlPlane, type OpenStackCluster } from '../../cluster.ts';
import type { OperatorContext } from '../../context.ts';
import { OperatorError } from '../../errors.ts';
import type { RemoteClusters } from '../../remote.ts';
import { cloudAccess } from '../cloud-access.ts';
import { revokeCredentials } from '../credential/credential.ts';
import type { WholeCluster } from '../whole-cluster.ts';
import { reportCondition } from '../report.ts';
import { appsLeft, holdForApps } from './apps.ts';
import { retainKey } from './cloud-controller-names.ts';
import { listCloud } from './cloud-listing.ts';
import { lastKinds, type Leftovers, leftovers } from './leftovers.ts';
import { type Refused, removeLeftovers } from './remove.ts';
import { shortList } from './short-list.ts';
import { removeWorkloads, type WorkloadsLeft } from './workloads.ts';

export interface DeletionOptions {
  readonly context: OperatorContext;
  readonly openStackClusters: { items(): OpenStackCluster[] };
  readonly remotes: Pick<RemoteClusters, 'client'>;
  readonly apps: Neighbours;
  /** For as long a cluster's API may be silent, from the first question it leaves unanswered, before it counts as dead; default 5 minutes. */
  readonly patienceMs?: number;
  /** For as long Services and volumes may take to go by themselves; default 15 minutes. */
  readonly workloadsMs?: number;
  /** For as long Apps may take to be uninstalled, all together; default 15 minutes. What is left then goes with the machines. */
  readonly appsMs?: number;
  /** Between two looks while something goes on; default 5 seconds. */
  readonly againMs?: number;
}
/** Written into `annotations.workloadsRemoved`; the second means that nobody could be asked which volumes are to be kept. */
const done = { removed: 'removed', unasked: 'api-dead' } as const;

type Said = { readonly reason: Reason<typeof clusterCloudCleaned>; readonly message: string };

export class Deletion {
  readonly #o: DeletionOptions;
  /** By uid: since when the API of a cluster answers nothing. An operator that starts anew counts anew, to the side of patience. */
  readonly #silentSinceMs = new Map<string, number>();
  readonly #againMs: number;

  constructor(options: DeletionOptions) {
    this.#o = options;
    this.#againMs = options.againMs ?? 5_000;
  }

  /** @returns when to look again; undefined when it is over */
  async step(cluster: WholeCluster, signal: AbortSignal): Promise<number | undefined> {
    if (!cluster.metadata.finalizers?.includes(finalizers.cluster)) return undefined;
    const { [annotations.abandonCloud]: abandon, [annotations.workloadsRemoved]: removed, [annotations.appsLeave]: appsSince } = cluster.metadata.annotations ?? {};
    if (abandon === 'true') {
      if (removed === undefined) await this.#release(cluster, done.unasked, signal);
      return this.#end(cluster, 'the cloud was abandoned, as the annotation says', signal);
    }
    try {
      if (removed !== undefined) return await this.#cloud(cluster, signal);
      return appsSince === undefined ? await this.#workloads(cluster, signal) : await this.#apps(cluster, Date.parse(appsSince), signal);
    } catch (error) {
      if (error instanceof OperatorError && error.code === 'CLOUD_SECRET_INVALID') await this.#say(cluster, { reason: 'CloudSecretInvalid', message: error.message }, signal);
      else if (error instanceof CloudError) await this.#say(cluster, { reason: 'CloudUnreachable', message: error.message }, signal);
      throw error;
    }
  }

  async #workloads(cluster: WholeCluster, signal: AbortSignal): Promise<number> {
    // Of one that never answered nobody knows what is to be kept; one that was never there has left no volume.
    if (!hasControlPlane(cluster) && !isAdopted(cluster)) return this.#release(cluster, done.unasked, signal);
    const left = await this.#askCluster(cluster, signal);
    if ('unanswered' in left) {
      if (this.#isDead(cluster)) return this.#release(cluster, done.unasked, signal);
      await this.#hold(cluster, `its API does not answer (${left.unanswered}); load balancers of Services are then removed in the cloud`, signal);
      return this.#againMs;
    }
    this.#silentSinceMs.delete(cluster.metadata.uid ?? '');
    await this.#markRetained(cluster, left.retained, signal);
    const sinceMs = this.#nowMs() - Date.parse(cluster.metadata.deletionTimestamp ?? '');
    if (left.waitingFor.length > 0 && sinceMs <= (this.#o.workloadsMs ?? 900_000)) {
      await this.#hold(cluster, `removing ${shortList(left.waitingFor)}`, signal);
      return this.#againMs;
    }
    await this.#annotate(cluster, { [annotations.deletionHold]: 'uninstalling its Apps', [annotations.appsLeave]: timestamp(this.#o.context.clock.now()) }, signal);
    return this.#againMs;
  }

  /** Each goes after those that depend on it. What serves volumes and load balancers is among them, and needed no more. */
  async #apps(cluster: WholeCluster, sinceMs: number, signal: AbortSignal): Promise<number> {
    const left = appsLeft(this.#o.apps.in(cluster.metadata.namespace), cluster, this.#o.context.clock.now());
    const isLate = this.#nowMs() - sinceMs > (this.#o.appsMs ?? 900_000);
    const isDead = left.all.length > 0 && !(await this.#answers(cluster, signal)) && this.#isDead(cluster);
    if (!isDead && (left.kept.length > 0 || (left.all.length > 0 && !isLate))) {
      await this.#hold(cluster, holdForApps(left), signal, 'RemovingApps');
      return this.#againMs;
    }
    if (left.all.length > 0) await this.#say(cluster, { reason: 'RemovingApps', message: `not uninstalled, because ${isDead ? 'its API does not answer' : 'it took too long'}: ${shortList(left.all)}; they go with the machines` }, signal);
    return this.#release(cluster, done.removed, signal);
  }

  readonly #nowMs = (): number => this.#o.context.clock.now().getTime();

  /** Asked whenever it left a question unanswered. */
  #isDead({ metadata: { uid = '' } }: Cluster): boolean {
    const sinceMs = this.#silentSinceMs.get(uid) ?? this.#nowMs();
    this.#silentSinceMs.set(uid, sinceMs);
    return this.#nowMs() - sinceMs > (this.#o.patienceMs ?? 300_000);
  }

  async #answers({ metadata: { namespace = '', name, uid = '' } }: Cluster, signal: AbortSignal): Promise<boolean> {
    try {
      const client = await this.#o.remotes.client({ namespace, name });
      if (!client) return false;
      await client.request({ method: 'GET', path: '/version', timeoutMs: 5000, signal });
    } catch (error) {
      if (signal.aborted || !isUnanswered(error)) throw error;
      return false;
    }
    this.#silentSinceMs.delete(uid);
    return true;
  }

  async #askCluster(cluster: Cluster, signal: AbortSignal): Promise<WorkloadsLeft | { readonly unanswered: string }> {
    const { namespace = '', name } = cluster.metadata;
    try {
      const client = await this.#o.remotes.client({ namespace, name });
      return client ? await removeWorkloads(client, signal) : { unanswered: 'it has no kubeconfig' };
    } catch (error) {
      if (signal.aborted || !isUnanswered(error)) throw error;
      return { unanswered: error.code };
    }
  }

  /** On the volumes and snapshots themselves: the second half may be done by another operator, and people see why they stay. */
  async #markRetained(cluster: WholeCluster, { volumes, snapshots }: WorkloadsLeft['retained'], signal: AbortSignal): Promise<void> {
    if (volumes.length + snapshots.length === 0) return;
    const { session } = await cloudAccess(this.#o.context.client, cluster, signal);
    const storage = new BlockStorage(session);
    const unlessGone = (error: unknown): void => {
      if (!(error instanceof CloudError) || error.code !== 'CLOUD_NOT_FOUND') throw error;
    };
    try {
      for (const id of volumes) await storage.describeVolume(id, { [retainKey]: 'true' }, { signal }).catch(unlessGone);
      for (const id of snapshots) await storage.describeSnapshot(id, { [retainKey]: 'true' }, { signal }).catch(unlessGone);
    } finally {
      session.close();
    }
  }

  async #hold(cluster: WholeCluster, message: string, signal: AbortSignal, reason: Said['reason'] = 'RemovingWorkloads'): Promise<void> {
    await this.#annotate(cluster, { [annotations.deletionHold]: message }, signal);
    await this.#say(cluster, { reason, message }, signal);
  }

  async #release(cluster: WholeCluster, how: string, signal: AbortSignal): Promise<number> {
    this.#silentSinceMs.delete(cluster.metadata.uid ?? '');
    await this.#annotate(cluster, { [annotations.deletionHold]: null, [annotations.workloadsRemoved]: `${how} ${timestamp(this.#o.context.clock.now())}` }, signal);
    return this.#againMs;
  }

  async #cloud(cluster: WholeCluster, signal: AbortSignal): Promise<number | undefined> {
    const { namespace = '', name } = cluster.metadata;
    const { items: machines } = await this.#o.context.client.list<KubeObject>(resources.machines, { namespace, labelSelector: `${labels.clusterName}=${name}`, signal });
    if (machines.length > 0) {
      await this.#say(cluster, { reason: 'WaitingForMachines', message: machines.length === 1 ? 'one machine is being deleted' : `${machines.length} machines are being deleted` }, signal);
      return 2 * this.#againMs;
    }
    const hasInfrastructure = this.#o.openStackClusters.items().some(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[labels.clusterName] === name);
    const { session } = await cloudAccess(this.#o.context.client, cluster, signal);
    try {
      const tag = clusterTag(cluster.metadata);
      const found = leftovers(await listCloud(session, tag, signal), { tag, capoName: `${namespace}-${name}`, knowsRetained: knowsRetained(cluster) });
      // When nothing is in them any more and nothing can be scheduled by them.
      const isTheirTurn = !hasInfrastructure && found.remove.every(({ kind }) => lastKinds.has(kind));
      const remove = found.remove.filter(({ kind }) => isTheirTurn || !lastKinds.has(kind));
      if (remove.length > 0) {
        await this.#say(cluster, { reason: 'RemovingLeftovers', message: removing(remove, []) }, signal);
        const refused = await removeLeftovers(session, remove, signal);
        if (refused.length > 0) await this.#say(cluster, { reason: 'RemovingLeftovers', message: removing(remove, refused) }, signal);
        return this.#againMs;
      }
      if (hasInfrastructure) {
        await this.#say(cluster, waiting(found), signal);
        return 2 * this.#againMs;
      }
      await revokeAll(session, tag, signal);
      return await this.#end(cluster, found.keep.length === 0 ? 'nothing is left in the cloud' : `kept: ${shortList(found.keep.map(({ kind, id, why }) => `${kind} ${id} (${why})`))}`, signal);
    } finally {
      session.close();
    }
  }

  async #end(cluster: WholeCluster, message: string, signal: AbortSignal): Promise<undefined> {
    await this.#say(cluster, { reason: 'Cleaned', message }, signal);
    await dropFinalizer(this.#o.context, cluster, signal);
    return undefined;
  }

  #say(cluster: Cluster, { reason, message }: Said, signal: AbortSignal): Promise<void> {
    return reportCondition(this.#o.context, cluster, { type: clusterCloudCleaned.type, status: reason === 'Cleaned' ? 'True' : 'False', reason, message }, signal);
  }

  async #annotate(cluster: Cluster, changed: Readonly<Record<string, string | null>>, signal: AbortSignal): Promise<void> {
    const held: Readonly<Record<string, string>> = cluster.metadata.annotations ?? {};
    if (Object.entries(changed).every(([key, value]) => (held[key] ?? null) === value)) return;
    const { namespace = '', name } = cluster.metadata;
    await this.#o.context.client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { annotations: changed } }, fieldManager: 'keelson-cluster', signal });
  }
}

/** Last of all. Credentials that may not make others may not delete them either, and have made none. */
async function revokeAll(session: Session, tag: string, signal: AbortSignal): Promise<void> {
  try {
    await revokeCredentials(session, tag, undefined, signal);
  } catch (error) {
    if (!(error instanceof CloudError) || error.code !== 'CLOUD_FORBIDDEN') throw error;
  }
}

/** Server-side apply: the set holds what others put there, and ours. */
export async function addFinalizer({ client, log }: OperatorContext, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid } = cluster.metadata;
  const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }), finalizers: [finalizers.cluster] };
  await client.apply(resources.clusters, { apiVersion: cluster.apiVersion, kind: cluster.kind, metadata }, { fieldManager: 'keelson-cluster-finalizer', force: true, signal });
  log.info({ cluster: keyOf(cluster.metadata) }, 'the cloud of this cluster will be cleaned up when it is deleted');
}

/**
 * Not by server-side apply, which leaves what others own too: Cluster API writes the list as it saw it a moment ago (merge patch of its
 * patch helper), and owns our entry from then on where ours was not there yet. @throws KubeError KUBE_CONFLICT when somebody writes meanwhile
 */
async function dropFinalizer({ client, log }: OperatorContext, { metadata: { name, namespace = '', uid } }: Cluster, signal: AbortSignal): Promise<void> {
  const now = await client.get<Cluster>(resources.clusters, { namespace, name }, { signal });
  const { finalizers: held = [], resourceVersion } = now?.metadata ?? {};
  if (!now || now.metadata.uid !== uid || !held.includes(finalizers.cluster)) return;
  const metadata = { resourceVersion, finalizers: held.filter((one) => one !== finalizers.cluster) };
  await client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata }, fieldManager: 'keelson-cluster', signal });
  log.info({ cluster: keyOf(now.metadata) }, 'finalizer removed');
}

/** A kubeconfig that must not be used (somebody replaced it) is no way into the cluster either. */
function isUnanswered(error: unknown): error is KubeError | OperatorError {
  return isKubeError(error) || (error instanceof OperatorError && error.code === 'KUBECONFIG_REFUSED');
}

/** Brought from another management cluster, where its API may have answered: here its status begins empty. */
const isAdopted = ({ metadata }: Cluster): boolean => cloudIdentity(metadata) !== metadata.uid;

function knowsRetained({ metadata }: Cluster): boolean {
  return metadata.annotations?.[annotations.volumes] === 'delete' || metadata.annotations?.[annotations.workloadsRemoved]?.startsWith(done.removed) === true;
}

function removing(list: Leftovers['remove'], refused: readonly Refused[]): string {
  const said = new Map(refused.map(({ leftover, error }) => [leftover.id, error.message]));
  return `removing ${shortList(list.map(({ kind, name, id }) => `${kind} ${name || id}${said.has(id) ? ` (not yet: ${said.get(id)})` : ''}`))}`;
}

function waiting({ blockers }: Leftovers): Said {
  if (blockers.length === 0) return { reason: 'WaitingForInfrastructure', message: 'CAPO is taking network, router and load balancer apart' };
  return { reason: 'BlockedByForeignPort', message: `the network cannot be deleted while these ports are on it; delete them: ${shortList(blockers.map(({ id, name, owner }) => `${id}${name ? ` ${name}` : ''} (${owner})`))}` };
}
