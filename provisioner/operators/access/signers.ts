/** The signer of each workload cluster: made when first needed, made again when its kubeconfig has changed. */
import { type KubeClient, keyOf } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import type { RemoteClusters } from '../remote.ts';
import { signerClient } from './signer-identity.ts';

interface ClusterRef {
  readonly namespace: string;
  readonly name: string;
}

export class Signers {
  readonly #context: OperatorContext;
  readonly #remotes: RemoteClusters;
  readonly #known = new Map<string, { readonly admin: KubeClient; readonly signer: Promise<KubeClient> }>();

  constructor(o: { readonly context: OperatorContext; readonly remotes: RemoteClusters }) {
    this.#context = o.context;
    this.#remotes = o.remotes;
  }

  /** @throws {KubeError}; OperatorError SIGNING_FAILED where the kubeconfig went meanwhile */
  async get(cluster: ClusterRef, signal: AbortSignal): Promise<KubeClient> {
    const admin = await this.#remotes.client(cluster);
    const kubeconfig = this.#remotes.kubeconfig(cluster);
    if (!admin || kubeconfig === undefined) throw new OperatorError('SIGNING_FAILED', `cluster ${keyOf(cluster)} has no kubeconfig any more`);
    const known = this.#known.get(keyOf(cluster));
    if (known?.admin === admin) return await known.signer;
    this.forget(cluster);
    const signer = signerClient(admin, { kubeconfig, clock: this.#context.clock, signal });
    this.#known.set(keyOf(cluster), { admin, signer });
    signer.catch(() => this.forget(cluster));
    return await signer;
  }

  forget(cluster: ClusterRef): void {
    const known = this.#known.get(keyOf(cluster));
    this.#known.delete(keyOf(cluster));
    known?.signer.then((client) => client.close(), () => undefined);
  }

  close(): void {
    for (const { signer } of this.#known.values()) signer.then((client) => client.close(), () => undefined);
    this.#known.clear();
  }
}
