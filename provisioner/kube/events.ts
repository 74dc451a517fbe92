/**
 * Events for people: `kubectl describe` shows them under the object. events.k8s.io/v1 with series: the same thing said
 * again counts up instead of adding objects, and an object that never stops talking is cut off, as in client-go
 * (tools/events, tools/record/events_cache.go).
 */
import { Backoff } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { type Clock, Deadline, type Random, sleep, systemClock, systemRandom } from './clock.ts';
import { isKubeError, KubeError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import { BucketLimiter } from './rate-limiter.ts';
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

/** An event in memory, and how far the API server knows of it. */
interface Series {
  readonly event: KubeObject;
  readonly object: string;
  count: number;
  lastMs: number;
  lastAt: Date;
  /** Count that the API server has; 0 before it is created. */
  written: number;
  writtenMs: number;
  isQueued: boolean;
}

/** As client-go: after six quiet minutes the same thing is a new event. */
const seriesEndsMs = 360_000;
/** A series that goes on is written at most so often. */
const rewriteMs = 30_000;
/** client-go's EventSourceObjectSpamFilter: 25 at once for one object, then one in five minutes. */
const spam = { burst: 25, perSecond: 1 / 300 };
/** Different messages of one object and reason before they are told as one, as client-go's EventAggregator. */
const maxMessages = 10;
const maxSeries = 4096;
const flushMs = 5000;
/** events.k8s.io/v1 validation: note at most 1024 bytes, reason and action at most 128. */
const maxNoteBytes = 1024;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #series = new Map<string, Series>();
  readonly #budgets = new Map<string, BucketLimiter>();
  readonly #queue: Series[] = [];
  #wake: (() => void) | undefined;
  #names = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
  }

  /** Never waits and never throws; written by `start`. The message must hold no secret. */
  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const id = `${object.metadata.uid ?? ''} ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    const note = this.#aggregated(`${id} ${type} ${reason}`, message);
    const key = `${id} ${type} ${reason} ${note}`;
    const known = this.#series.get(key);
    const now = this.#clock.monotonicMs();
    if (known && now - known.lastMs < seriesEndsMs) {
      known.count++;
      known.lastMs = now;
      known.lastAt = this.#clock.now();
      this.#enqueue(known);
      return;
    }
    if (!this.#isAffordable(id)) {
      this.#log.debug({ object: id, reason }, 'event dropped: too many about one object');
      return;
    }
    const event = this.#newEvent(object, { type, reason, note });
    const series: Series = { event, object: id, count: 1, lastMs: now, lastAt: this.#clock.now(), written: 0, writtenMs: -Infinity, isQueued: false };
    this.#series.set(key, series);
    this.#enqueue(series);
  }

  /** Writes events until the signal, then what is left, once, within five seconds. */
  async start(signal: AbortSignal): Promise<void> {
    const { clock = systemClock, random = systemRandom } = this.#options;
    const backoff = new Backoff({ initialMs: 1000, maxMs: 30_000, resetAfterMs: 60_000, clock, random });
    while (!signal.aborted) {
      const series = this.#nextDue();
      if (!series) {
        await this.#untilDue(signal);
        continue;
      }
      try {
        await this.#write(series, signal);
      } catch (error) {
        this.#enqueue(series);
        if (signal.aborted) break;
        this.#log.warn({ err: error }, 'event not written, trying again');
        await sleep(backoff.next(), { clock, signal }).catch(() => undefined);
      }
    }
    await this.#flush();
  }

  /** The message, or one text for all of them once an object has told ten different ones for one reason. */
  #aggregated(prefix: string, message: string): string {
    const note = clipped(message);
    if (this.#series.has(`${prefix} ${note}`)) return note;
    let told = 0;
    for (const [key, series] of this.#series) {
      if (key.startsWith(`${prefix} `) && this.#clock.monotonicMs() - series.lastMs < seriesEndsMs) told++;
    }
    return told >= maxMessages ? '(combined from similar events)' : note;
  }

  #isAffordable(object: string): boolean {
    this.#forget();
    let budget = this.#budgets.get(object);
    if (!budget) this.#budgets.set(object, (budget = new BucketLimiter({ clock: this.#clock, ...spam })));
    return this.#series.size < maxSeries && budget.take();
  }

  /** Series that have ended and are written, and the budgets of objects that have none left. */
  #forget(): void {
    const now = this.#clock.monotonicMs();
    for (const [key, series] of this.#series) {
      if (now - series.lastMs >= seriesEndsMs && series.written === series.count) this.#series.delete(key);
    }
    const live = new Set([...this.#series.values()].map((series) => series.object));
    for (const [object, budget] of this.#budgets) if (!live.has(object) && budget.isFull()) this.#budgets.delete(object);
  }

  #newEvent(object: KubeObject, said: { type: string; reason: string; note: string }): KubeObject {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const at = microTimestamp(this.#clock.now());
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      // Events about objects without namespace live in "default" (client-go does the same).
      metadata: { namespace: namespace || 'default', name: `${name.slice(0, 200)}.${this.#clock.now().getTime().toString(16)}${(this.#names++).toString(16).padStart(4, '0')}` },
      eventTime: at,
      reportingController: this.#options.controller,
      reportingInstance: this.#options.instance.slice(0, 128),
      action: said.reason,
      ...said,
      regarding: { apiVersion: object.apiVersion, kind: object.kind, namespace, name, uid, resourceVersion },
    };
  }

  #enqueue(series: Series): void {
    if (!series.isQueued) {
      series.isQueued = true;
      this.#queue.push(series);
    }
    this.#wake?.();
  }

  #dueMs(series: Series): number {
    return series.count <= 2 ? 0 : series.writtenMs + rewriteMs;
  }

  #nextDue(): Series | undefined {
    const now = this.#clock.monotonicMs();
    const index = this.#queue.findIndex((series) => this.#dueMs(series) <= now);
    if (index < 0) return undefined;
    const [series] = this.#queue.splice(index, 1);
    if (series) series.isQueued = false;
    return series;
  }

  /** Until the first queued series may be written, a new one comes, or the signal. */
  async #untilDue(signal: AbortSignal): Promise<void> {
    const next = Math.min(...this.#queue.map((series) => this.#dueMs(series)), this.#clock.monotonicMs() + seriesEndsMs);
    const pause = new AbortController();
    const wake = (): void => pause.abort();
    this.#wake = wake;
    signal.addEventListener('abort', wake, { once: true });
    if (signal.aborted) wake();
    await sleep(Math.max(0, next - this.#clock.monotonicMs()), { clock: this.#clock, signal: pause.signal }).catch(() => undefined);
    signal.removeEventListener('abort', wake);
    this.#wake = undefined;
  }

  async #write(series: Series, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const { count, event } = series;
    try {
      if (series.written === 0) {
        // The name is ours alone: where it exists, an earlier attempt arrived whose answer did not.
        await client.create(resources.events, event, { signal }).catch((error: unknown) => {
          if (!isKubeError(error, 'KUBE_ALREADY_EXISTS')) throw error;
        });
        series.written = 1;
      }
      if (count > 1) {
        const body = { series: { count, lastObservedTime: microTimestamp(series.lastAt) } };
        await client.patch(resources.events, event.metadata, { type: 'merge', body, signal });
      }
      series.written = count;
      series.writtenMs = this.#clock.monotonicMs();
    } catch (error) {
      // The namespace ends, the event has expired, or admission refuses it: saying it again would not help.
      if (!isKubeError(error, 'KUBE_FORBIDDEN', 'KUBE_NOT_FOUND', 'KUBE_INVALID')) throw error;
      series.written = count;
      series.lastMs = -Infinity;
      this.#log.warn({ err: error }, 'event refused');
    }
  }

  async #flush(): Promise<void> {
    const reason = (): Error => new KubeError('KUBE_TIMEOUT', `write events: not all within ${flushMs} ms of the stop; the rest is lost`);
    const deadline = new Deadline({ ms: flushMs, reason, clock: this.#clock });
    try {
      for (const series of this.#queue.splice(0)) await this.#write(series, deadline.signal);
    } catch (error) {
      this.#log.warn({ err: error }, 'events not written before the end');
    } finally {
      deadline.dispose();
    }
  }
}

function clipped(message: string): string {
  const bytes = Buffer.from(message, 'utf8');
  return bytes.length <= maxNoteBytes ? message : `${bytes.subarray(0, maxNoteBytes - 8).toString('utf8').replace(/\uFFFD+$/, '')}…`;
}
