/**
 * Contracts → NetworkPolicies, for clusters without Cilium. What the kind has no words for is either opened wider than
 * the contract or left out, and every such place is listed: silence would be taken for safety.
 */
import type { Contract, Port } from '../contract.ts';
import { type ContractFlow, type Party, partyText } from '../flows.ts';
import type { KubernetesPeer, KubernetesPolicy, KubernetesPort, Metadata, Selector } from './policy.ts';
import { type Peer, type Rule, rulesFor } from './rules.ts';

export interface Loss {
  /** Policy, or what has none. */
  readonly policy: string;
  /** `widened`: open to more than the contract says; `left out`: neither opened nor closed here. */
  readonly kind: 'widened' | 'left out';
  readonly what: string;
}

export interface KubernetesOptions {
  /** Addresses of nodes and of the API server, which NetworkPolicy knows by address only (Cilium does not match them by address). None: every peer. */
  readonly nodeCidrs: readonly string[];
  readonly metadataCidrs: readonly string[];
}

/** The label that Kubernetes keeps on every namespace. */
const nameLabel = 'kubernetes.io/metadata.name';
/** Where the name of a NetworkPolicy's rules is kept: the kind has no description. */
const descriptionAnnotation = 'keelson.dev/description';
const anyPeer: Peer = { kind: 'any', items: [] };

export const kubernetes = (metadata: Metadata, description: string, spec: KubernetesPolicy['spec']): KubernetesPolicy => ({
  apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy',
  metadata: { ...metadata, annotations: { [descriptionAnnotation]: description } },
  spec,
});

export function componentNetworkPolicy(contract: Contract, flows: readonly ContractFlow[], name: string, o: KubernetesOptions): { readonly policy: KubernetesPolicy; readonly lost: readonly Loss[] } {
  const { namespace, labels } = contract.pods;
  const lost: Loss[] = [];
  const lose = (kind: Loss['kind'], what: string): void => void lost.push({ policy: `${namespace}/${name}`, kind, what });
  const mine = (party: Party): boolean => party.kind === 'component' && party.contract === contract;
  const sayable = (flow: ContractFlow): boolean => {
    const isIcmp = flow.ports.some(({ protocol }) => protocol === 'ICMP');
    const isUnnamed = flow.need === 'ifNamed' && isOnNodes(flow.from) && o.nodeCidrs.length === 0;
    if (isIcmp || isUnnamed) lose('left out', `${isIcmp ? 'ICMP' : partyText(flow.from)}: ${flow.reason}`);
    return !isIcmp && !isUnnamed;
  };
  const peer = (party: Party, flow: ContractFlow): Peer => peerFor(party, flow, { ...o, namespace, lose });
  const served = rulesFor(flows.filter((flow) => mine(flow.to) && sayable(flow)), { peerOf: ({ from }) => from, render: peer });
  const called = rulesFor(flows.filter((flow) => mine(flow.from) && sayable(flow)), { peerOf: ({ to }) => to, render: peer });
  const lines = [...served.map(({ text }, i) => `ingress[${i}] ${text}`), ...called.map(({ text }, i) => `egress[${i}] ${text}`)];
  return {
    lost,
    policy: kubernetes({ name, namespace }, [`${contract.component}: what may reach it, whom it may reach.`, ...lines].join('\n'), {
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress', 'Egress'],
      // No rules at all: a NetworkPolicy's empty rule would allow everything.
      ...(served.length > 0 ? { ingress: served.map((rule) => ({ ...peersOf('from', rule), ports: portsOf(rule.ports) })) } : {}),
      ...(called.length > 0 ? { egress: called.map((rule) => ({ ...peersOf('to', rule), ports: portsOf(rule.ports) })) } : {}),
    }),
  };
}

interface PeerContext extends KubernetesOptions {
  readonly namespace: string;
  readonly lose: (kind: Loss['kind'], what: string) => void;
}

function peerFor(party: Party, flow: ContractFlow, o: PeerContext): Peer {
  switch (party.kind) {
    case 'component':
      return party.contract.pods.hostNetwork ? nodesPeer(party.contract.component, o) : { kind: 'pods', items: [podPeer(party.contract, o.namespace)] };
    case 'anyPod': return { kind: 'pods', items: [{ namespaceSelector: {} }] };
    case 'apiServer': return nodesPeer('the API server', o);
    case 'nodes': return nodesPeer('nodes', o);
    case 'health':
      o.lose('left out', "Cilium's health endpoints");
      return anyPeer;
    case 'cidrs': return { kind: 'blocks', items: party.cidrs.map((cidr) => block(cidr, o.metadataCidrs)) };
    case 'names':
      o.lose('widened', `${flow.reason}: addresses ${party.cidrs.join(', ')} instead of the names ${party.names.join(', ')}`);
      return { kind: 'blocks', items: party.cidrs.map((cidr) => block(cidr, o.metadataCidrs)) };
  }
}

const isOnNodes = (party: Party): boolean => party.kind === 'apiServer' || party.kind === 'nodes' || (party.kind === 'component' && party.contract.pods.hostNetwork === true);

function nodesPeer(who: string, { nodeCidrs, lose }: PeerContext): Peer {
  if (nodeCidrs.length > 0) return { kind: 'blocks', items: nodeCidrs.map((cidr) => ({ ipBlock: { cidr } })) };
  lose('widened', `${who}: any peer on the same ports; the kind knows nodes by address only, and none were given`);
  return anyPeer;
}

function podPeer({ pods }: Contract, namespace: string): KubernetesPeer {
  const podSelector: Selector = { matchLabels: pods.labels };
  return pods.namespace === namespace ? { podSelector } : { namespaceSelector: { matchLabels: { [nameLabel]: pods.namespace } }, podSelector };
}

/** NetworkPolicy has no deny rules: an exception in what is allowed is all it can say. */
function block(cidr: string, metadataCidrs: readonly string[]): KubernetesPeer {
  return { ipBlock: cidr === '0.0.0.0/0' ? { cidr, except: metadataCidrs } : { cidr } };
}

function peersOf(field: 'from' | 'to', { peer }: Rule): { from?: readonly KubernetesPeer[]; to?: readonly KubernetesPeer[] } {
  return peer.kind === 'any' ? {} : { [field]: peer.items as readonly KubernetesPeer[] };
}

function portsOf(ports: readonly Port[]): readonly KubernetesPort[] {
  return ports.flatMap((port) => (port.protocol === 'ICMP' ? [] : [{ protocol: port.protocol, port: port.port, ...(port.endPort === undefined ? {} : { endPort: port.endPort }) }]));
}
