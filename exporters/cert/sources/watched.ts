/**
 * What all sources in the API server share: reflectors whose objects are turned into lines as they arrive, a few at a
 * time, and of which nothing but those lines is kept. A reflector that fails never hides what another one knows.
 */
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { isKubeError } from '../../../provisioner/kube/errors.ts';
import { keyOf } from '../../../provisioner/kube/key.ts';
import { Reflector } from '../../../provisioner/kube/reflector.ts';
import type { KubeObject, ObjectMeta, Resource } from '../../../provisioner/kube/types.ts';
import type { Rendered } from '../../core/store.ts';
import type { SkipReason } from '../catalogue.ts';
import type { SourceHooks } from './hooks.ts';

/** What stays of an object. */
export interface Kept extends KubeObject {
  readonly lines: Rendered;
  readonly problems: readonly SkipReason[];
  readonly collisions: number;
}

export interface Selection {
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface WatchedOptions extends SourceHooks {
  readonly client: KubeClient;
  readonly selections: readonly Selection[];
  /** Runs on every object before it is kept; what it does not return is gone. */
  readonly keep: (object: KubeObject) => Kept;
  /** Called after an object has come, changed or gone. */
  readonly onChange?: (type: 'added' | 'modified' | 'deleted', object: Kept) => void;
  /** Whether objects of the namespace count; all by default. */
  readonly isWanted?: (namespace: string) => boolean;
}

/** A page of thirty Secrets is about a quarter of a megabyte: three milliseconds to parse and turn into lines, and garbage that is young enough to go soon. */
export const pageSize = 30;

/** Changes that are written in one turn of the event loop: about two milliseconds. */
const tasksPerTurn = 500;

export class WatchedSource {
  readonly #options: WatchedOptions;
  readonly #reflectors: readonly Reflector<Kept>[];
  readonly #missing = new Set<number>();
  /** What is still to be written: a list brings thousands of changes at once. */
  #tasks: (() => void)[] = [];
  #draining: Promise<void> | undefined;

  constructor(options: WatchedOptions) {
    const { client, selections, clock, log, keep } = options;
    this.#options = options;
    this.#reflectors = selections.map((selection, i) => new Reflector<Kept>({
      client, ...selection, pageSize, clock, log, transform: keep, observer: { ...silent, listed: () => void this.#missing.delete(i), failed: (error) => this.#failed(i, error) },
    }));
  }

  /** Watches until the signal. Resolves when everything has stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (const reflector of this.#reflectors) {
      reflector.onChange(({ type, object }) => this.#later(() => this.#apply(type, object)));
      reflector.start(signal);
      reflector.whenSynced(signal).then(() => this.check(), () => undefined); // rejects only with the signal
    }
    await Promise.all(this.#reflectors.map((reflector) => reflector.whenStopped()));
    await this.#draining;
  }

  /** Tells health how the watches are; to be called now and then. */
  check(): void {
    const { health, clock, store } = this.#options;
    const states = this.#reflectors.map((reflector) => reflector.status());
    const broken = states.filter(({ isSynced, failure }) => failure !== undefined || !isSynced);
    if (this.#draining) return; // comes again when all is written
    const isAnswered = states.every(({ isSynced }, i) => isSynced || this.#missing.has(i));
    if (isAnswered) store.publish();
    if (broken.length > 0) return health.failed(broken.map(({ resource, failure }) => failure ?? `${resource}: not listed yet`).join('; '), isAnswered);
    const silentMs = Math.max(0, ...states.map((state) => state.silentMs ?? 0));
    health.succeeded(new Date(clock.now().getTime() - silentMs), states.reduce((sum, { objects }) => sum + objects, 0));
  }

  /** Every object that is known. */
  items(): Kept[] {
    return this.#reflectors.flatMap((reflector) => reflector.items());
  }

  /** Writes everything that is known again. @param linesOf what is written of an object; by default what was kept of it */
  rewrite(linesOf: (object: Kept) => Rendered = ({ lines }) => lines): void {
    const { store } = this.#options;
    for (const object of this.items()) {
      this.#later(() => {
        if (this.#isWanted(object)) store.set(this.#id(object), linesOf(object));
        else store.delete(this.#id(object));
      });
    }
  }

  #later(task: () => void): void {
    this.#tasks.push(task);
    this.#draining ??= this.#drain();
  }

  /** A few milliseconds at a time, in order. */
  async #drain(): Promise<void> {
    while (this.#tasks.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const now = this.#tasks.slice(0, tasksPerTurn);
      this.#tasks = this.#tasks.slice(tasksPerTurn);
      for (const task of now) task();
    }
    this.#draining = undefined;
    this.check();
  }

  #isWanted({ metadata }: Kept): boolean {
    return this.#options.isWanted?.(metadata.namespace ?? '') ?? true;
  }

  #id({ kind, metadata }: KubeObject): string {
    return `${kind}:${keyOf(metadata)}`;
  }

  #apply(type: 'added' | 'modified' | 'deleted', object: Kept): void {
    const { store, health, onSkipped, onCollision, onChange } = this.#options;
    const isWanted = this.#isWanted(object);
    if (type === 'deleted') store.delete(this.#id(object));
    else if (isWanted) store.set(this.#id(object), object.lines);
    if (type !== 'deleted' && isWanted) {
      if (object.collisions > 0) onCollision(object.collisions);
      for (const reason of object.problems) {
        health.skipped(reason);
        onSkipped(keyOf(object.metadata), reason);
      }
    }
    onChange?.(type, object);
  }

  #failed(reflector: number, error: unknown): void {
    const isMissing = isKubeError(error, 'KUBE_NOT_FOUND');
    if (isMissing) this.#missing.add(reflector);
    this.#options.health.skipped(isMissing ? 'kind_not_installed' : 'list_or_watch_failed');
  }
}

const silent = { watched: () => undefined, stored: () => undefined };

/** The part of an object that a reflector needs to know it again. */
export function bare({ apiVersion, kind, metadata: { name, namespace, uid, resourceVersion } }: KubeObject): { apiVersion: string; kind: string; metadata: ObjectMeta } {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
}
