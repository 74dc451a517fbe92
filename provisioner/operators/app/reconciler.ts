/** Brings one App to its release: wait, install, look at the workloads, report; and remove it in the end. */
import { releaseName } from '../../api/app.ts';
import { finalizers } from '../../api/labels.ts';
import { apiVersion } from '../../api/names.ts';
import type { Helm, ObjectReference, ReleaseRef } from '../../helm/index.ts';
import { keyOf, type KubeClient, type KubeObject, type ObjectRef, type ReconcileResult, type Request, resources } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { RemoteClusters } from '../remote.ts';
import type { AppObject } from './app-object.ts';
import { type Chart, findChart, releaseDigest } from './chart.ts';
import { gate } from './gate.ts';
import { checkFor } from './health.ts';
import { fieldManager, type InstalledRelease, wantedStatus, writeStatus } from './status.ts';
import { valuesNow } from './values.ts';
import { failureVerdict, type Observation, type Verdict, workloadVerdict } from './verdict.ts';

export interface AppReconcilerOptions {
  readonly context: OperatorContext;
  readonly helm: Pick<Helm, 'upgradeInstall' | 'status' | 'uninstall'>;
  readonly chartsDir: string;
  readonly apps: { get(ref: ObjectRef): AppObject | undefined };
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly remotes: RemoteClusters;
  /** For one run of Helm. */
  readonly helmTimeoutMs?: number;
  /** How long the workloads of a release may take to become healthy. */
  readonly patienceMs?: number;
}

/** Pauses between two looks, in milliseconds. */
const pauses = { gated: 30_000, young: 2000, progressing: 10_000, unhealthy: 30_000, healthy: 60_000, refused: 300_000 } as const;
/** A release younger than this is looked at often. */
const youngMs = 60_000;

/** A release as this process knows it. */
interface Known {
  readonly release: InstalledRelease;
  readonly objects: readonly ObjectReference[];
  readonly sinceMs: number;
  /** What it had made is gone: the digest no longer speaks for it. */
  readonly isBroken: boolean;
}

export class AppReconciler {
  readonly #o: Required<AppReconcilerOptions>;
  readonly #known = new Map<string, Known>();

  constructor(options: AppReconcilerOptions) {
    this.#o = { helmTimeoutMs: 300_000, patienceMs: 300_000, ...options };
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { apps, clusters, remotes } = this.#o;
    const app = apps.get(request);
    if (!app) {
      this.#known.delete(keyOf(request));
      return;
    }
    const { namespace } = request;
    const cluster = clusters.get({ namespace, name: app.spec.cluster });
    if (isDeleting(app)) return await this.#remove(app, cluster, signal);

    const hasKubeconfig = remotes.kubeconfig({ namespace, name: app.spec.cluster }) !== undefined;
    const state = gate(app, { cluster, hasKubeconfig, appNamed: (name) => apps.get({ namespace, name }) });
    if (state.kind === 'paused') return { requeueAfterMs: pauses.gated };
    if (state.kind === 'closed' && !this.#isInstalled(app)) {
      await this.#report(app, { status: 'False', ...state }, { signal });
      return { requeueAfterMs: pauses.gated };
    }
    try {
      return await this.#bring(app, { mayChange: state.kind === 'open' }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const verdict = failureVerdict(error);
      await this.#report(app, verdict, { signal });
      if (verdict.isFinal) return { requeueAfterMs: pauses.refused };
      throw error;
    }
  }

