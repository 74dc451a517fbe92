/** Where an App goes: the API server, how Helm and we get there, and whether the App may. */
import { appServiceAccount } from '../../api/names.ts';
import type { ReleaseRef } from '../../helm/index.ts';
import { keyOf, type KubeClient } from '../../kube/index.ts';
import type { RemoteClusters } from '../remote.ts';
import type { AppObject } from './app-object.ts';

/** The management cluster as a target. */
export interface Management {
  readonly client: KubeClient;
  /** Our own kubeconfig, for Helm; it impersonates with it. */
  readonly kubeconfig: string;
  /** Namespaces of the fleet's owners. */
  readonly ownerNamespaces: readonly string[];
}

export interface Place {
  /** One per API server and identity. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly helm: Pick<ReleaseRef, 'kubeconfig' | 'asUser'>;
  client(): Promise<KubeClient>;
}

export const isManagement = (app: AppObject): boolean => app.spec.target === 'Management';

/** The Cluster of an App; undefined for one of the management cluster. */
export function clusterRef(app: AppObject): { readonly namespace: string; readonly name: string } | undefined {
  return isManagement(app) || app.spec.cluster === undefined ? undefined : { namespace: app.metadata.namespace ?? '', name: app.spec.cluster };
}

export class Places {
  readonly #remotes: RemoteClusters;
  readonly #management: Management | undefined;
  readonly #impersonating = new Map<string, KubeClient>();

  constructor(o: { readonly remotes: RemoteClusters; readonly management?: Management | undefined }) {
    this.#remotes = o.remotes;
    this.#management = o.management;
  }

  /** Why the App must not act on its target, for good; undefined where it may. */
  refusal(app: AppObject): string | undefined {
    const { namespace = '' } = app.metadata;
    const ref = clusterRef(app);
    if (!ref) {
      if (!this.#management) return 'this operator does not install into the management cluster';
      return this.#management.ownerNamespaces.includes(namespace) ? undefined : `namespace ${namespace} is none of the fleet's owners; only those may act on the management cluster`;
    }
    const problem = this.#remotes.problem(ref);
    return problem === undefined ? undefined : `Secret ${ref.name}-kubeconfig: ${problem}`;
  }

  /** undefined while the cluster has no kubeconfig, or where the App is refused. */
  of(app: AppObject): Place | undefined {
    if (this.refusal(app) !== undefined) return undefined;
    const ref = clusterRef(app);
    return ref ? this.#workload(ref) : this.#own(app.metadata.namespace ?? '');
  }

  close(): void {
    for (const client of this.#impersonating.values()) client.close();
    this.#impersonating.clear();
  }

  #workload(ref: { readonly namespace: string; readonly name: string }): Place | undefined {
    const kubeconfig = this.#remotes.kubeconfig(ref);
    if (kubeconfig === undefined) return undefined;
    const client = async (): Promise<KubeClient> => {
      const found = await this.#remotes.client(ref);
      if (!found) throw new Error(`the kubeconfig of ${ref.name} is gone`);
      return found;
    };
    return { key: keyOf(ref), name: ref.name, helm: { kubeconfig: { content: kubeconfig } }, client };
  }

  #own(namespace: string): Place | undefined {
    const management = this.#management;
    if (!management) return undefined;
    const asUser = `system:serviceaccount:${namespace}:${appServiceAccount}`;
    const known = this.#impersonating.get(namespace) ?? management.client.fork({ impersonate: asUser });
    this.#impersonating.set(namespace, known);
    return { key: `management as ${namespace}`, name: 'the management cluster', helm: { kubeconfig: { content: management.kubeconfig }, asUser }, client: () => Promise.resolve(known) };
  }
}
