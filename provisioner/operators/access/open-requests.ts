/** How many requests one person may have open. The decision is made here one at a time, whatever the cache has seen yet. */
import { type ClusterAccess, maxOpenPerRequester } from '../../api/cluster-access.ts';
import { keyOf } from '../../kube/index.ts';
import { isRefused } from './report.ts';

export class OpenRequests {
  /** Key → requester of what was let through; the cache may not have seen it yet. */
  readonly #granted = new Map<string, { readonly uid: string; readonly requester: string }>();

  /** Takes over what an earlier leader issued. */
  learn(access: ClusterAccess): void {
    this.#granted.set(keyOf(access.metadata), { uid: access.metadata.uid ?? '', requester: access.spec.requester.username });
  }

  /** Whether this request is one of those that may be open; the first ones stay. @param all what the cache has */
  grant(access: ClusterAccess, all: readonly ClusterAccess[]): boolean {
    const key = keyOf(access.metadata);
    if (this.#granted.get(key)?.uid === access.metadata.uid) return true;
    const { username } = access.spec.requester;
    const open = new Set(all.filter((other) => other.spec.requester.username === username && other.status?.expiresAt !== undefined && !isRefused(other)).map(({ metadata }) => keyOf(metadata)));
    for (const [other, { requester }] of this.#granted) if (requester === username) open.add(other);
    open.delete(key);
    if (open.size >= maxOpenPerRequester) return false;
    this.learn(access);
    return true;
  }

  /** It has ended, or was refused after all. */
  end(key: string): void {
    this.#granted.delete(key);
  }

  uidOf(key: string): string | undefined {
    return this.#granted.get(key)?.uid;
  }

  has(key: string): boolean {
    return this.#granted.has(key);
  }
}
