/** The API servers of workload clusters, by the kubeconfig that Cluster API keeps in a Secret beside each Cluster. */
import { kubeconfigSecretName } from '../api/names.ts';
import { fromKubeconfig, keyOf, type KubeClient, type KubeObject, Reflector, resources } from '../kube/index.ts';
import type { OperatorContext } from './context.ts';
import { OperatorError } from './errors.ts';
import { kubeconfigProblem } from './kubeconfig-problem.ts';

export interface KubeconfigSecret extends KubeObject {
  readonly data?: { readonly value?: string };
}

interface ClusterRef {
  readonly namespace: string;
  readonly name: string;
}

interface Known {
  readonly resourceVersion: string | undefined;
  readonly client: Promise<KubeClient>;
}

/** An App looks at its cluster for a moment, every ten minutes in a large fleet: the connections of a thousand clusters would be most of the memory. */
const idleMs = 500;
const suffix = kubeconfigSecretName('');

/** Watches the kubeconfig Secrets of all Clusters and nothing else. Cluster API gives its Secrets a type of its own. */
export function kubeconfigSecrets(context: OperatorContext): Reflector<KubeconfigSecret> {
  return new Reflector<KubeconfigSecret>({
    client: context.client, log: context.log, clock: context.clock, random: context.random,
    resource: resources.secrets, fieldSelector: 'type=cluster.x-k8s.io/secret', pageSize: 500,
    observer: context.metrics?.reflectorObserver('secrets of kubeconfigs'),
    transform: (secret) => (secret.metadata.name.endsWith(suffix) ? secret : undefined),
  });
}

/** The Cluster a kubeconfig Secret belongs to, as a key. */
export function clusterOfKubeconfig(secret: KubeObject): string {
  return keyOf({ namespace: secret.metadata.namespace, name: secret.metadata.name.slice(0, -suffix.length) });
}

/** Clients of workload clusters: one per cluster, made when first asked for, made again when its Secret has changed. */
export class RemoteClusters {
  readonly #secrets: Pick<Reflector<KubeconfigSecret>, 'get'>;
  readonly #userAgent: string;
  readonly #clients = new Map<string, Known>();
  /** By Secret as the cache holds it: another content is another object. */
  readonly #problems = new WeakMap<KubeconfigSecret, { readonly problem: string | undefined }>();

  constructor(o: { readonly secrets: Pick<Reflector<KubeconfigSecret>, 'get'>; readonly userAgent?: string }) {
    this.#secrets = o.secrets;
    this.#userAgent = o.userAgent ?? 'keelson-operator';
  }

  /** The kubeconfig as YAML; undefined while there is none. */
  kubeconfig(cluster: ClusterRef): string | undefined {
    const value = this.#secret(cluster)?.data?.value;
    return value ? Buffer.from(value, 'base64').toString('utf8') : undefined;
  }

  /** Why the kubeconfig must not be used; undefined where it may, or while there is none. */
  problem(cluster: ClusterRef): string | undefined {
    const secret = this.#secret(cluster);
    const kubeconfig = this.kubeconfig(cluster);
    if (!secret || kubeconfig === undefined) return undefined;
    const known = this.#problems.get(secret) ?? { problem: kubeconfigProblem(kubeconfig) };
    this.#problems.set(secret, known);
    return known.problem;
  }

  /** undefined while there is no kubeconfig. @throws {KubeError} KUBE_CONFIG where it cannot be used. @throws {OperatorError} KUBECONFIG_REFUSED where it must not be */
  async client(cluster: ClusterRef): Promise<KubeClient | undefined> {
    const kubeconfig = this.kubeconfig(cluster);
    const resourceVersion = this.#secret(cluster)?.metadata.resourceVersion;
    const key = keyOf(cluster);
    const known = this.#clients.get(key);
    if (known && kubeconfig !== undefined && known.resourceVersion === resourceVersion) return await known.client;

    this.forget(cluster);
    if (kubeconfig === undefined) return undefined;
    const problem = this.problem(cluster);
    if (problem !== undefined) throw new OperatorError('KUBECONFIG_REFUSED', `Secret ${kubeconfigSecretName(cluster.name)}: ${problem}`);
    const client = fromKubeconfig(kubeconfig, { userAgent: this.#userAgent, timeoutMs: 15_000, maxSockets: 4, idleMs });
    this.#clients.set(key, { resourceVersion, client });
    client.catch(() => this.#clients.delete(key));
    return await client;
  }

  /** Closes the connections to a cluster, for when it is gone. */
  forget(cluster: ClusterRef): void {
    const key = keyOf(cluster);
    const known = this.#clients.get(key);
    this.#clients.delete(key);
    known?.client.then((client) => client.close(), () => undefined);
  }

  close(): void {
    for (const { client } of this.#clients.values()) client.then((c) => c.close(), () => undefined);
    this.#clients.clear();
  }

  #secret(cluster: ClusterRef): KubeconfigSecret | undefined {
    return this.#secrets.get({ namespace: cluster.namespace, name: kubeconfigSecretName(cluster.name) });
  }
}
