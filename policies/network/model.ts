/**
 * The words of the simulator: the world that policies act upon, the flows it is asked about, the verdicts it answers.
 * Types only. The semantics are those of Cilium 1.20 (github.com/cilium/cilium, pkg/policy); see README.md.
 */

/** Label keys and values as Kubernetes has them, without Cilium's source prefix. */
export type Labels = Readonly<Record<string, string>>;

/** Transport of a flow. `ICMPv6` is a protocol of its own to Cilium, as in IP. */
export type Transport = 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'ICMPv6';

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

export interface Node {
  readonly name: string;
  readonly labels: Labels;
  /** Internal and external addresses, IPv4 or IPv6, no prefix length. */
  readonly addresses: readonly string[];
  /** Runs an API server: its identity carries kube-apiserver beside host or remote-node. */
  readonly isControlPlane: boolean;
}

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  /** "default" when left out. */
  readonly serviceAccount?: string;
  /** Name of the node it runs on. Without it the pod is taken to run on none of the nodes: every node is remote to it. */
  readonly node?: string;
  /** Shares its node's addresses and its node's identity: policies by pod labels do not see it. */
  readonly hostNetwork: boolean;
  /** Its own addresses; empty is fine, they only serve to find a pod by address. */
  readonly addresses: readonly string[];
  readonly ports: readonly ContainerPort[];
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  /** Number, or name of a container port. Policies are about this one, never about `port`. */
  readonly targetPort: number | string;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Labels;
  /** undefined or empty: its backends are `endpointAddresses`, which Cilium treats as CIDRs. */
  readonly selector?: Labels;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  /** Empty for headless services. */
  readonly clusterIps: readonly string[];
  readonly ports: readonly ServicePort[];
  /** Backends of a service without selector, from its EndpointSlices. */
  readonly endpointAddresses?: readonly string[];
}

/** How the agents are configured, as far as it changes verdicts. Names are those of the chart's values where there are any. */
export interface CiliumSettings {
  /** hostFirewall.enabled: without it CiliumClusterwideNetworkPolicies with a nodeSelector do nothing. Default false. */
  readonly hostFirewall?: boolean;
  /** policyCIDRMatchMode: lets CIDR rules match nodes. Default none: CIDRs match what is outside the cluster only. Mode "pods" is not simulated. */
  readonly cidrMatchMode?: readonly 'nodes'[];
  /** ipv6.enabled, beside IPv4. Default false. */
  readonly ipv6?: boolean;
  /** policyEnforcementMode. Default "default". */
  readonly enforcement?: 'default' | 'always' | 'never';
  /** nodeSelectorLabels: fromNodes and toNodes are refused without it. Default false. */
  readonly nodeSelectorLabels?: boolean;
  /** allow-localhost: a pod's own node always reaches it unless a deny rule says otherwise; default true, as on Kubernetes. */
  readonly allowLocalhost?: boolean;
  /** enable-non-default-deny-policies: honours enableDefaultDeny. Default true. */
  readonly nonDefaultDenyPolicies?: boolean;
  /** The `labels` setting, added to Cilium's own list: which labels become part of an identity (regular expressions, "!" first to exclude). */
  readonly identityLabels?: readonly string[];
}

export interface World {
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  /** "default" when left out, as in the chart. */
  readonly clusterName?: string;
  /** Addresses of API servers that are not nodes (a load balancer, a managed control plane). */
  readonly apiServerAddresses: readonly string[];
  readonly settings?: CiliumSettings;
}

/** One end of a flow. */
export type Endpoint =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  /** The node's own network: kubelet, static pods, pods with hostNetwork. */
  | { readonly kind: 'node'; readonly name: string }
  /** An address: one of a pod, a node or an API server of the world, else something outside the cluster. */
  | { readonly kind: 'address'; readonly ip: string }
  /** A DNS name outside the cluster. Only toFQDNs rules can allow exactly it; which addresses it has is not looked at. */
  | { readonly kind: 'fqdn'; readonly name: string }
  /** The API server: the first of `apiServerAddresses`, else the first control plane node. */
  | { readonly kind: 'apiServer' }
  /** Cilium's health endpoint on a node (4240/TCP, ICMP). */
  | { readonly kind: 'health' }
  /** A pod that has no identity yet. */
  | { readonly kind: 'init' }
  /** Cilium's Ingress and Gateway proxy. */
  | { readonly kind: 'ingress' }
  /** A pod that started before Cilium and is not managed by it. */
  | { readonly kind: 'unmanaged' };

