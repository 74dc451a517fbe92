/**
 * A copy of one resource in memory, kept by list and watch: what client-go calls Reflector and Store. It never gives
 * up; whatever the API server does, the copy becomes true again once it answers.
 */
import { Backoff } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { type Clock, type Random, sleep, systemClock, systemRandom, untilAborted } from './clock.ts';
import { isKubeError, KubeError } from './errors.ts';
import { keyOf } from './key.ts';
import { type Log, silentLog } from './log.ts';
import { type Change, Store } from './store.ts';
import type { KubeObject, ObjectRef, Resource, WatchEvent } from './types.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource;
  /** One namespace; all of them when absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** What to keep of an object: drop what is not read, it is most of the memory, but keep uid and resourceVersion. undefined keeps nothing of it. managedFields are gone before. */
  readonly transform?: ((object: T) => T | undefined) | undefined;
  /**
   * Read lists in pages of so many objects: bounds the memory of one answer and the time that parsing it blocks. Lists
   * are then consistent reads. Default: one answer from the watch cache.
   */
  readonly pageSize?: number | undefined;
  /** Silence after which a watch counts as half open; default 90 s, see watch.ts. */
  readonly silenceMs?: number | undefined;
  readonly observer?: ReflectorObserver | undefined;
  readonly log?: Log | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

/** What a reflector tells about itself; see metrics.ts. */
export interface ReflectorObserver {
  listed(seconds: number, objects: number): void;
  watched(seconds: number, events: number): void;
  /** A list or watch failed; another follows after a pause. */
  failed(error: unknown): void;
  stored(objects: number): void;
}

export interface ReflectorStatus {
  readonly resource: string;
  readonly isSynced: boolean;
  readonly objects: number;
  /** Monotonic age of the last word from the API server; undefined before the first. */
  readonly silentMs: number | undefined;
  /** Why the last list or watch failed; undefined while all is well. */
  readonly failure: string | undefined;
}

/** client-go's reflector: 0.8 s doubling to 30 s, jitter 1, forgotten after two minutes. */
const pauses = { initialMs: 800, maxMs: 30_000, resetAfterMs: 120_000 };

/** A watch that ends so soon without an event is a failure in disguise. */
const shortWatchMs = 1000;

export class Reflector<T extends KubeObject = KubeObject> {
  readonly resource: Resource;
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backoff: Backoff;
  readonly #store: Store<T>;
  readonly #synced = Promise.withResolvers<void>();
  #done: Promise<void> | undefined;
  #isSynced = false;
  /** Of the last list, event or bookmark. */
  #resourceVersion: string | undefined;
  #mustList = true;
  /** The server no longer knows our resourceVersion (compacted, or restored from a backup): only a consistent read helps. */
  #isVersionLost = false;
  #listedAtMs = -Infinity;
  #heardAtMs: number | undefined;
  #failure: string | undefined;

  constructor(options: ReflectorOptions<T>) {
    const { resource, clock = systemClock, random = systemRandom, log = silentLog } = options;
    this.resource = resource;
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#backoff = new Backoff({ ...pauses, clock, random });
    this.#store = new Store(log);
  }

  /** Begins to list and watch, until the signal. Further calls do nothing: a reflector may be shared by controllers. */
  start(signal: AbortSignal): void {
    this.#done ??= this.#run(signal);
  }

  /** Resolves when the reflector has ended after its signal, with no timer and no socket left. */
  async whenStopped(): Promise<void> {
    await this.#done;
  }

  /** Resolves after the first complete list; rejects only with the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void> {
    return untilAborted(this.#synced.promise, signal);
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** The stored object itself: do not change it. */
  get(ref: ObjectRef): T | undefined {
    return this.#store.get(keyOf(ref));
  }

  /** All stored objects, in no promised order: do not change them. */
  items(): T[] {
    return this.#store.items();
  }

  /** Every change from now on, and what is stored already as 'added', at once. Returns how to stop listening. */
  onChange(listener: (change: Change<T>) => void): () => void {
    return this.#store.onChange(listener);
  }

  status(): ReflectorStatus {
    return {
      resource: this.#name,
      isSynced: this.#isSynced,
      objects: this.#store.size,
      silentMs: this.#heardAtMs === undefined ? undefined : this.#clock.monotonicMs() - this.#heardAtMs,
      failure: this.#failure,
    };
  }

