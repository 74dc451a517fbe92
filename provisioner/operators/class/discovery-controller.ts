/**
 * Has Cluster API ask the topology extension which handlers it has, until it knows those of this release. It asks when an
 * ExtensionConfig changes, and seldom else (1.14, core/reconcilers/extensionconfig): after an upgrade a new version of the class
 * would stay unusable, its `VariablesReady` False. Once does not do: while the new extension still rolls out, a replica of the
 * former release may be the one that answers, and its answer takes known handlers away again.
 */
import { annotations } from '../../api/labels.ts';
import { extensionConfigName } from '../../api/names.ts';
import type { RegisteredHandler } from '../../api/registered-handler.ts';
import { Controller, ExponentialLimiter, type KubeObject, type ReconcileResult, Reflector, type Request, resources, source, timestamp } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { ServedReflector } from '../served.ts';

const fieldManager = 'keelson-class-discovery';

export type ExtensionConfig = KubeObject & { readonly status?: { readonly handlers?: readonly RegisteredHandler[] } };

export interface DiscoveryControllerOptions {
  readonly context: OperatorContext;
  /** As Cluster API keeps them once it knows them. Others beside them are left alone: those of a later release, after a rollback. */
  readonly handlers: readonly RegisteredHandler[];
  /** Before the first time, default 10 s: what changed the ExtensionConfig, or made it, has Cluster API ask by itself. Doubles with every time. */
  readonly firstMs?: number;
  /** Between any two, default one minute. */
  readonly maxMs?: number;
}

export function discoveryController(o: DiscoveryControllerOptions): Controller {
  const { context, firstMs = 10_000, maxMs = 60_000 } = o;
  const observer = context.metrics?.reflectorObserver('extensionconfigs of the class');
  const configs = new ServedReflector(new Reflector<ExtensionConfig>({ ...context, resource: resources.extensionConfigs, fieldSelector: `metadata.name=${extensionConfigName}`, observer }), context);
  const discovery: Discovery = { ...o, configs, pauses: new ExponentialLimiter({ random: context.random, baseMs: firstMs, maxMs }), askAtMs: undefined, hasAsked: false };
  return new Controller({ ...context, name: 'class-discovery', sources: [source({ reflector: configs })], reconcile: (request, signal) => discover(discovery, request, signal) });
}

interface Discovery extends DiscoveryControllerOptions {
  readonly configs: ServedReflector<ExtensionConfig>;
  readonly pauses: ExponentialLimiter;
  /** By the monotonic clock; undefined while no handler is missing. Another process begins with a pause of its own, so a restart never asks sooner. */
  askAtMs: number | undefined;
  /** Whether it was said that handlers are missing, which is said once. */
  hasAsked: boolean;
}

async function discover(discovery: Discovery, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const { context: { clock }, configs, handlers, pauses } = discovery;
  const config = configs.get(request);
  const missing = config ? missingHandlers(config, handlers) : [];
  if (config === undefined || isPaused(config) || missing.length === 0) {
    if (config && missing.length === 0) tellKnown(discovery, config);
    pauses.forget(request.name);
    Object.assign(discovery, { askAtMs: undefined, hasAsked: false });
    return;
  }
  const nowMs = clock.monotonicMs();
  discovery.askAtMs ??= nowMs + pauses.when(request.name);
  if (nowMs >= discovery.askAtMs) {
    await ask(discovery, config, signal);
    tellMissing(discovery, config, missing);
    Object.assign(discovery, { askAtMs: nowMs + pauses.when(request.name), hasAsked: true });
  }
  return { requeueAfterMs: discovery.askAtMs - nowMs };
}

/** Any change of the object does. */
async function ask({ context: { client, clock } }: Discovery, { metadata: { name } }: ExtensionConfig, signal: AbortSignal): Promise<void> {
  const body = { metadata: { annotations: { [annotations.asked]: timestamp(clock.now()) } } };
  await client.patch(resources.extensionConfigs, { name }, { type: 'merge', body, fieldManager, signal });
}

function tellMissing({ context: { log, events }, hasAsked }: Discovery, config: ExtensionConfig, missing: readonly string[]): void {
  if (hasAsked) return;
  log.info({ missing }, 'Cluster API is asked to discover handlers until it knows them');
  events.event(config, 'Normal', 'HandlersMissing', `Cluster API does not know ${missing.join(', ')} as they are now; it is asked to discover handlers until it does`);
}

function tellKnown({ context: { log, events }, handlers, hasAsked }: Discovery, config: ExtensionConfig): void {
  if (!hasAsked) return;
  log.info({ handlers: handlers.length }, 'Cluster API knows every handler');
  events.event(config, 'Normal', 'HandlersKnown', `Cluster API knows all ${handlers.length} handlers of this Keelson`);
}

/** Names of those that Cluster API has not registered, or calls otherwise, in the given order. A discovery that failed leaves in the status what it knew before. */
export function missingHandlers({ status }: ExtensionConfig, handlers: readonly RegisteredHandler[]): string[] {
  const known = new Map(status?.handlers?.map((handler) => [handler.name, handler]));
  return handlers.filter((handler) => !isCalledSo(known.get(handler.name), handler)).map(({ name }) => name);
}

function isCalledSo(known: RegisteredHandler | undefined, wanted: RegisteredHandler): boolean {
  return known?.requestHook.hook === wanted.requestHook.hook && known.timeoutSeconds === wanted.timeoutSeconds && known.failurePolicy === wanted.failurePolicy;
}

/** Cluster API then asks nobody, however often it is told to. */
const isPaused = ({ metadata }: KubeObject): boolean => annotations.paused in (metadata.annotations ?? {});
