/**
 * Runs a reconciler over keys, as controller-runtime's Controller does. Level-based: a key says that something about an
 * object may have changed, never what; the reconciler reads the world as it is and makes it as it should be.
 */
import { type Clock, Deadline, type Random, sleep, systemClock, systemRandom } from './clock.ts';
import { isKubeError, KubeError } from './errors.ts';
import { keyOf, parseKey } from './key.ts';
import { type Log, silentLog } from './log.ts';
import { type QueueObserver, type Urgency, WorkQueue } from './queue.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { ReflectorStatus } from './reflector.ts';
import type { Change } from './store.ts';
import type { KubeObject } from './types.ts';

/** What a controller needs of a reflector; Reflector<T> is one for every T. */
export interface ChangeSource<T extends KubeObject = KubeObject> {
  start(signal: AbortSignal): void;
  whenSynced(signal?: AbortSignal): Promise<void>;
  whenStopped(): Promise<void>;
  readonly isSynced: boolean;
  onChange(listener: (change: Change<T>) => void): () => void;
  status(): ReflectorStatus;
}

export interface Source<T extends KubeObject = KubeObject> {
  readonly reflector: ChangeSource<T>;
  /** The keys to reconcile for an object, as `keyOf` writes them; by default its own. Asked for the old and the new state. */
  keys?(object: T): readonly string[];
  /** Whether a change matters; by default all do. */
  isRelevant?(change: Change<T>): boolean;
  /** How urgent a change is; undefined: as the controller's `urgencyOf` says of the key. */
  urgency?(change: Change<T>): Urgency | undefined;
}

/** Ties the type of a reflector to that of its functions: `sources: [source({ reflector: clusters }), source({ reflector: apps, keys: (app) => … })]`. */
export function source<T extends KubeObject>(s: Source<T>): Source {
  return s as Source;
}

export interface Request {
  /** "" for kinds without. */
  readonly namespace: string;
  readonly name: string;
}

export interface ReconcileResult {
  /**
   * Come back after this time although nothing changed. Give one wherever a reconcile makes other objects: what is made and
   * deleted between two lists, after a version that the server refused, is in no list and no event (as with client-go's informers).
   */
  readonly requeueAfterMs?: number | undefined;
}

export interface ControllerOptions {
  readonly name: string;
  /** Keys worked on at a time, default 1. */
  readonly workers?: number | undefined;
  readonly sources: readonly Source[];
  /** A throw is a failure: the key comes again after a growing pause. The signal fires on stop and after `timeoutMs`. */
  readonly reconcile: (request: Request, signal: AbortSignal) => Promise<ReconcileResult | void>;
  /** For one reconcile, default 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** How long `start` waits on stop for reconciles that do not heed their signal, default 25 s (pods have 30). */
  readonly graceMs?: number | undefined;
  readonly rateLimiter?: RateLimiter | undefined;
  /** Which keys come before others that wait, asked whenever one is added; one worker is then kept for what is urgent now. By default all are equal. */
  readonly urgencyOf?: ((request: Request) => Urgency) | undefined;
  readonly metrics?: ControllerMetrics | undefined;
  readonly log?: Log | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** What the metrics of a process offer its controllers; see metrics.ts. */
export interface ControllerMetrics {
  queueObserver(name: string, processingMs: () => readonly number[]): QueueObserver;
  reconcileObserver(name: string, workers: number): ReconcileObserver;
}
export interface ReconcileObserver {
  started(): void;
  finished(result: 'success' | 'requeue_after' | 'error', seconds: number): void;
}

const defaultTimeoutMs = 600_000;
const defaultGraceMs = 25_000;

export class Controller {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly #options: ControllerOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #queue: WorkQueue;
  readonly #observer: ReconcileObserver | undefined;

  constructor(options: ControllerOptions) {
    const { name, metrics, clock = systemClock, random = systemRandom, rateLimiter, urgencyOf } = options;
    this.name = name;
    this.sources = options.sources;
    this.#options = options;
    this.#clock = clock;
    this.#log = options.log ?? silentLog;
    this.#queue = new WorkQueue({
      clock, random, rateLimiter, observer: metrics?.queueObserver(name, () => this.#queue.processingMs()),
      ...(urgencyOf ? { urgencyOf: (key: string) => urgencyOf(parseKey(key)), calmAtOnce: Math.max(1, (options.workers ?? 1) - 1) } : {}),
    });
    this.#observer = metrics?.reconcileObserver(name, options.workers ?? 1);
  }

