/** The controller of Silences and MaintenanceWindows: whatever changes, all of them are looked at in one round. */
import type { Registry } from 'prom-client';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, type KubeObject, source } from '../../kube/index.ts';
import type { Cluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { SilenceDelivery } from './delivery.ts';
import { registerSilenceMetrics } from './metrics.ts';
import { SilencesReconciler } from './reconciler.ts';
import type { SilenceObject, WindowObject } from './wanted.ts';

type Cache<T extends KubeObject> = ChangeSource<T> & { items(): T[] };

export interface SilencesControllerOptions {
  readonly context: OperatorContext;
  readonly registry: Registry;
  readonly silences: Cache<SilenceObject>;
  readonly windows: Cache<WindowObject>;
  readonly clusters: Cache<Cluster>;
  /** Alertmanagers, see DeliveryOptions. */
  readonly urls: readonly string[];
  readonly ownerNamespaces: readonly string[];
  readonly intervalMs?: number;
  readonly settleMs?: number;
}

/** There is one key, for the round. */
const round = { namespace: 'all', name: 'silences' } as const;
const roundKey = `${round.namespace}/${round.name}`;

export function silencesController(o: SilencesControllerOptions): Controller {
  const { context, silences, windows, clusters, registry, urls, ownerNamespaces } = o;
  const metrics = registerSilenceMetrics(registry, { silences, windows });
  const reconciler = new SilencesReconciler({
    context, silences, windows, clusters, ownerNamespaces, onDelivered: (delivered) => metrics.delivered(delivered),
    delivery: new SilenceDelivery({ ...context, urls, onChange: (action) => metrics.changed(action), ...(o.settleMs === undefined ? {} : { settleMs: o.settleMs }) }),
    ...(o.intervalMs === undefined ? {} : { intervalMs: o.intervalMs }),
  });
  const toRound = () => [roundKey];
  const controller = new Controller({
    ...context,
    name: 'silences',
    workers: 1,
    timeoutMs: 120_000,
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 500, maxMs: 30_000 }),
    sources: [
      source({ reflector: silences, keys: toRound, isRelevant: isOtherSpec }),
      source({ reflector: windows, keys: toRound, isRelevant: isOtherSpec }),
      source({ reflector: clusters, keys: toRound, isRelevant: isOtherCluster }),
    ],
    reconcile: (_, signal) => reconciler.reconcile(signal),
  });
  // Also where there is nothing to silence: what was left in Alertmanager by objects that are gone ends.
  controller.enqueue(round);
  return controller;
}

function isOtherSpec({ type, old, object }: Change<KubeObject>): boolean {
  return type !== 'modified' || !old || old.metadata.generation !== object.metadata.generation || old.metadata.uid !== object.metadata.uid || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp;
}

function isOtherCluster({ type, old, object }: Change<Cluster>): boolean {
  const facts = ({ metadata }: Cluster): string => JSON.stringify([metadata.uid, metadata.labels, metadata.deletionTimestamp]);
  return type !== 'modified' || !old || facts(old) !== facts(object);
}
