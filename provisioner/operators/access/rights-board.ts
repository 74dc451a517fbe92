/** What is known of the rights in each cluster: for the status of AccessBindings and for metrics. In memory; a new leader looks again. */
import type { AccessBinding } from '../../api/access-binding.ts';
import { keyOf } from '../../kube/index.ts';

interface ClusterRef {
  readonly namespace: string;
  readonly name: string;
}

export type RightsState = 'applied' | 'pending' | 'failed';

interface Entry {
  readonly state: RightsState;
  /** Binding → generation that the state is about. */
  readonly generations: ReadonlyMap<string, number | undefined>;
}

export class RightsBoard {
  readonly #entries = new Map<string, Entry>();
  readonly #onChange: (bindings: readonly string[]) => void;

  /** @param onChange keys of bindings whose state in some cluster may be another now */
  constructor(onChange: (bindings: readonly string[]) => void) {
    this.#onChange = onChange;
  }

  applied(cluster: ClusterRef, bindings: readonly AccessBinding[]): void {
    this.#set(cluster, 'applied', bindings);
  }

  /** The cluster is not there yet. */
  pending(cluster: ClusterRef, bindings: readonly AccessBinding[]): void {
    this.#set(cluster, 'pending', bindings);
  }

  failed(cluster: ClusterRef, bindings: readonly AccessBinding[]): void {
    this.#set(cluster, 'failed', bindings);
  }

  forget(cluster: ClusterRef): void {
    const known = this.#entries.get(keyOf(cluster));
    this.#entries.delete(keyOf(cluster));
    if (known) this.#onChange([...known.generations.keys()]);
  }

  /** Whether the cluster has the rights of this generation of the binding. */
  isApplied(cluster: ClusterRef, binding: AccessBinding): boolean {
    const entry = this.#entries.get(keyOf(cluster));
    return entry?.state === 'applied' && entry.generations.has(keyOf(binding.metadata)) && entry.generations.get(keyOf(binding.metadata)) === binding.metadata.generation;
  }

  states(): { readonly cluster: string; readonly state: RightsState }[] {
    return [...this.#entries].map(([cluster, { state }]) => ({ cluster, state }));
  }

  #set(cluster: ClusterRef, state: RightsState, bindings: readonly AccessBinding[]): void {
    const key = keyOf(cluster);
    const old = this.#entries.get(key);
    const generations = new Map(bindings.map(({ metadata }) => [keyOf(metadata), metadata.generation]));
    this.#entries.set(key, { state, generations });
    this.#onChange([...new Set([...generations.keys(), ...(old?.generations.keys() ?? [])])]);
  }
}
