/** Publishes the ClusterClass, its templates and the ExtensionConfig as soon as Cluster API serves their kinds, and keeps them so. */
import { Controller, ExponentialLimiter, isKubeError, keyOf, type KubeObject, type ReconcileResult, source } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { servedResource } from '../served.ts';
import { heartbeat } from './heartbeat.ts';
import { classPlan, type Applicable } from './order.ts';
import { publication } from './published.ts';

const fieldManager = 'keelson-class';
/** While Cluster API is not there yet. */
const waitMs = 2000;
/** How long something that a person deleted or changed stays so. */
const resyncMs = 600_000;

export interface ClassControllerOptions {
  readonly context: OperatorContext;
  /** In the order to apply them. */
  readonly objects: readonly KubeObject[];
  readonly resyncMs?: number;
}

export function classController(o: ClassControllerOptions): Controller {
  const state: ClassState = { waitsFor: '', heldBack: '', isPublished: false };
  return new Controller({
    ...o.context,
    name: 'class',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 500, maxMs: 5_000 }),
    sources: [source({ reflector: heartbeat('class') })],
    reconcile: (_request, signal) => publish(o, state, signal),
  });
}

/** What was last said, so that it is said once. */
interface ClassState {
  waitsFor: string;
  heldBack: string;
  isPublished: boolean;
}

async function publish(o: ClassControllerOptions, state: ClassState, signal: AbortSignal): Promise<ReconcileResult> {
  const { client, log, events } = o.context;
  const plan = classPlan(await Promise.all(o.objects.map((object) => locate(o, object, signal))));
  if (plan.kind === 'wait') {
    const missing = plan.missing.join(', ');
    if (missing !== state.waitsFor) log.info({ missing: plan.missing }, 'class waits until Cluster API serves its kinds');
    state.waitsFor = missing;
    return { requeueAfterMs: waitMs };
  }
  const { heldBack: held, versions } = await publication(client, plan.objects, signal);
  if (held !== undefined) {
    if (held !== state.heldBack) {
      log.warn({ reason: held }, 'class is left as it is');
      for (const { object } of plan.objects.slice(-1)) events.event(object, 'Warning', 'ClassWouldChange', held);
    }
    state.heldBack = held;
    return { requeueAfterMs: o.resyncMs ?? resyncMs };
  }
  for (const { object, resource } of plan.objects) {
    try {
      const resourceVersion = object.kind === 'ClusterClass' ? versions.get(object.metadata.name) : undefined;
      await client.apply(resource, resourceVersion === undefined ? object : { ...object, metadata: { ...object.metadata, resourceVersion } }, { fieldManager, force: true, signal });
    } catch (error) {
      // It is another class than the one that was looked at.
      if (isKubeError(error, 'KUBE_CONFLICT')) return { requeueAfterMs: waitMs };
      if (!signal.aborted) events.event(object, 'Warning', 'ClassNotPublished', error instanceof Error ? error.message : String(error));
      state.isPublished = false;
      throw error;
    }
  }
  if (!state.isPublished) {
    log.info({ objects: plan.objects.map(({ object }) => `${object.kind} ${keyOf(object.metadata)}`) }, 'class published');
    const last = plan.objects.at(-1)?.object;
    if (last) events.event(last, 'Normal', 'ClassPublished', `${plan.objects.length} objects are as this Keelson has them`);
  }
  state.isPublished = true;
  return { requeueAfterMs: o.resyncMs ?? resyncMs };
}

async function locate(o: ClassControllerOptions, object: KubeObject, signal: AbortSignal): Promise<Applicable> {
  return { object, resource: await servedResource(o.context.client, object.apiVersion, object.kind, signal) };
}