  /** A dependency that falters later holds back changes, not the watch over what is installed. */
  #isInstalled(app: AppObject): boolean {
    return app.status?.release !== undefined && this.#o.remotes.kubeconfig(clusterRef(app)) !== undefined;
  }

  async #bring(app: AppObject, o: { readonly mayChange: boolean }, signal: AbortSignal): Promise<ReconcileResult> {
    const chart = await findChart(this.#o.chartsDir, app.spec);
    const digest = releaseDigest(chart, { release: releaseName(app), namespace: app.spec.namespace, values: valuesNow(app, this.#o.context.clock) });
    const found = await this.#installed(app, digest, signal);
    if (!found && !o.mayChange) {
      await this.#report(app, { status: 'False', reason: 'WaitingForDependency', message: 'a change waits until the Apps in dependsOn are Ready' }, { signal });
      return { requeueAfterMs: pauses.gated };
    }
    const known = found ?? await this.#upgrade(app, chart, digest, signal);
    const ageMs = this.#o.context.clock.monotonicMs() - known.sinceMs;
    const verdict = workloadVerdict(await this.#observe(app, known.objects, signal), { ageMs, patienceMs: this.#o.patienceMs });
    await this.#report(app, verdict, { release: known.release, signal });
    if (verdict.isMissing) {
      this.#known.set(keyOf(app.metadata), { ...known, isBroken: true });
      return { requeueAfterMs: pauses.young };
    }
    if (verdict.status === 'True') return { requeueAfterMs: pauses.healthy };
    return { requeueAfterMs: verdict.reason === 'Unhealthy' ? pauses.unhealthy : ageMs < youngMs ? pauses.young : pauses.progressing };
  }

  /** The release of this digest as it is installed; undefined where Helm has work to do. */
  async #installed(app: AppObject, digest: string, signal: AbortSignal): Promise<Known | undefined> {
    const key = keyOf(app.metadata);
    const known = this.#known.get(key);
    if (known) return known.release.digest === digest && !known.isBroken ? known : undefined;
    const release = app.status?.release;
    if (release?.digest !== digest) return undefined;
    const found = await this.#o.helm.status(this.#ref(app, signal));
    if (found?.status !== 'deployed') return undefined;
    return this.#remember(app, { release, objects: found.objects });
  }

  async #upgrade(app: AppObject, chart: Chart, digest: string, signal: AbortSignal): Promise<Known> {
    const { helm, context } = this.#o;
    await this.#report(app, { status: 'False', reason: 'Installing', message: `Helm installs ${app.spec.chart} ${chart.version}` }, { signal });
    const found = await helm.upgradeInstall({
      ...this.#ref(app, signal), chart: chart.path, version: chart.fetchVersion, values: valuesNow(app, context.clock) as Record<string, unknown>,
      createNamespace: true, forceConflicts: true,
    });
    context.log.info({ app: keyOf(app.metadata), release: found.name, revision: found.revision, chart: app.spec.chart, version: chart.version }, 'release installed');
    const release = { name: found.name, namespace: found.namespace, chart: app.spec.chart, version: chart.version, revision: found.revision, digest };
    return this.#remember(app, { release, objects: found.objects });
  }

  #remember(app: AppObject, o: Pick<Known, 'release' | 'objects'>): Known {
    const known = { ...o, sinceMs: this.#o.context.clock.monotonicMs(), isBroken: false };
    this.#known.set(keyOf(app.metadata), known);
    return known;
  }

  async #observe(app: AppObject, objects: readonly ObjectReference[], signal: AbortSignal): Promise<Observation[]> {
    const client = await this.#o.remotes.client(clusterRef(app));
    if (!client) return [];
    const observed = await Promise.all(objects.map((object) => observe(client, object, signal)));
    return observed.filter((o) => o !== undefined);
  }

  async #remove(app: AppObject, cluster: Cluster | undefined, signal: AbortSignal): Promise<void> {
    if (!app.metadata.finalizers?.includes(finalizers.app)) return;
    // A cluster that goes takes everything in it along; one that never came has nothing in it.
    const isReachable = cluster !== undefined && !isDeleting(cluster) && hasControlPlane(cluster) && this.#o.remotes.kubeconfig(clusterRef(app)) !== undefined;
    const isThere = isReachable && (isManaged(cluster) || app.status?.release !== undefined);
    if (isThere) {
      try {
        await this.#report(app, { status: 'False', reason: 'Uninstalling', message: 'Helm removes the release' }, { signal });
        await this.#o.helm.uninstall(this.#ref(app, signal));
      } catch (error) {
        if (!signal.aborted) await this.#report(app, { ...failureVerdict(error), reason: 'UninstallFailed' }, { signal });
        throw error;
      }
    }
    await this.#setFinalizer(app, [], signal);
    this.#known.delete(keyOf(app.metadata));
    this.#o.context.log.info({ app: keyOf(app.metadata), release: isThere ? 'removed' : 'gone with its cluster' }, 'App removed');
  }

  #ref(app: AppObject, signal: AbortSignal): ReleaseRef {
    const kubeconfig = this.#o.remotes.kubeconfig(clusterRef(app)) ?? '';
    return { release: releaseName(app), namespace: app.spec.namespace, kubeconfig: { content: kubeconfig }, timeoutMs: this.#o.helmTimeoutMs, signal };
  }

  async #report(app: AppObject, verdict: Verdict, o: { readonly release?: InstalledRelease; readonly signal: AbortSignal }): Promise<void> {
    const { client, clock, events } = this.#o.context;
    if (!isDeleting(app) && !app.metadata.finalizers?.includes(finalizers.app)) await this.#setFinalizer(app, [finalizers.app], o.signal);
    const isNews = await writeStatus(client, app, wantedStatus(app, verdict, { release: o.release, clock }), o.signal);
    if (isNews) events.event(app, verdict.status === 'True' || isWait(verdict) ? 'Normal' : 'Warning', verdict.reason, verdict.message);
  }

  /** Server-side apply: the set holds what others put there, and ours where we say so. */
  async #setFinalizer(app: AppObject, wanted: readonly string[], signal: AbortSignal): Promise<void> {
    const { name, namespace = '', uid } = app.metadata;
    const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }), finalizers: [...wanted] };
    await this.#o.context.client.apply(resources.apps, { apiVersion, kind: 'App', metadata }, { fieldManager, force: true, signal });
  }
}

async function observe(client: KubeClient, object: ObjectReference, signal: AbortSignal): Promise<Observation | undefined> {
  const how = checkFor(object);
  if (!how) return undefined;
  const ref = how.resource.namespaced ? { namespace: object.namespace, name: object.name } : { name: object.name };
  const found = await client.get<KubeObject>(how.resource, ref, { signal });
  return { object: `${object.kind} ${keyOf(ref)}`, health: found && how.check(found) };
}

function clusterRef(app: AppObject): { readonly namespace: string; readonly name: string } {
  return { namespace: app.metadata.namespace ?? '', name: app.spec.cluster };
}

function isWait(verdict: Verdict): boolean {
  return verdict.reason === 'Installing' || verdict.reason === 'Uninstalling' || verdict.reason.startsWith('WaitingFor');
}
