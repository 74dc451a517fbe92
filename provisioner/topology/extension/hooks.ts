/** Requests and responses of the Runtime Hooks we answer: hooks.runtime.cluster.x-k8s.io/v1alpha1, Cluster API 1.14. */

export const hooksApiVersion = 'hooks.runtime.cluster.x-k8s.io/v1alpha1';

export interface Variable {
  readonly name: string;
  readonly value: unknown;
}

/** What a template is for: `KubeadmControlPlane` or `MachineDeployment` for machine templates, `Cluster` for the rest. */
export interface HolderReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldPath: string;
}

export interface TopologyItem {
  /** Only in GeneratePatches. */
  readonly uid?: string;
  readonly holderReference: HolderReference;
  readonly object: { readonly kind: string; readonly spec?: unknown };
  /** Over the global ones; has its own `builtin`, which adds to the global one. */
  readonly variables?: readonly Variable[];
}

export interface TopologyRequest {
  readonly settings?: Readonly<Record<string, string>>;
  readonly variables?: readonly Variable[];
  readonly items: readonly TopologyItem[];
}

/** Requests of the life cycle hooks: the Cluster has metadata and spec, no status. */
export interface LifecycleRequest {
  readonly settings?: Readonly<Record<string, string>>;
  readonly cluster: {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly uid?: string; readonly generation?: number; readonly annotations?: Readonly<Record<string, string>> };
    readonly spec?: unknown;
  };
  /** In BeforeWorkersUpgrade. */
  readonly toKubernetesVersion?: string;
}

/** `Failure` reaches the condition of the Cluster with its message. */
export interface Outcome {
  readonly status: 'Success' | 'Failure';
  readonly message: string;
}

export interface GeneratePatchesOutcome extends Outcome {
  readonly items?: readonly { readonly uid: string; readonly patchType: 'JSONPatch'; readonly patch: string }[];
}

/** A blocking life cycle hook: with seconds above 0 Cluster API waits that long and asks again. */
export interface BlockingOutcome extends Outcome {
  readonly retryAfterSeconds: number;
}

export const success: Outcome = { status: 'Success', message: '' };
export const failure = (message: string): Outcome => ({ status: 'Failure', message });
