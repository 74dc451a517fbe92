/**
 * Events for people: `kubectl describe` shows them under the object. Written as events.k8s.io/v1, where the same thing
 * said again counts up a series instead of adding objects. Needs the verbs create and patch on events.events.k8s.io.
 */
import { Backoff } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { type Clock, Deadline, type Random, sleep, systemClock, systemRandom } from './clock.ts';
import { isKubeError, KubeError } from './errors.ts';
import { EventSeries, type Said, type Series } from './event-series.ts';
import { keyOf } from './key.ts';
import { type Log, silentLog } from './log.ts';
import { resources } from './resources.ts';
import { microTimestamp } from './timestamp.ts';
import type { KubeObject } from './types.ts';

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>;
  /** The controller, such as "keelson.dev/cluster-apps". */
  readonly controller: string;
  /** The process, such as the pod's name. */
  readonly instance: string;
  readonly log?: Log | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** events.k8s.io/v1 validation: note at most 1024 bytes, reportingInstance at most 128. */
const maxNoteBytes = 1024;
const maxInstance = 128;
const flushMs = 5000;
const pauses = { initialMs: 1000, maxMs: 30_000, resetAfterMs: 60_000 };

export class EventRecorder {
  readonly name = 'events';
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #series: EventSeries<KubeObject>;
  /** Series that the API server does not know in full, in the order they came. */
  readonly #unwritten = new Set<Series<KubeObject>>();
  #wake: (() => void) | undefined;
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#series = new EventSeries(this.#clock);
  }

  /** Never waits and never throws; `start` writes. The message must hold no secret. */
  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const id = `${object.kind} ${keyOf(object.metadata)} ${object.metadata.uid ?? ''}`;
    const series = this.#series.observe(id, { type, reason, note: clipped(message) }, (said) => this.#newEvent(object, said));
    if (!series) {
      this.#log.debug({ object: id, reason }, 'event dropped: the object has said too much');
      return;
    }
    this.#unwritten.add(series);
    this.#wake?.();
  }

  /** Writes events until the signal, then what is left, once, within five seconds. */
  async start(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff({ ...pauses, clock: this.#clock, random: this.#options.random ?? systemRandom });
    while (!signal.aborted) {
      const series = this.#nextDue();
      if (!series) {
        await this.#untilDue(signal);
        continue;
      }
      try {
        await this.#write(series, signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#log.warn({ err: error }, 'event not written, trying again');
        await sleep(backoff.next(), { clock: this.#clock, signal }).catch(() => undefined);
      }
    }
    await this.#flush();
  }

  #newEvent(object: KubeObject, said: Said): KubeObject {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const now = this.#clock.now();
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // Events about objects without namespace live in "default", as client-go has it.
      metadata: { namespace: namespace || 'default', name: `${name.slice(0, 200)}.${now.getTime().toString(16)}${(this.#serial++).toString(16).padStart(4, '0')}` },
      eventTime: microTimestamp(now),
      reportingController: this.#options.controller,
      reportingInstance: this.#options.instance.slice(0, maxInstance),
      action: said.reason,
      ...said,
      regarding: { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion },
    };
  }

  #nextDue(): Series<KubeObject> | undefined {
    const now = this.#clock.monotonicMs();
    for (const series of this.#unwritten) if (this.#series.dueMs(series) <= now) return series;
    return undefined;
  }

  /** Until the first unwritten series may be written, something is said, or the signal. */
  async #untilDue(signal: AbortSignal): Promise<void> {
    const next = Math.min(...[...this.#unwritten].map((series) => this.#series.dueMs(series)));
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    const pause = new AbortController();
    const onAbort = (): void => this.#wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    const due = Number.isFinite(next) ? sleep(next - this.#clock.monotonicMs(), { clock: this.#clock, signal: pause.signal }).catch(() => undefined) : woken;
    await Promise.race([woken, due]);
    pause.abort();
    signal.removeEventListener('abort', onAbort);
    this.#wake = undefined;
  }

  async #write(series: Series<KubeObject>, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const { count, event } = series;
    try {
      if (series.written === 0) {
        await client.create(resources.events, event, { signal }).catch(ignoreExisting);
        this.#series.written(series, 1);
      }
      if (count > 1) {
        const body = { series: { count, lastObservedTime: microTimestamp(series.lastAt) } };
        await client.patch(resources.events, event.metadata, { type: 'merge', body, signal });
        this.#series.written(series, count);
      }
    } catch (error) {
      // The namespace ends, the event has expired, or admission refuses it: saying it again would not help.
      if (!isKubeError(error, 'KUBE_FORBIDDEN', 'KUBE_NOT_FOUND', 'KUBE_INVALID')) throw error;
      this.#series.refused(series);
      this.#log.warn({ err: error }, 'event refused');
    }
    if (series.written === series.count) this.#unwritten.delete(series);
  }

  async #flush(): Promise<void> {
    const reason = (): Error => new KubeError('KUBE_TIMEOUT', `write events: not all within ${flushMs} ms of the stop; the rest is lost`);
    const deadline = new Deadline({ ms: flushMs, reason, clock: this.#clock });
    try {
      for (const series of this.#unwritten) await this.#write(series, deadline.signal);
    } catch (error) {
      this.#log.warn({ err: error }, 'events not written before the end');
    } finally {
      deadline.dispose();
    }
  }
}

/** An event's name is ours alone: where it exists, an earlier attempt arrived whose answer did not. */
function ignoreExisting(error: unknown): void {
  if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
}

function clipped(message: string): string {
  const bytes = Buffer.from(message, 'utf8');
  if (bytes.length <= maxNoteBytes) return message;
  return `${bytes.subarray(0, maxNoteBytes - 8).toString('utf8').replace(/\uFFFD+$/, '')}…`;
}
