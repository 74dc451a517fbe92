/**
 * The policies that are generated, narrower than their CRDs: one kind of peer per rule, ports as Cilium writes them.
 * Fields: github.com/cilium/cilium v1.20.2, pkg/policy/api.
 */
import type { Labels } from '../model.ts';

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; readonly values?: readonly string[] }[];
}

export type Entity = 'host' | 'remote-node' | 'kube-apiserver' | 'health' | 'world';

export interface PortList {
  readonly ports: readonly { readonly port: string; readonly endPort?: number; readonly protocol: 'TCP' | 'UDP' }[];
  readonly rules?: { readonly dns: readonly DnsName[] };
}
export type DnsName = { readonly matchName: string } | { readonly matchPattern: string };

interface Layer4 {
  readonly toPorts?: readonly PortList[];
  readonly icmps?: readonly { readonly fields: readonly { readonly type: number; readonly family: 'IPv4' }[] }[];
}
export interface IngressRule extends Layer4 {
  readonly fromEndpoints?: readonly Selector[];
  readonly fromEntities?: readonly Entity[];
  readonly fromCIDR?: readonly string[];
}
export interface EgressRule extends Layer4 {
  readonly toEndpoints?: readonly Selector[];
  readonly toEntities?: readonly Entity[];
  readonly toCIDR?: readonly string[];
  readonly toFQDNs?: readonly DnsName[];
}

export interface CiliumSpec {
  readonly description: string;
  readonly endpointSelector?: Selector;
  readonly nodeSelector?: Selector;
  readonly enableDefaultDeny?: { readonly ingress: boolean; readonly egress: boolean };
  readonly ingress?: readonly IngressRule[];
  readonly egress?: readonly EgressRule[];
  readonly egressDeny?: readonly EgressRule[];
}

export interface KubernetesPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
export interface KubernetesPort {
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly endPort?: number;
}
export interface KubernetesSpec {
  readonly podSelector: Selector;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly { readonly from?: readonly KubernetesPeer[]; readonly ports?: readonly KubernetesPort[] }[];
  readonly egress?: readonly { readonly to?: readonly KubernetesPeer[]; readonly ports?: readonly KubernetesPort[] }[];
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface CiliumPolicy {
  readonly apiVersion: 'cilium.io/v2';
  readonly kind: 'CiliumNetworkPolicy' | 'CiliumClusterwideNetworkPolicy';
  readonly metadata: Metadata;
  readonly spec: CiliumSpec;
}
export interface KubernetesPolicy {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'NetworkPolicy';
  readonly metadata: Metadata;
  readonly spec: KubernetesSpec;
}
export type Policy = CiliumPolicy | KubernetesPolicy;

/** Every pod of any namespace; without the expression a selector in a namespaced policy means the policy's own namespace. */
export const namespaceKey = 'k8s:io.kubernetes.pod.namespace';
export const anyNamespace: Selector = { matchExpressions: [{ key: namespaceKey, operator: 'Exists' }] };

export const cilium = (kind: CiliumPolicy['kind'], metadata: Metadata, spec: CiliumSpec): CiliumPolicy => ({ apiVersion: 'cilium.io/v2', kind, metadata, spec });
