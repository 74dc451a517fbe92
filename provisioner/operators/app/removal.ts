/** The end of what an App has installed: because the App is deleted, or because its Cluster is. */
import { finalizers, labels } from '../../api/labels.ts';
import { apiVersion } from '../../api/names.ts';
import { keyOf, type KubeClient, type ReconcileResult, resources } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { AppObject } from './app-object.ts';
import { awaitedApps, endingOf, goesWithMachines, hasLeft, isProtected } from './ending.ts';
import { heldBy } from './order.ts';
import { clusterRef, type Place, type Places } from './place.ts';
import type { Reach } from './reach.ts';
import type { ReleaseKeeper } from './release-keeper.ts';
import { fieldManager, type StatusChange } from './status.ts';
import { failureVerdict, isUnreachable } from './verdict.ts';

export interface RemovalOptions {
  readonly context: OperatorContext;
  readonly keeper: ReleaseKeeper;
  readonly apps: { items(): AppObject[] };
  readonly places: Places;
  readonly reach: Reach;
  /** Whether the API server answers, as far as we know. */
  readonly isThere: (place: Place) => Promise<boolean>;
  readonly away: (app: AppObject, place: Place, signal: AbortSignal) => Promise<ReconcileResult>;
  readonly report: (app: AppObject, change: StatusChange, signal: AbortSignal) => Promise<void>;
}

/** While others have to go first; a change of theirs wakes us sooner. */
const heldMs = 30_000;

export class Removal {
  readonly #o: RemovalOptions;

  constructor(options: RemovalOptions) {
    this.#o = options;
  }

  /** A deleted App: uninstalled first, then let go. What is in a cluster that is gone, or of which nobody waits any more, goes without. */
  async remove(app: AppObject, known: Cluster | undefined, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { context, keeper, places } = this.#o;
    if (!app.metadata.finalizers?.includes(finalizers.app)) return;
    const cluster = await this.#asServed(known, signal);
    const isInstalled = hasRelease(app, cluster) && !hasLeft(app) && !(endingOf(cluster) !== 'no' && goesWithMachines(app, context.clock.now()));
    const place = isInstalled ? places.of(app) : undefined;
    if (isInstalled && isProtected(app)) return await this.#protected(app, signal);
    if (place) {
      const wait = await this.#uninstall(app, { cluster, place }, signal);
      if (wait) return wait;
    }
    await setFinalizer(context.client, app, [], signal);
    keeper.forget(keyOf(app.metadata));
    context.log.info({ app: keyOf(app.metadata), release: place ? 'removed' : 'gone with its cluster' }, 'App removed');
  }

  /** Its Cluster is being deleted: uninstalled in its turn. The App stays, it is its owner's. */
  async leave(app: AppObject, cluster: Cluster, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { keeper, places, context, report } = this.#o;
    if (hasLeft(app)) return;
    if (isProtected(app)) return await this.#protected(app, signal);
    const place = places.of(app);
    // Without a way into it the Cluster waits for a while only.
    if (!place) return { requeueAfterMs: heldMs };
    const wait = await this.#uninstall(app, { cluster, place }, signal);
    if (wait) return wait;
    keeper.forget(keyOf(app.metadata));
    await report(app, { ready: { status: 'False', reason: 'Uninstalled', message: `Cluster ${cluster.metadata.name} is being deleted` }, release: null, lastGood: null, failed: null }, signal);
    context.log.info({ app: keyOf(app.metadata) }, 'release removed before its cluster');
  }

  /** Who deletes a Cluster and then its Apps means the end of the cluster, in its order; the watch over Clusters may be behind the one over Apps. */
  async #asServed(known: Cluster | undefined, signal: AbortSignal): Promise<Cluster | undefined> {
    if (!known || isDeleting(known)) return known;
    const { namespace, name } = known.metadata;
    return await this.#o.context.client.get<Cluster>(resources.clusters, { namespace, name }, { signal });
  }

  async #protected(app: AppObject, signal: AbortSignal): Promise<void> {
    await this.#o.report(app, { ready: { status: 'False', reason: 'DeletionPrevented', message: `it carries the label ${labels.preventDeletion}; remove the label` } }, signal);
  }

  /** @returns when to look again; undefined when nothing of it is there any more */
  async #uninstall(app: AppObject, { cluster, place }: { readonly cluster: Cluster | undefined; readonly place: Place }, signal: AbortSignal): Promise<ReconcileResult | undefined> {
    const { keeper, reach, isThere, away, report } = this.#o;
    if (endingOf(cluster) === 'workloads') {
      await report(app, { ready: { status: 'False', reason: 'HeldByDependents', message: `Cluster ${place.name} is being deleted; load balancers and volumes of its workloads go first` } }, signal);
      return { requeueAfterMs: heldMs };
    }
    const held = heldBy(app, this.#before(app, cluster));
    if (held.length > 0) {
      await report(app, { ready: { status: 'False', reason: 'HeldByDependents', message: `depended on by ${held.join(', ')}; it goes after them` } }, signal);
      return { requeueAfterMs: heldMs };
    }
    if (!(await isThere(place))) return await away(app, place, signal);
    try {
      await report(app, { ready: { status: 'False', reason: 'Uninstalling', message: 'Helm removes the release' } }, signal);
      await keeper.uninstall(app, place, signal);
      return undefined;
    } catch (error) {
      if (!signal.aborted) await report(app, { ready: { ...failureVerdict(error), reason: 'UninstallFailed' } }, signal);
      if (isUnreachable(error)) reach.failed(place.key);
      throw error;
    }
  }

  /** Among whom its dependents are: where the whole cluster goes, those that have left hold nobody. */
  #before(app: AppObject, cluster: Cluster | undefined): readonly AppObject[] {
    const all = this.#o.apps.items();
    return cluster && isDeleting(cluster) ? [app, ...awaitedApps(all, cluster, this.#o.context.clock.now()).filter((other) => other !== app)] : all;
  }
}

/** A cluster that goes takes everything in it along, once nobody waits for it; one that never came has nothing in it. */
export function hasRelease(app: AppObject, cluster: Cluster | undefined): boolean {
  if (clusterRef(app) === undefined) return true;
  return cluster !== undefined && endingOf(cluster) !== 'over' && hasControlPlane(cluster) && (isManaged(cluster) || app.status?.release !== undefined);
}

/** Server-side apply: the list holds what others put there, and ours where we say so. */
export async function setFinalizer(client: KubeClient, app: AppObject, wanted: readonly string[], signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid } = app.metadata;
  const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }), finalizers: [...wanted] };
  await client.apply(resources.apps, { apiVersion, kind: 'App', metadata }, { fieldManager, force: true, signal });
}
