/** The objects a reflector holds, and who is told of their changes. */
import { keyOf } from './key.ts';
import type { Log } from './log.ts';
import type { KubeObject } from './types.ts';

export type Change<T extends KubeObject = KubeObject> =
  | { readonly type: 'added'; readonly object: T; readonly old?: undefined }
  | { readonly type: 'modified'; readonly object: T; readonly old: T }
  | { readonly type: 'deleted'; readonly object: T; readonly old?: undefined };

export class Store<T extends KubeObject> {
  readonly #log: Log;
  readonly #listeners = new Set<(change: Change<T>) => void>();
  #objects = new Map<string, T>();

  constructor(log: Log) {
    this.#log = log;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  items(): T[] {
    return [...this.#objects.values()];
  }

  onChange(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    for (const object of this.#objects.values()) this.#tell(listener, { type: 'added', object });
    return () => void this.#listeners.delete(listener);
  }

  set(key: string, object: T): void {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    this.#emitStep(old, object);
  }

  /** @param final the last state as the server sent it; what is stored where that is not kept */
  delete(key: string, final: T | undefined): void {
    const old = this.#objects.get(key);
    if (!old) return;
    this.#objects.delete(key);
    this.#emit({ type: 'deleted', object: final ?? old });
  }

  /** Exchanges everything at once, then tells the difference: readers never see half a list. */
  replace(objects: Map<string, T>): void {
    const before = this.#objects;
    this.#objects = objects;
    for (const [key, old] of before) if (!objects.has(key)) this.#emit({ type: 'deleted', object: old });
    for (const [key, object] of objects) {
      const old = before.get(key);
      if (!old || !isSameState(old, object)) this.#emitStep(old, object);
    }
  }

  /** Another uid under the same name is another object: the first was deleted while we did not look. */
  #emitStep(old: T | undefined, object: T): void {
    if (old && old.metadata.uid === object.metadata.uid) {
      this.#emit({ type: 'modified', object, old });
      return;
    }
    if (old) this.#emit({ type: 'deleted', object: old });
    this.#emit({ type: 'added', object });
  }

  #emit(change: Change<T>): void {
    for (const listener of this.#listeners) this.#tell(listener, change);
  }

  /** A listener that throws is a defect of its own, not the end of everybody's cache. */
  #tell(listener: (change: Change<T>) => void, change: Change<T>): void {
    try {
      listener(change);
    } catch (error) {
      this.#log.error({ err: error, object: keyOf(change.object.metadata), kind: change.object.kind }, 'a listener of changes threw');
    }
  }
}

function isSameState(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.resourceVersion === b.metadata.resourceVersion && a.metadata.uid === b.metadata.uid;
}
