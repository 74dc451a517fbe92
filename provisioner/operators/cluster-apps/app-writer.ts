/** Writes the Apps of one target, where they differ, and removes those that are no more. */
import { appReady } from '../../api/conditions.ts';
import { annotations, labels } from '../../api/labels.ts';
import { apiVersion } from '../../api/names.ts';
import { findCondition, isKubeError, resources, setCondition } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import type { Neighbours } from '../app/neighbours.ts';
import type { OperatorContext } from '../context.ts';
import type { Present } from './policy.ts';
import { compareVersions } from '../../api/cluster-bundle.ts';
import type { Target } from './target.ts';

const fieldManager = 'keelson-cluster-apps';

export class AppWriter {
  readonly #context: OperatorContext;
  readonly #apps: Neighbours;

  constructor(context: OperatorContext, apps: Neighbours) {
    this.#context = context;
    this.#apps = apps;
  }

  /** All Apps of the target, whoever made them. */
  of({ name, namespace }: Pick<Target, 'name' | 'namespace'>): AppObject[] {
    return this.#apps.in(namespace).filter(({ metadata }) => metadata.labels?.[labels.clusterName] === name);
  }

  /** Those that a bundle made. */
  ofBundle(target: Pick<Target, 'name' | 'namespace'>): AppObject[] {
    return this.of(target).filter(({ metadata }) => metadata.labels?.[labels.managedBy] === 'keelson' && metadata.labels[labels.component] !== undefined);
  }

  /** The bundle that a target has now: the newest its Apps name, because a move may be under way. */
  present(target: Pick<Target, 'name' | 'namespace'>): Present | undefined {
    const named = this.ofBundle(target).flatMap(({ metadata }) => {
      const { [labels.bundle]: version, [labels.bundleKubernetes]: kubernetes } = metadata.labels ?? {};
      return version === undefined || kubernetes === undefined ? [] : [{ version, kubernetes }];
    });
    return named.sort((a, b) => compareVersions(b.version, a.version))[0];
  }

  async write(wanted: readonly AppObject[], target: Target, signal: AbortSignal): Promise<void> {
    const found = new Map(this.of(target).map((app) => [app.metadata.name, app]));
    for (const app of wanted) {
      const before = found.get(app.metadata.name);
      const now = before && isAsWanted(before, app) ? before : await this.#context.client.apply<AppObject>(resources.apps, app, { fieldManager, force: true, signal });
      const why = app.metadata.annotations?.[annotations.leftOut];
      if (why !== undefined) await this.#sayLeftOut(now, why, signal);
    }
  }

  /** Also what an older bundle had. Others' Apps for the cluster stay. */
  async prune(target: Target, keep: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const going = this.ofBundle(target).filter(({ metadata: { name, deletionTimestamp } }) => !keep.has(name) && deletionTimestamp === undefined);
    const refused: unknown[] = [];
    // One that must not be deleted (keelson.dev/prevent-deletion) keeps no other.
    for (const { metadata: { name, namespace } } of going) {
      await this.#context.client.delete(resources.apps, { namespace, name }, { signal }).catch((error: unknown) => {
        if (!isKubeError(error, 'KUBE_FORBIDDEN')) throw error;
        refused.push(error);
      });
    }
    if (refused.length > 0) throw refused[0];
  }

  /** Nobody else acts on an App that is left out: it is paused. */
  async #sayLeftOut(app: AppObject, why: string, signal: AbortSignal): Promise<void> {
    const { name, namespace, uid, generation } = app.metadata;
    const before = findCondition(app.status?.conditions, appReady.type);
    if (before?.reason === 'LeftOut' && before.message === why && before.observedGeneration === generation) return;
    const observed = generation === undefined ? {} : { observedGeneration: generation };
    const conditions = setCondition(before ? [before] : [], { type: appReady.type, status: 'Unknown', reason: 'LeftOut', message: why, ...observed }, this.#context.clock);
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    await this.#context.client.apply(resources.apps, { apiVersion, kind: 'App', metadata, status: { ...observed, conditions } }, { fieldManager, force: true, subresource: 'status', signal });
  }
}

/** Whether an apply would change nothing: the API server adds defaults, others add labels. */
function isAsWanted(found: AppObject, wanted: AppObject): boolean {
  const holds = (whole: object | undefined, part: object | undefined): boolean =>
    Object.entries(part ?? {}).every(([key, value]) => stable((whole as Record<string, unknown> | undefined)?.[key]) === stable(value));
  return holds(found.metadata.labels, wanted.metadata.labels) && holds(found.metadata.annotations, wanted.metadata.annotations) && holds(found.spec, wanted.spec)
    && (found.metadata.annotations?.[annotations.leftOut] === undefined) === (wanted.metadata.annotations?.[annotations.leftOut] === undefined)
    && stable(found.metadata.ownerReferences?.map(({ uid }) => uid)) === stable(wanted.metadata.ownerReferences?.map(({ uid }) => uid));
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner)) ?? 'undefined';
}