  get #name(): string {
    const { resource, namespace } = this.#options;
    return `${resource.plural}${resource.group === '' ? '' : `.${resource.group}`}${namespace ? ` in ${namespace}` : ''}`;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#mustList) await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(error, signal);
      }
    }
  }

  /** First from the watch cache ("0": cheap, perhaps a little old), later not older than what we had, consistent where that version is lost. */
  async #list(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector } = this.#options;
    const startedMs = this.#clock.monotonicMs();
    const { pageSize } = this.#options;
    const from = this.#isVersionLost || pageSize ? undefined : (this.#resourceVersion ?? '0');
    // Pages exist only in consistent reads; a limit with a version would send the list past the watch cache to etcd (client-go, reflector.go).
    const limit = from === undefined ? pageSize : 0;
    let objects = new Map<string, T>();
    let resourceVersion = '';
    for await (const page of client.pages<T>(resource, { namespace, labelSelector, fieldSelector, limit, resourceVersion: from, signal })) {
      if (page.isRestart) objects = new Map();
      for (const item of page.items) {
        const key = keyOf(item.metadata);
        const kept = this.#keep(item);
        if (kept) objects.set(key, kept);
      }
      resourceVersion = page.resourceVersion;
    }
    signal.throwIfAborted();
    this.#mustList = false;
    this.#isVersionLost = false;
    this.#listedAtMs = this.#clock.monotonicMs();
    this.#heard(resourceVersion);
    this.#store.replace(objects);
    this.#isSynced = true;
    this.#synced.resolve();
    const seconds = (this.#clock.monotonicMs() - startedMs) / 1000;
    this.#options.observer?.listed(seconds, objects.size);
    this.#options.observer?.stored(objects.size);
    this.#log.debug({ resource: this.#name, objects: objects.size, seconds }, 'listed');
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector, silenceMs } = this.#options;
    const resourceVersion = this.#resourceVersion ?? '0';
    const startedMs = this.#clock.monotonicMs();
    let events = 0;
    try {
      for await (const event of client.watch<T>(resource, { namespace, labelSelector, fieldSelector, resourceVersion, silenceMs, signal })) {
        signal.throwIfAborted();
        events++;
        this.#apply(event);
      }
    } finally {
      this.#options.observer?.watched((this.#clock.monotonicMs() - startedMs) / 1000, events);
    }
    if (events === 0 && this.#clock.monotonicMs() - startedMs < shortWatchMs) {
      throw new KubeError('KUBE_UNREACHABLE', `watch ${this.#name}: ended at once without an event; is something between us and the API server cutting it?`);
    }
  }

  #apply(event: WatchEvent<T>): void {
    const { resourceVersion } = event.object.metadata;
    if (event.type !== 'BOOKMARK') {
      const key = keyOf(event.object.metadata);
      const kept = this.#keep(event.object);
      if (event.type === 'DELETED' || !kept) this.#store.delete(key, kept);
      else this.#store.set(key, kept);
      this.#options.observer?.stored(this.#store.size);
    }
    this.#heard(resourceVersion);
  }

  #keep(object: T): T | undefined {
    delete object.metadata['managedFields'];
    return this.#options.transform ? this.#options.transform(object) : object;
  }

  #heard(resourceVersion: string | undefined): void {
    if (resourceVersion) this.#resourceVersion = resourceVersion;
    this.#heardAtMs = this.#clock.monotonicMs();
    this.#failure = undefined;
  }

  /** Decides where to go on after a failure, and waits. A broken watch resumes at its version; only a version the server refuses costs a list. */
  async #recover(error: unknown, signal: AbortSignal): Promise<void> {
    // A version grows old by itself: etcd forgets it after five minutes (--etcd-compaction-interval). That is no fault of the server, and a list may follow at once.
    const isAged = isKubeError(error, 'KUBE_GONE') && !this.#mustList && this.#clock.monotonicMs() - this.#listedAtMs > pauses.maxMs;
    const isRefusedVersion = isKubeError(error, 'KUBE_GONE') || (isKubeError(error) && error.causes.includes('ResourceVersionTooLarge'));
    if (isRefusedVersion) {
      this.#isVersionLost = this.#mustList;
      this.#mustList = true;
    }
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#options.observer?.failed(error);
    const wishMs = isKubeError(error) ? (error.retryAfterMs ?? 0) : 0;
    const pauseMs = isAged ? 0 : Math.max(this.#backoff.next(), wishMs);
    this.#log.warn({ err: error, resource: this.#name, pauseMs: Math.round(pauseMs) }, 'list or watch failed, going on after a pause');
    await sleep(pauseMs, { clock: this.#clock, signal }).catch(() => undefined); // the loop sees the signal
  }
}
