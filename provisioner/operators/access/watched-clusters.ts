/** What is watched in workload clusters: namespaces, and the RBAC objects that are ours. Only in clusters that have any. */
import { type KubeClient, keyOf, type KubeObject, Reflector, resources } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import type { RemoteClusters } from '../remote.ts';
import { type RbacObject, rightsSelector } from './wanted.ts';

interface ClusterRef {
  readonly namespace: string;
  readonly name: string;
}

/** A workload cluster as it is now. */
export interface WatchedCluster {
  readonly client: KubeClient;
  namespaces(): KubeObject[];
  rights(): RbacObject[];
}

interface Watched extends WatchedCluster {
  readonly abort: AbortController;
  readonly synced: Promise<unknown>;
}

/** How long a cluster may take for its first lists. */
const syncedWithinMs = 15_000;
export const rightsResources = [resources.clusterRoles, resources.clusterRoleBindings, resources.roleBindings] as const;

export class WatchedClusters {
  readonly #context: OperatorContext;
  readonly #remotes: RemoteClusters;
  readonly #onNews: (cluster: ClusterRef) => void;
  readonly #watched = new Map<string, Watched>();

  /** @param o.onNews a namespace came, changed or went, or one of our objects is no longer as it was */
  constructor(o: { readonly context: OperatorContext; readonly remotes: RemoteClusters; readonly onNews: (cluster: ClusterRef) => void }) {
    this.#context = o.context;
    this.#remotes = o.remotes;
    this.#onNews = o.onNews;
  }

  /** Starts watching where needed and waits for the first lists. undefined while there is no kubeconfig. @throws the cluster does not answer in time */
  async get(cluster: ClusterRef, signal: AbortSignal): Promise<WatchedCluster | undefined> {
    const client = await this.#remotes.client(cluster);
    const known = this.#watched.get(keyOf(cluster));
    // Another client: the kubeconfig has changed, and the old connections are closed.
    if (known && known.client !== client) this.forget(cluster);
    if (!client) return undefined;
    const watched = this.#watched.get(keyOf(cluster)) ?? this.#watch(cluster, client);
    await Promise.race([watched.synced, rejection(AbortSignal.any([signal, AbortSignal.timeout(syncedWithinMs)]))]);
    return watched;
  }

  /** The rights of a cluster that nothing is wanted in: one look. undefined while there is no kubeconfig. */
  async look(cluster: ClusterRef, signal: AbortSignal): Promise<{ readonly client: KubeClient; readonly rights: readonly RbacObject[] } | undefined> {
    const client = await this.#remotes.client(cluster);
    if (!client) return undefined;
    const lists = await Promise.all(rightsResources.map((resource) => client.list<RbacObject>(resource, { labelSelector: rightsSelector, signal })));
    return { client, rights: lists.flatMap(({ items }) => items) };
  }

  /** Ends its watches, for when nothing is wanted there any more or it is gone. */
  forget(cluster: ClusterRef): void {
    const key = keyOf(cluster);
    this.#watched.get(key)?.abort.abort(new Error(`cluster ${key} is no longer watched`));
    this.#watched.delete(key);
  }

  close(): void {
    for (const { abort } of this.#watched.values()) abort.abort(new Error('the operator stops'));
    this.#watched.clear();
  }

  #watch(cluster: ClusterRef, client: KubeClient): Watched {
    const { log, clock, random } = this.#context;
    const abort = new AbortController();
    const seams = { client, log, clock, random };
    const namespaces = new Reflector<KubeObject>({ ...seams, resource: resources.namespaces, transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }) });
    const rights = rightsResources.map((resource) => new Reflector<RbacObject>({ ...seams, resource, labelSelector: rightsSelector }));
    for (const reflector of [namespaces, ...rights]) {
      reflector.start(abort.signal);
      reflector.onChange(() => this.#onNews(cluster));
    }
    const watched: Watched = {
      client, abort, synced: Promise.all([namespaces, ...rights].map((reflector) => reflector.whenSynced(abort.signal))),
      namespaces: () => namespaces.items(), rights: () => rights.flatMap((reflector) => reflector.items()),
    };
    watched.synced.catch(() => undefined);
    this.#watched.set(keyOf(cluster), watched);
    return watched;
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
