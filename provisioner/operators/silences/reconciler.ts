/** One round for all objects at once: what should be silenced, to every Alertmanager, and what became of it into each status. */
import { isDeepStrictEqual } from 'node:util';
import { maintenanceWindowReady, type Reason, silenceReady } from '../../api/conditions.ts';
import { findCondition, isKubeError, type ReconcileResult, type Resource, resources, setCondition } from '../../kube/index.ts';
import type { Cluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { Delivered, SilenceDelivery } from './delivery.ts';
import { type Judged, judgeSilence, judgeWindow, type SilenceObject, type WindowObject } from './wanted.ts';

export interface SilencesOptions {
  readonly context: OperatorContext;
  readonly silences: { items(): SilenceObject[] };
  readonly windows: { items(): WindowObject[] };
  readonly clusters: { items(): Cluster[] };
  readonly delivery: Pick<SilenceDelivery, 'deliver'>;
  /** Namespaces of the fleet's owners. */
  readonly ownerNamespaces: readonly string[];
  /** What each Alertmanager said, for metrics. */
  readonly onDelivered?: (delivered: readonly Delivered[]) => void;
  /** Between two rounds when nothing changes; default 30 s: so long an Alertmanager that lost its silences is without them. */
  readonly intervalMs?: number;
}

type Verdict = { readonly status: 'True' | 'False'; readonly reason: Reason<typeof maintenanceWindowReady>; readonly message: string };

export class SilencesReconciler {
  readonly #o: SilencesOptions;

  constructor(options: SilencesOptions) {
    this.#o = options;
  }

  async reconcile(signal: AbortSignal): Promise<ReconcileResult> {
    const { context, silences, windows, clusters, delivery, ownerNamespaces, onDelivered, intervalMs = 30_000 } = this.#o;
    const now = context.clock.now();
    const around = { ownerNamespaces, clusters: clusters.items(), now };
    const judged = [
      ...silences.items().map((object) => ({ object, judged: judgeSilence(object, around), resource: resources.silences, type: silenceReady.type })),
      ...windows.items().map((object) => ({ object, judged: judgeWindow(object, around), resource: resources.maintenanceWindows, type: maintenanceWindowReady.type })),
    ].filter(({ object }) => object.metadata.deletionTimestamp === undefined);
    const wanted = judged.flatMap(({ judged: one }) => (one.kind === 'wanted' ? one.silences : []));
    const delivered = await delivery.deliver(wanted, signal);
    onDelivered?.(delivered);
    for (const each of judged) await this.#report(each, delivered, signal);

    const times = judged.flatMap(({ judged: one }) => (one.kind === 'wanted' ? [...one.silences.map(({ endsAt }) => endsAt), ...(one.window ? [one.window.from] : [])] : []));
    const next = Math.min(...times.map((time) => time.getTime() - now.getTime()).filter((ms) => ms > 0), intervalMs);
    return { requeueAfterMs: Math.max(1000, next) };
  }

  async #report({ object, judged, resource, type }: { readonly object: SilenceObject | WindowObject; readonly judged: Judged; readonly resource: Resource; readonly type: string }, delivered: readonly Delivered[], signal: AbortSignal): Promise<void> {
    const { client, clock, events } = this.#o.context;
    const { generation = 0, namespace, name, uid } = object.metadata;
    const verdict = verdictOf(judged, delivered, clock.now());
    const has = judged.kind === 'wanted' && judged.silences.length ? `${delivered.filter(({ holds }) => judged.silences.every(({ key }) => holds.has(key))).length}/${delivered.length}` : undefined;
    const status = {
      observedGeneration: generation,
      ...(judged.kind === 'wanted' ? { matchers: judged.matchers } : {}), ...(has === undefined ? {} : { alertmanagers: has }),
      ...(judged.kind === 'wanted' && judged.window ? { clusters: judged.clusters, window: { from: timeText(judged.window.from), to: timeText(judged.window.to) } } : {}),
      conditions: setCondition(object.status?.conditions, { type, ...verdict, observedGeneration: generation }, clock),
    };
    if (isDeepStrictEqual(status, object.status)) return;
    const gone = Object.fromEntries(Object.keys(object.status ?? {}).filter((field) => !(field in status)).map((field) => [field, null]));
    await client.patch(resource, { namespace: namespace ?? '', name }, { type: 'merge', subresource: 'status', body: { metadata: { uid }, status: { ...status, ...gone } }, signal }).catch((error: unknown) => {
      if (!isKubeError(error, 'KUBE_NOT_FOUND', 'KUBE_CONFLICT')) throw error;
    });
    const before = findCondition(object.status?.conditions, type);
    if (before?.reason !== verdict.reason) events.event(object, verdict.status === 'True' || verdict.reason === 'Ended' ? 'Normal' : 'Warning', verdict.reason, verdict.message);
  }
}

/** As the API server writes times. */
const timeText = (time: Date): string => time.toISOString().replace('.000Z', 'Z');

function verdictOf(judged: Judged, delivered: readonly Delivered[], now: Date): Verdict {
  switch (judged.kind) {
    case 'refused': return { status: 'False', reason: 'Refused', message: judged.why };
    case 'ended': return { status: 'False', reason: 'Ended', message: 'its time is over' };
    case 'noClusters': return { status: 'False', reason: 'NoClusters', message: 'no cluster is selected' };
    case 'wanted': {
      const { silences, window } = judged;
      const isOpen = !window || window.from <= now;
      if (!delivered.length) return { status: 'False', reason: 'NoAlertmanager', message: 'no Alertmanager is known' };
      const lacking = delivered.find(({ holds }) => !silences.every(({ key }) => holds.has(key)));
      if (lacking) return { status: 'False', reason: 'NotDelivered', message: lacking.failure ?? `Alertmanager ${lacking.url} does not have it yet` };
      if (!isOpen) return { status: 'True', reason: 'Waiting', message: `the next window opens at ${timeText(window.from)}` };
      return { status: 'True', reason: 'Silenced', message: `until ${timeText(silences[0]?.endsAt ?? now)}, in ${delivered.length} Alertmanager${delivered.length === 1 ? '' : 's'}` };
    }
  }
}
