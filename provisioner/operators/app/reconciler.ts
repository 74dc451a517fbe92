/** Brings one App to its release: may it, install, look at the objects, report; and remove it in the end. */
import { annotations, finalizers } from '../../api/labels.ts';
import { keyOf, type ObjectRef, type ReconcileResult, type Request } from '../../kube/index.ts';
import { type Cluster, isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { AppObject } from './app-object.ts';
import { type Charts, releaseDigest } from './chart.ts';
import { dueInMs, togetherInMs } from './drift/schedule.ts';
import { driftOf } from './drift/watch.ts';
import { endingOf, goesWithMachines, hasLeft } from './ending.ts';
import { valuesAtFirst } from './first-values.ts';
import { type Gate, gate } from './gate.ts';
import { Kinds } from './kinds.ts';
import { observe } from './observe.ts';
import { pauseOf } from './pause.ts';
import { clusterRef, type Place, type Places } from './place.ts';
import type { Reach } from './reach.ts';
import { type Known, releaseAt, type ReleaseKeeper, type Wanted } from './release-keeper.ts';
import { afterFailure, restMs, shouldRollBack } from './remediation.ts';
import { hasRelease, Removal, setFinalizer } from './removal.ts';
import { type StatusChange, wantedStatus, writeStatus } from './status.ts';
import { releaseValues, type ValueObjects } from './value-layers.ts';
import { failureVerdict, isUnreachable, isWait, workloadVerdict, type WorkloadVerdict } from './verdict.ts';

export interface AppReconcilerOptions {
  readonly context: OperatorContext;
  readonly keeper: ReleaseKeeper;
  readonly charts: Charts;
  readonly values: ValueObjects;
  readonly apps: { get(ref: ObjectRef): AppObject | undefined; items(): AppObject[] };
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly places: Places;
  readonly reach: Reach;
  /** How long the workloads of a release may take to become healthy, where the App does not say. */
  readonly patienceMs: number;
  readonly driftIntervalMs: number;
}

/** Pauses between two looks, in milliseconds. */
const pauses = { gated: 30_000, young: 2000, progressing: 10_000, unhealthy: 30_000, healthy: 60_000, refused: 300_000 } as const;
/** A release younger than this is looked at often. */
const youngMs = 60_000;
/** Healthy Apps are looked at this often together: 15,000 of them every ten minutes each. */
const looksPerSecond = 25;

export class AppReconciler {
  readonly #o: AppReconcilerOptions;
  readonly #kinds: Kinds;
  readonly #removal: Removal;

  constructor(options: AppReconcilerOptions) {
    this.#o = options;
    this.#kinds = new Kinds(options.context.clock);
    this.#removal = new Removal({
      ...options, isThere: (place) => this.#isThere(place), away: (...about) => this.#away(...about), report: (...about) => this.#report(...about),
    });
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { apps, clusters, context } = this.#o;
    const app = apps.get(request);
    if (!app) return this.#o.keeper.forget(keyOf(request));
    const ref = clusterRef(app);
    const cluster = ref && clusters.get(ref);
    const now = context.clock.now();
    const pause = pauseOf(app, cluster, now);
    if (pause.kind === 'yes' && !mayGoPaused(app, cluster, now)) {
      await this.#report(app, { paused: { status: 'True', reason: pause.reason, message: pause.message } }, signal);
      return { requeueAfterMs: pause.endsAt ? Math.min(pause.endsAt.getTime() - now.getTime(), 3_600_000) : undefined };
    }
    const ending = endingOf(cluster);
    if (isDeleting(app)) return await this.#removal.remove(app, cluster, signal);
    if (cluster && ending === 'apps') return await this.#removal.leave(app, cluster, signal);
    if (ending === 'over' && hasLeft(app)) return;
    return await this.#keep(app, cluster, signal);
  }

  async #keep(app: AppObject, cluster: Cluster | undefined, signal: AbortSignal): Promise<ReconcileResult> {
    const { apps, places } = this.#o;
    const { namespace } = app.metadata;
    const place = places.of(app);
    const state = gate(app, { cluster, hasKubeconfig: place !== undefined, refusal: places.refusal(app), appNamed: (name) => apps.get({ namespace, name }) });
    // A dependency that falters later holds back changes, not the watch over what is installed.
    if (!place || (state.kind === 'closed' && (app.status?.release === undefined || state.reason !== 'WaitingForDependency'))) {
      const closed = state.kind === 'closed' ? state : { reason: 'WaitingForCluster' as const, message: 'there is no way to the cluster yet' };
      // The one that comes may be another of the same name.
      if (closed.reason === 'WaitingForCluster') this.#o.keeper.forget(keyOf(app.metadata));
      await this.#report(app, { ready: { status: 'False', reason: closed.reason, message: closed.message } }, signal);
      return { requeueAfterMs: pauses.gated };
    }
    if (!(await this.#isThere(place))) return await this.#away(app, place, signal);
    try {
      const result = await this.#bring(app, place, state, signal);
      return result;
    } catch (error) {
      if (signal.aborted) throw error;
      if (isUnreachable(error)) {
        this.#o.reach.failed(place.key);
        return await this.#away(app, place, signal);
      }
      const verdict = failureVerdict(error);
      await this.#report(app, { ready: verdict }, signal);
      if (verdict.isFinal) return { requeueAfterMs: pauses.refused };
      throw error;
    }
  }

  async #isThere(place: Place): Promise<boolean> {
    return await this.#o.reach.admits(place.key, async () => {
      const client = await place.client();
      await client.request({ method: 'GET', path: '/version', timeoutMs: 5000 });
    });
  }

  /** The message stays the same for as long as it lasts: one write per App. */
  async #away(app: AppObject, place: Place, signal: AbortSignal): Promise<ReconcileResult> {
    const { reach } = this.#o;
    const since = reach.awaySince(place.key);
    if (since) await this.#report(app, { ready: { status: 'False', reason: 'WaitingForCluster', message: `the API server of ${place.name} does not answer since ${since.toISOString()}` } }, signal);
    return { requeueAfterMs: Math.max(1000, reach.waitMs(place.key)) };
  }

  async #bring(app: AppObject, place: Place, state: Gate, signal: AbortSignal): Promise<ReconcileResult> {
    const { charts, keeper, context } = this.#o;
    const objects = await valuesAtFirst(app, this.#o.values, context.client, signal);
    const values = releaseValues(app, { objects, catalog: charts.catalogOf(app), clock: context.clock });
    const chart = await charts.find(app);
    const wanted: Wanted = { chart, values, digest: releaseDigest(chart, { ...releaseAt(app), namespaceLabels: app.spec.namespaceLabels, values: values.merged }) };
    const known = await keeper.installed(app, place, wanted.digest, signal);
    if (known) return await this.#watch(app, place, known, signal);
    if (state.kind === 'closed') {
      await this.#report(app, { ready: { status: 'False', reason: state.reason, message: `a change waits: ${state.message}` } }, signal);
      return { requeueAfterMs: pauses.gated };
    }
    const restsMs = isAsked(app) ? undefined : restMs(app.status?.failed, wanted.digest, context.clock.now());
    if (restsMs !== undefined) return { requeueAfterMs: restsMs };
    return await this.#install(app, place, wanted, signal);
  }

  async #install(app: AppObject, place: Place, wanted: Wanted, signal: AbortSignal): Promise<ReconcileResult> {
    const { keeper, context } = this.#o;
    const { chart, digest } = wanted;
    // What cannot be had is told as that, and not begun.
    await chart.path(signal);
    await this.#report(app, { ready: { status: 'False', reason: 'Installing', message: `Helm installs ${app.spec.chart} ${chart.version}` } }, signal);
    try {
      const known = await keeper.upgrade(app, place, wanted, signal);
      context.log.info({ app: keyOf(app.metadata), release: known.release.name, revision: known.release.revision, chart: app.spec.chart, version: chart.version }, 'release installed');
      return await this.#watch(app, place, known, signal);
    } catch (error) {
      if (signal.aborted || !shouldRollBack(app, digest, error)) throw error;
      return await this.#rollBack(app, place, { digest, message: error instanceof Error ? error.message : String(error) }, signal);
    }
  }

  async #rollBack(app: AppObject, place: Place, failure: { readonly digest: string; readonly message: string }, signal: AbortSignal): Promise<ReconcileResult> {
    const { keeper, context } = this.#o;
    const good = app.status?.lastGood;
    if (!good) throw new Error(`${keyOf(app.metadata)}: nothing to roll back to`);
    const release = await keeper.rollBack(app, place, good, signal);
    const failed = afterFailure(app.status?.failed, { ...failure, now: context.clock.now() });
    const message = `${failure.message}. Revision ${release.revision} runs as ${good.revision} did (${good.chart} ${good.version}); tried again at ${failed.retryAt}`;
    await this.#report(app, { ready: { status: 'False', reason: 'RolledBack', message }, release, lastGood: release, failed, ...asked(app) }, signal);
    context.log.warn({ app: keyOf(app.metadata), revision: release.revision, attempts: failed.attempts }, 'upgrade rolled back');
    return { requeueAfterMs: restMs(failed, failure.digest, context.clock.now()) ?? pauses.unhealthy };
  }

  /** What is installed: its health, and from time to time whether it still is as it was made. */
  async #watch(app: AppObject, place: Place, known: Known, signal: AbortSignal): Promise<ReconcileResult> {
    const { keeper, context } = this.#o;
    const ageMs = context.clock.monotonicMs() - known.sinceMs;
    const patienceMs = app.spec.patienceSeconds === undefined ? this.#o.patienceMs : app.spec.patienceSeconds * 1000;
    const observed = await observe(known.watched, { client: await place.client(), place: place.key, kinds: this.#kinds, namespace: app.spec.namespace, signal });
    const verdict = workloadVerdict(observed, { ageMs, patienceMs });
    const { digest } = known.release;
    if (verdict.reason === 'Unhealthy' && !verdict.isMissing && shouldRollBack(app, digest)) return await this.#rollBack(app, place, { digest, message: verdict.message }, signal);

    const dueMs = dueInMs(app, { now: context.clock.now(), intervalMs: this.#o.driftIntervalMs });
    const isDue = isAsked(app) || dueMs <= 0;
    const drift = isDue ? await driftOf(app, known, { place, kinds: this.#kinds, now: context.clock.now(), signal }) : {};
    const isGood = verdict.status === 'True';
    await this.#report(app, { ...drift, ...asked(app), ready: verdict, release: known.release, ...(isGood ? { lastGood: known.release, failed: null } : {}) }, signal);
    if (verdict.isMissing && (app.spec.drift?.correct || isAsked(app))) {
      keeper.forget(keyOf(app.metadata));
      return await this.#restore(app, place, known, signal);
    }
    return { requeueAfterMs: this.#pauseMs(verdict, { ageMs, dueMs, place: place.key }) };
  }

  /** Somebody deleted what the release had made: it is installed once more, the same. */
  async #restore(app: AppObject, place: Place, { release }: Known, signal: AbortSignal): Promise<ReconcileResult> {
    const { charts, context, keeper } = this.#o;
    const chart = await charts.find(app);
    const values = releaseValues(app, { objects: this.#o.values, catalog: charts.catalogOf(app), clock: context.clock });
    const known = await keeper.upgrade(app, place, { chart, values, digest: release.digest }, signal);
    await this.#report(app, { ready: { status: 'False', reason: 'Installing', message: 'what was deleted is made again' }, release: known.release, ...asked(app) }, signal);
    return { requeueAfterMs: pauses.young };
  }

  #pauseMs(verdict: WorkloadVerdict, { ageMs, dueMs, place }: { readonly ageMs: number; readonly dueMs: number; readonly place: string }): number {
    if (verdict.status === 'True') {
      // All of a cluster at once, over one connection.
      const intervalMs = Math.max(pauses.healthy, (this.#o.apps.items().length / looksPerSecond) * 1000);
      const calm = togetherInMs(place, { now: this.#o.context.clock.now(), intervalMs });
      return Math.min(calm, dueMs > 0 ? Math.max(1000, dueMs) : calm);
    }
    if (verdict.reason === 'Unhealthy') return pauses.unhealthy;
    return ageMs < youngMs ? pauses.young : pauses.progressing;
  }

  async #report(app: AppObject, change: StatusChange, signal: AbortSignal): Promise<void> {
    const { client, clock, events } = this.#o.context;
    if (change.ready && !isDeleting(app) && !app.metadata.finalizers?.includes(finalizers.app)) await setFinalizer(client, app, [finalizers.app], signal);
    const isPausedBefore = app.status?.conditions?.some(({ type, status }) => type === 'Paused' && status === 'True');
    const whole: StatusChange = isPausedBefore && !change.paused ? { ...change, paused: { status: 'False', reason: 'NotPaused', message: '' } } : change;
    const isNews = await writeStatus(client, app, wantedStatus(app, whole, clock), signal);
    const { ready } = change;
    if (isNews && ready) events.event(app, ready.status === 'True' || isWait(ready) ? 'Normal' : 'Warning', ready.reason, ready.message);
  }
}

/** What was never installed may go, and with its cluster what is paused itself: a pause protects what runs. */
function mayGoPaused(app: AppObject, cluster: Cluster | undefined, now: Date): boolean {
  if (!isDeleting(app)) return false;
  return app.status?.release === undefined || !hasRelease(app, cluster) || (endingOf(cluster) !== 'no' && !cluster?.spec?.paused && goesWithMachines(app, now));
}

/** Whether somebody asks for a look now. */
function isAsked(app: AppObject): boolean {
  const asks = app.metadata.annotations?.[annotations.requestedAt];
  return asks !== undefined && asks.slice(0, 256) !== app.status?.handledRequest;
}

function asked(app: AppObject): Pick<StatusChange, 'handledRequest'> {
  const asks = app.metadata.annotations?.[annotations.requestedAt];
  return asks === undefined ? {} : { handledRequest: asks.slice(0, 256) };
}
