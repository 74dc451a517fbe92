/**
 * Whom a component talks to, stated once, as data. Network policies, security group rules and the simulator read
 * contracts; nothing states a port a second time.
 */

export type Protocol = 'TCP' | 'UDP' | 'ICMP';

export interface Port {
  readonly protocol: Protocol;
  /** Not given for ICMP. */
  readonly port?: number;
  /** Last port of a range that starts at `port`. */
  readonly endPort?: number;
  /** What speaks there: "metrics", "webhook", "dns". */
  readonly name: string;
}

/** Pods of one component, in the namespace its chart is installed to. */
export interface Endpoint {
  readonly component: string;
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  /** Pods in the node's network have the node's address: policies by pod labels do not see them. */
  readonly hostNetwork?: boolean;
}

/** The other end of a flow. */
export type Peer =
  | { readonly kind: 'component'; readonly component: string }
  /** The API server, wherever it runs. */
  | { readonly kind: 'apiServer' }
  | { readonly kind: 'nodes' }
  | { readonly kind: 'anyPod' }
  /** Addresses outside the cluster; `description` says which and why. */
  | { readonly kind: 'outside'; readonly cidrs: readonly string[]; readonly description: string };

export interface Flow {
  readonly peer: Peer;
  readonly ports: readonly Port[];
  /** Why this flow exists; appears in the rendered policy. */
  readonly reason: string;
}

/** One component's side of every conversation. What it serves must be asked for by the other side's `calls`, and the other way round. */
export interface Contract {
  readonly of: Endpoint;
  readonly serves: readonly Flow[];
  readonly calls: readonly Flow[];
}
