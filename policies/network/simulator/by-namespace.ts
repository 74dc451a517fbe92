/** Items that are bound to one namespace or to none, so that only those are looked at that can concern an identity. */
import type { Identity } from './identity.ts';
import { podNamespace } from './labels.ts';

export class ByNamespace {
  readonly #indexes = new Map<string | undefined, number[]>();

  /** @param namespaceOf undefined for an item that may concern any identity */
  constructor(items: readonly unknown[], namespaceOf: (i: number) => string | undefined) {
    for (let i = 0; i < items.length; i++) {
      const namespace = namespaceOf(i);
      const list = this.#indexes.get(namespace);
      if (list) list.push(i);
      else this.#indexes.set(namespace, [i]);
    }
  }

  /** Indexes of the items that can concern an identity, in order. */
  near(identity: Identity): number[] {
    const namespace = identity.labels.get(podNamespace)?.value;
    const own = namespace === undefined ? [] : (this.#indexes.get(namespace) ?? []);
    return [...(this.#indexes.get(undefined) ?? []), ...own].sort((a, b) => a - b);
  }
}
