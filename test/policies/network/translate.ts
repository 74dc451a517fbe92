/** A NetworkPolicy as the CiliumNetworkPolicy that says the same: written for the tests, from the documentation of both kinds. */
import type { PolicyObject } from '../../../policies/network/model.ts';

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Port {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

interface NetworkPolicy {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly Port[] }[];
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly Port[] }[];
  };
}

export function toCilium(object: PolicyObject): PolicyObject {
  const { metadata, spec } = object as NetworkPolicy;
  const ingress = (spec.ingress ?? []).flatMap(({ from = [], ports }) => entries('from', from, ports));
  const egress = (spec.egress ?? []).flatMap(({ to = [], ports }) => entries('to', to, ports));
  const types = spec.policyTypes ?? ['Ingress', ...(egress.length > 0 ? ['Egress'] : [])];
  const closed = (list: readonly object[], type: string) => (list.length === 0 && types.includes(type) ? [{}] : list);
  const lists = { ingress: closed(ingress, 'Ingress'), egress: closed(egress, 'Egress') };
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata,
    spec: { endpointSelector: prefixed(spec.podSelector, 'k8s:'), ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) },
  };
}

/** One entry for each peer: Cilium wants one way to name peers in each. */
function entries(prefix: 'from' | 'to', peers: readonly Peer[], ports: readonly Port[] | undefined): object[] {
  const toPorts = ports?.length ? { toPorts: [{ ports: ports.map(({ protocol = 'TCP', port = 0, endPort }) => ({ port: String(port), protocol, ...(endPort === undefined ? {} : { endPort }) })) }] } : {};
  if (peers.length === 0) return [{ [`${prefix}Entities`]: ['all'], ...toPorts }];
  return peers.map((peer) => ({ ...(peer.ipBlock ? { [`${prefix}CIDRSet`]: [peer.ipBlock] } : { [`${prefix}Endpoints`]: [selectorOf(peer)] }), ...toPorts }));
}

function selectorOf({ podSelector = {}, namespaceSelector }: Peer): Selector {
  const pods = prefixed(podSelector, 'k8s:');
  if (!namespaceSelector) return pods;
  const namespaces = prefixed(namespaceSelector, 'k8s:io.cilium.k8s.namespace.labels.');
  const isEvery = Object.keys(namespaces.matchLabels ?? {}).length + (namespaces.matchExpressions ?? []).length === 0;
  const where = isEvery ? [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }] : (namespaces.matchExpressions ?? []);
  return { matchLabels: { ...pods.matchLabels, ...namespaces.matchLabels }, matchExpressions: [...(pods.matchExpressions ?? []), ...where] };
}

function prefixed({ matchLabels = {}, matchExpressions = [] }: Selector, prefix: string): Selector {
  return {
    matchLabels: Object.fromEntries(Object.entries(matchLabels).map(([key, value]) => [`${prefix}${key}`, value])),
    matchExpressions: matchExpressions.map((e) => ({ ...e, key: `${prefix}${e.key}` })),
  };
}
