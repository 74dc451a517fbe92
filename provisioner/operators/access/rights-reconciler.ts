/** Makes the rights in one workload cluster exactly those that ClusterAccess and AccessBinding say, and reports who has them. */
import type { AccessBinding } from '../../api/access-binding.ts';
import type { ClusterAccess } from '../../api/cluster-access.ts';
import { clusterAccessReady } from '../../api/conditions.ts';
import { selects } from '../../api/label-selector.ts';
import { reachText } from '../../api/workload-rights.ts';
import { isKubeError, keyOf, type KubeClient, type ObjectRef, type ReconcileResult, type Request, type Resource } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { difference } from './difference.ts';
import { isOpen, reportAccess } from './report.ts';
import type { RightsBoard } from './rights-board.ts';
import { type RbacObject, wantedRights } from './wanted.ts';
import { rightsResources, type WatchedClusters } from './watched-clusters.ts';

export interface RightsOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly accesses: { items(): ClusterAccess[] };
  readonly bindings: { items(): AccessBinding[] };
  readonly watched: WatchedClusters;
  readonly board: RightsBoard;
}

const fieldManager = 'keelson-access';
const atOnce = 4;

export class RightsReconciler {
  readonly #o: RightsOptions;
  /** Uids of logins whose event was told: the cache may not show yet that they are Ready. */
  readonly #told = new Set<string>();

  constructor(options: RightsOptions) {
    this.#o = options;
  }

  /** @throws what the workload cluster said; the board then names the cluster as one whose rights are not known */
  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { clusters, watched, board } = this.#o;
    const cluster = clusters.get(request);
    if (!cluster || isDeleting(cluster) || !isManaged(cluster)) {
      watched.forget(request);
      return board.forget(request);
    }
    const accesses = this.#accessesOf(request);
    const bindings = bindingsOf(cluster, this.#o.bindings.items());
    if (!hasControlPlane(cluster)) return board.pending(request, bindings);
    try {
      if (!(await this.#make(request, { accesses, bindings }, signal))) return board.pending(request, bindings);
    } catch (error) {
      board.failed(request, bindings);
      throw error;
    }
    board.applied(request, bindings);
    // Meanwhile one may have been taken back: what it was told then stays.
    const open = new Set(this.#accessesOf(request).map(({ metadata }) => metadata.uid));
    for (const access of accesses) if (open.has(access.metadata.uid)) await this.#tellIssued(access, cluster, signal);
  }

  /** false while there is no kubeconfig. */
  async #make(request: Request, o: { readonly accesses: readonly ClusterAccess[]; readonly bindings: readonly AccessBinding[] }, signal: AbortSignal): Promise<boolean> {
    const { watched } = this.#o;
    const isWanted = o.accesses.length + o.bindings.length > 0;
    // Where nothing is wanted a consistent look decides: a watch may not have shown yet what was written a moment ago.
    const now = isWanted ? await watched.get(request, signal) : undefined;
    const seen = now ? { client: now.client, rights: now.rights() } : await watched.look(request, signal);
    if (!seen) return false;
    const { apply, remove } = difference(wantedRights({ ...o, namespaces: now?.namespaces() ?? [] }), seen.rights);
    // Roles go after what binds them and come before it; bindings of many namespaces wait for each other no longer than they must.
    const [oldRoles, oldBindings] = byKind(remove);
    const [roles, newBindings] = byKind(apply);
    const drop = (object: RbacObject): Promise<unknown> => seen.client.delete(resourceOf(object), object.metadata, { signal });
    const write = (object: RbacObject): Promise<void> => applyUnlessGone(seen.client, object, signal);
    for (const [objects, step] of [[oldBindings, drop], [oldRoles, drop], [roles, write], [newBindings, write]] as const) await inTurns(objects, step);
    if (apply.length + remove.length > 0) this.#o.context.log.info({ cluster: keyOf(request), applied: apply.length, removed: remove.length }, 'rights in a cluster changed');
    if (!isWanted) watched.forget(request);
    return true;
  }

  #accessesOf({ namespace, name }: Request): ClusterAccess[] {
    const now = this.#o.context.clock.now();
    return this.#o.accesses.items().filter((access) => access.metadata.namespace === namespace && access.spec.cluster === name && isOpen(access, now));
  }

  /** Everything that follows from a request is in its events: they outlive it. A login as cluster-admin is told at the Cluster too. */
  async #tellIssued(access: ClusterAccess, cluster: Cluster, signal: AbortSignal): Promise<void> {
    const { context } = this.#o;
    const { requester, reason, role } = access.spec;
    const isNew = await reportAccess(context, access, { status: 'True', reason: 'Issued', message: `until ${access.status?.expiresAt ?? ''}` }, signal);
    const { uid = '' } = access.metadata;
    if (!isNew || this.#told.has(uid)) return;
    const there = new Set(this.#o.accesses.items().map((one) => one.metadata.uid));
    for (const old of this.#told) if (!there.has(old)) this.#told.delete(old);
    this.#told.add(uid);
    const told = `${requester.username} has ${reachText(access.spec)} of cluster ${cluster.metadata.name} until ${access.status?.expiresAt ?? ''}${reason ? `: ${reason}` : ''}`;
    context.events.event(access, 'Normal', 'Issued' satisfies keyof typeof clusterAccessReady.reasons, told);
    if (role === 'cluster-admin') context.events.event(cluster, 'Warning', 'ClusterAdminAccess', told);
  }
}

const byKind = (objects: readonly RbacObject[]): [roles: RbacObject[], bindings: RbacObject[]] => [objects.filter(({ kind }) => kind === 'ClusterRole'), objects.filter(({ kind }) => kind !== 'ClusterRole')];

/** A few at a time: as many as a workload cluster is asked at once (see remote.ts). @throws the first error, when all have ended */
async function inTurns(objects: readonly RbacObject[], step: (object: RbacObject) => Promise<unknown>): Promise<void> {
  const rest = objects.values();
  const turns = await Promise.allSettled(Array.from({ length: atOnce }, async () => {
    for (const object of rest) await step(object);
  }));
  for (const turn of turns) if (turn.status === 'rejected') throw turn.reason;
}

/** AccessBindings of the Cluster's namespace that select it. */
export function bindingsOf({ metadata }: Cluster, bindings: readonly AccessBinding[]): AccessBinding[] {
  return bindings.filter((binding) => binding.metadata.namespace === metadata.namespace && !isDeleting(binding) && isSelected(binding, metadata));
}

export function isSelected({ spec: { clusters } }: AccessBinding, cluster: Cluster['metadata']): boolean {
  return clusters.names?.includes(cluster.name) ?? selects(clusters.selector, cluster.labels);
}

/** A namespace may end between the look and the write: its bindings go with it. */
async function applyUnlessGone(client: KubeClient, object: RbacObject, signal: AbortSignal): Promise<void> {
  try {
    await client.apply(resourceOf(object), object, { fieldManager, force: true, signal });
  } catch (error) {
    const isEnding = isKubeError(error, 'KUBE_NOT_FOUND') || (isKubeError(error, 'KUBE_FORBIDDEN') && error.causes.includes('NamespaceTerminating'));
    if (object.kind !== 'RoleBinding' || !isEnding) throw error;
  }
}

function resourceOf({ kind }: RbacObject): Resource {
  const found = rightsResources.find((resource) => resource.kind === kind);
  if (!found) throw new Error(`no resource for kind ${kind}`);
  return found;
}