/** One question: may `from` open a conversation with `to`? Replies are part of the conversation. */
export interface Flow {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Transport;
  /** Port at the destination, after service translation; for TCP, UDP and SCTP. */
  readonly port?: number;
  /** For ICMP and ICMPv6; 8 or 128 (echo request) when left out. */
  readonly icmpType?: number;
}

export type PolicyKind = 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy' | 'NetworkPolicy';

/**
 * A policy as it was read from YAML: not looked at yet. CiliumCIDRGroups, which rules refer to, may stand among the policies.
 * Whatever is wrong with it is a `PolicyProblem`, never an exception.
 */
export type PolicyObject = unknown;

/** Why a policy, or a part of it, does not take effect. An invalid policy is left out as a whole, as Cilium does. */
export interface PolicyProblem {
  /** Which object: "CiliumNetworkPolicy kube-system/coredns"; its position in the list where it has no name. */
  readonly policy: string;
  /** Where in the object: "spec.egress[0].toPorts[1].ports[0].port". */
  readonly path: string;
  readonly message: string;
  /** `refused`: Cilium (or the CRD) refuses the object; `inert`: accepted, and this part does nothing; `undecided`: accepted, the simulator does not know. */
  readonly kind: 'refused' | 'inert' | 'undecided';
}

export interface PolicyReference {
  readonly kind: PolicyKind;
  /** undefined for cluster-wide policies. */
  readonly namespace?: string;
  readonly name: string;
}

/** One entry of ingress, ingressDeny, egress or egressDeny of one policy. */
export interface RuleReference {
  readonly policy: PolicyReference;
  /** "spec.egress[0]", "specs[1].ingressDeny[2]". */
  readonly path: string;
  /** The spec's description, where it has one. */
  readonly description?: string;
}

/** Why a direction is open or closed. Where several rules would give the same answer, all of them are named, in the order of the policies. */
export type Cause =
  /** No rule selects this end in this direction: all is open. */
  | { readonly kind: 'no-policy' }
  /** Rules select it, but none of them turned default deny on, and none denies. */
  | { readonly kind: 'no-default-deny'; readonly rules: readonly RuleReference[] }
  | { readonly kind: 'allowed-by'; readonly rules: readonly RuleReference[] }
  /** The pod's own node reaches it always (allow-localhost): kubelet probes. */
  | { readonly kind: 'local-host' }
  | { readonly kind: 'denied-by'; readonly rules: readonly RuleReference[] }
  /** Nothing allows it; `by` are the rules that turned default deny on for this end, `why` what comes close, or closes it without a rule. */
  | { readonly kind: 'default-deny'; readonly by: readonly RuleReference[]; readonly why?: string }
  /** Cilium does not filter here: outside the cluster, host network without host firewall, within one pod. */
  | { readonly kind: 'not-enforced'; readonly why: string };

export interface Decision {
  readonly allowed: boolean;
  readonly cause: Cause;
}

export interface Verdict {
  /** Both directions are open. */
  readonly allowed: boolean;
  /** At the sender. */
  readonly egress: Decision;
  /** At the receiver. */
  readonly ingress: Decision;
  /** What the answer leaves open: L7 rules that look into allowed traffic, names that must have been resolved before. */
  readonly undecided?: readonly string[];
}

export interface Simulator {
  readonly world: World;
  /** What was wrong with the policies; those that are refused take no part. */
  readonly problems: readonly PolicyProblem[];
  /** @throws NetworkError NETWORK_UNKNOWN_ENDPOINT for a pod or node that is not in the world, NETWORK_BAD_FLOW for a flow that cannot be */
  decide(flow: Flow): Verdict;
}
