/**
 * Whom a component talks to, stated once, as data: policies are generated from it, and policies of anybody are checked
 * against it. A conversation between two components is stated by the one that begins it (`calls`), and names the other
 * one's listener: no port is stated twice. `serves` is for callers that have no contract.
 */

/** A target port: what a pod listens on, after service translation. Policies never see a Service's port. */
export type Port =
  | { readonly protocol: 'TCP' | 'UDP'; readonly port: number; /** Last port of a range that starts at `port`. */ readonly endPort?: number }
  /** `icmpType` 8: echo request. */
  | { readonly protocol: 'ICMP'; readonly icmpType: number };

/** What speaks at a listener. Prometheus calls every `metrics` there is. */
export type Purpose = 'metrics' | 'webhook' | 'dns' | 'api' | 'health' | 'mesh';

export interface Listener {
  readonly ports: readonly Port[];
  readonly purpose: Purpose;
  /** The kubelet of the pod's own node asks here whether it lives. */
  readonly isProbed?: true;
}

/** Which pods a contract is about. */
export interface Pods {
  readonly namespace: string;
  /** Labels that select them, and nobody else. No label of a release's name: charts are installed under any. */
  readonly labels: Readonly<Record<string, string>>;
  /** They have the address and the identity of their node: only host policies see them. */
  readonly hostNetwork?: true;
  /** Cilium knows these pods by an entity of its own. */
  readonly entity?: 'kube-apiserver';
  /** Where they run; default `anyNode`. */
  readonly where?: 'anyNode' | 'everyNode' | 'controlPlane';
}

/**
 * `required`: must be open, and is generated. `ifNamed`: a convenience, generated where a kind of policy can name the
 * caller, and missed there; elsewhere it is left out rather than opened to every peer. `allowed`: may be open; neither generated nor taken for a leak.
 */
export type Need = 'required' | 'ifNamed' | 'allowed';

/** Who is called. */
export type Callee =
  | { readonly kind: 'component'; readonly component: string; readonly listener: string }
  /** Its own pods on other nodes. */
  | { readonly kind: 'self'; readonly listener: string }
  /** Every listener of that purpose in the catalogue. */
  | { readonly kind: 'every'; readonly purpose: Purpose }
  /** Something outside the cluster, by its name in the site. */
  | { readonly kind: 'outside'; readonly service: string };

/** Who calls and has no contract. */
export type Caller =
  /** The API server: on a node of the cluster or apart from it. */
  | { readonly kind: 'apiServer' }
  | { readonly kind: 'nodes' }
  /** Cilium's health endpoints. */
  | { readonly kind: 'health' }
  /** Every pod, a tenant's too. */
  | { readonly kind: 'anyPod' }
  /** Addresses outside the cluster. */
  | { readonly kind: 'cidrs'; readonly cidrs: readonly string[] };

interface Reasoned {
  /** Why this flow exists; appears in the policy. Lower case, no full stop. */
  readonly reason: string;
  /** Default `required`. */
  readonly need?: Need;
}
export type Call = Reasoned & { readonly to: Callee };
export type Service = Reasoned & { readonly from: Caller; readonly listener: string };

export interface Contract {
  readonly component: string;
  readonly pods: Pods;
  /** Listeners by name. What listens on loopback only is not one. */
  readonly listens: Readonly<Record<string, Listener>>;
  readonly serves: readonly Service[];
  readonly calls: readonly Call[];
}

/** Something that must never be open, whatever other policies say. */
export interface Prohibition {
  /** Part of names of policies and findings. */
  readonly name: string;
  /** `anyPod`: every pod; `tenantPod`: every pod outside the managed namespaces; `outside`: addresses outside the cluster. */
  readonly from: 'anyPod' | 'tenantPod' | 'outside';
  readonly to:
    | { readonly kind: 'cidrs'; readonly cidrs: readonly string[] }
    | { readonly kind: 'component'; readonly component: string; readonly listener: string };
  readonly reason: string;
}

export const tcp = (purpose: Purpose, port: number, more: Pick<Listener, 'isProbed'> & { endPort?: number } = {}): Listener => listener('TCP', purpose, port, more);
export const udp = (purpose: Purpose, port: number): Listener => listener('UDP', purpose, port, {});

function listener(protocol: 'TCP' | 'UDP', purpose: Purpose, port: number, { endPort, isProbed }: Pick<Listener, 'isProbed'> & { endPort?: number }): Listener {
  return { purpose, ports: [{ protocol, port, ...(endPort === undefined ? {} : { endPort }) }], ...(isProbed ? { isProbed } : {}) };
}

export const component = (name: string, listener: string): Callee => ({ kind: 'component', component: name, listener });
export const outside = (service: string): Callee => ({ kind: 'outside', service });

/** The call that nearly every component makes. */
export const callsApiServer = (reason: string): Call => ({ to: component('kube-apiserver', 'https'), reason });
export const callsDns = (reason: string): Call => ({ to: component('coredns', 'dns'), reason });