  /** Asks for a key from outside the sources, such as a timer or a webhook. */
  enqueue(ref: { readonly namespace?: string | undefined; readonly name: string }): void {
    this.#queue.add(keyOf(ref));
  }

  /** Starts the sources, waits for all of them to be synced, works until the signal; resolves when no reconcile runs any more. Once per controller. */
  async start(signal: AbortSignal): Promise<void> {
    const stopListening = this.sources.map((s) => s.reflector.onChange((change) => this.#enqueueFor(s, change)));
    try {
      for (const { reflector } of this.sources) reflector.start(signal);
      await Promise.all(this.sources.map((s) => s.reflector.whenSynced(signal)));
      this.#log.info({ controller: this.name, workers: this.#options.workers ?? 1 }, 'controller works');
      await this.#work(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const stop of stopListening) stop();
      this.#queue.shutDown();
    }
  }

  /** The state of every source, for people who ask why nothing happens. */
  status(): { readonly name: string; readonly queued: number; readonly sources: readonly ReflectorStatus[] } {
    return { name: this.name, queued: this.#queue.length, sources: this.sources.map((s) => s.reflector.status()) };
  }

  #enqueueFor(s: Source, change: Change): void {
    if (s.isRelevant && !s.isRelevant(change)) return;
    const objects = change.old ? [change.old, change.object] : [change.object];
    const keys = new Set(objects.flatMap((object) => (s.keys ? s.keys(object) : [keyOf(object.metadata)])));
    for (const key of keys) this.#queue.add(key, s.urgency?.(change));
  }

  async #work(signal: AbortSignal): Promise<void> {
    const workers = Promise.all(Array.from({ length: this.#options.workers ?? 1 }, () => this.#worker(signal)));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#queue.shutDown();
    await this.#drain(workers);
  }

  /** The workers' end, or the end of patience. */
  async #drain(workers: Promise<unknown>): Promise<void> {
    const graceMs = this.#options.graceMs ?? defaultGraceMs;
    const patience = new AbortController();
    const late = sleep(graceMs, { clock: this.#clock, signal: patience.signal }).then(
      () => this.#log.error({ controller: this.name, graceMs }, 'reconciles still run after the stop and are left behind'),
      () => undefined,
    );
    await Promise.race([workers, late]);
    patience.abort();
  }

  async #worker(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      try {
        await this.#reconcile(key, signal);
      } finally {
        this.#queue.done(key);
      }
    }
  }

  async #reconcile(key: string, signal: AbortSignal): Promise<void> {
    const request = parseKey(key);
    const ms = this.#options.timeoutMs ?? defaultTimeoutMs;
    const reason = (): Error => new KubeError('KUBE_TIMEOUT', `reconcile ${this.name} ${key}: not done within ${ms} ms; it is tried again`);
    const deadline = new Deadline({ ms, reason, clock: this.#clock, parent: signal });
    const startedMs = this.#clock.monotonicMs();
    const seconds = (): number => (this.#clock.monotonicMs() - startedMs) / 1000;
    this.#observer?.started();
    try {
      const result = await this.#options.reconcile(request, deadline.signal);
      this.#queue.forget(key);
      const requeueAfterMs = result?.requeueAfterMs;
      if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs);
      this.#observer?.finished(requeueAfterMs === undefined ? 'success' : 'requeue_after', seconds());
    } catch (error) {
      this.#observer?.finished('error', seconds());
      if (!signal.aborted) this.#retry(key, error);
    } finally {
      deadline.dispose();
    }
  }

  /** A conflict means that our cache was a moment behind, which the retry cures: no news for people. */
  #retry(key: string, error: unknown): void {
    const fields = { err: error, controller: this.name, key, failures: this.#queue.failures(key) + 1 };
    if (isKubeError(error, 'KUBE_CONFLICT')) this.#log.debug(fields, 'conflict, trying again');
    else this.#log.error(fields, 'reconcile failed, trying again after a pause');
    this.#queue.addRateLimited(key);
  }
}
