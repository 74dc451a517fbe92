/** Contracts → CiliumNetworkPolicies of components, and the host policies of nodes. */
import type { Contract, Port } from '../contract.ts';
import type { ContractFlow, Party } from '../flows.ts';
import { anyNamespace, cilium, type CiliumPolicy, type DnsName, type EgressRule, type Entity, type IngressRule, namespaceKey, type PortList, type Selector } from './policy.ts';
import { type Peer, type Rule, rulesFor } from './rules.ts';

/** `audit`: allows are there and default deny is not, so nothing is dropped yet. */
export type HostMode = 'off' | 'audit' | 'enforce';

/** One policy per component: what it serves, whom it calls, nothing else. */
export function componentPolicy(contract: Contract, flows: readonly ContractFlow[], name: string): CiliumPolicy {
  const { namespace, labels } = contract.pods;
  const served = rulesFor(flows.filter((flow) => isAbout(flow.to, contract)), { peerOf: ({ from }) => from, render: (party) => fromPeer(party, namespace) });
  const called = rulesFor(flows.filter((flow) => isAbout(flow.from, contract)), { peerOf: ({ to }) => to, render: (party) => toPeer(party, namespace) });
  const proxied = flows.some((flow) => isAbout(flow.from, contract) && flow.to.kind === 'names');
  return cilium('CiliumNetworkPolicy', { name, namespace }, {
    description: describe(`${contract.component}: what may reach it, whom it may reach.`, served, called),
    endpointSelector: { matchLabels: labels },
    // An empty rule turns default deny on and allows nothing: the policy is whole without any other.
    ingress: served.length > 0 ? served.map((rule) => ingress(rule)) : [{}],
    egress: called.length > 0 ? called.map((rule) => egress(rule, proxied)) : [{}],
  });
}

/** What listens on nodes. Two policies at most: of all nodes, and what only control planes have. */
export function hostPolicies(contracts: readonly Contract[], flows: readonly ContractFlow[], mode: Exclude<HostMode, 'off'>, prefix: string): readonly CiliumPolicy[] {
  const places = [
    { name: 'nodes', nodeSelector: {}, isHere: ({ pods }: Contract) => pods.where !== 'controlPlane' },
    { name: 'control-plane', nodeSelector: { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] }, isHere: ({ pods }: Contract) => pods.where === 'controlPlane' },
  ] as const;
  return places.flatMap(({ name, nodeSelector, isHere }) => {
    const here = contracts.filter((contract) => contract.pods.hostNetwork && isHere(contract));
    const rules = rulesFor(flows.filter(({ to }) => to.kind === 'component' && here.includes(to.contract)), { peerOf: ({ from }) => from, render: (party) => fromPeer(party) });
    if (rules.length === 0) return [];
    const what = mode === 'audit' ? 'Audit: nothing is dropped yet.' : 'All else is dropped.';
    return [cilium('CiliumClusterwideNetworkPolicy', { name: `${prefix}${name}` }, {
      description: describe(`What may reach ${name === 'nodes' ? 'every node' : 'control planes'}. ${what}`, rules, []),
      nodeSelector,
      enableDefaultDeny: { ingress: mode === 'enforce', egress: false },
      ingress: rules.map((rule) => ingress(rule)),
    })];
  });
}

const isAbout = (party: Party, contract: Contract): boolean => party.kind === 'component' && party.contract === contract;

/** Rules by their place in the object, so that an explanation that names the place finds the reason. */
function describe(title: string, served: readonly Rule[], called: readonly Rule[]): string {
  const lines = (field: string, rules: readonly Rule[]): string[] => rules.map(({ text }, i) => `${field}[${i}] ${text}`);
  return [title, ...lines('ingress', served), ...lines('egress', called)].join('\n');
}

/** @param namespace of the policy; undefined for cluster-wide ones, where selectors have no namespace of their own */
export function podSelector({ pods }: Contract, namespace?: string): Selector {
  return { matchLabels: pods.namespace === namespace ? pods.labels : { [namespaceKey]: pods.namespace, ...pods.labels } };
}

const entities = (...items: Entity[]): Peer => ({ kind: 'entities', items });

/** The pod's own node always reaches it, so only the other nodes are named. */
function fromPeer(party: Party, namespace?: string): Peer {
  switch (party.kind) {
    case 'component': return party.contract.pods.hostNetwork ? entities('remote-node') : { kind: 'endpoints', items: [podSelector(party.contract, namespace)] };
    case 'anyPod': return { kind: 'endpoints', items: [anyNamespace] };
    // From a managed control plane, or while its address is not among the endpoints of default/kubernetes, its calls arrive as those of any node.
    case 'apiServer': return entities('kube-apiserver', 'remote-node');
    case 'nodes': return entities('remote-node');
    case 'health': return entities('health');
    case 'cidrs':
    case 'names': return { kind: 'cidrs', items: party.cidrs };
  }
}

function toPeer(party: Party, namespace: string): Peer {
  switch (party.kind) {
    case 'component':
      if (party.contract.pods.entity) return entities(party.contract.pods.entity);
      return party.contract.pods.hostNetwork ? entities('host', 'remote-node') : { kind: party.contract.listens['dns'] ? 'dns' : 'endpoints', items: [podSelector(party.contract, namespace)] };
    case 'anyPod': return { kind: 'endpoints', items: [anyNamespace] };
    case 'apiServer': return entities('kube-apiserver');
    case 'nodes': return entities('host', 'remote-node');
    case 'health': return entities('health');
    case 'cidrs': return { kind: 'cidrs', items: party.cidrs };
    case 'names': return { kind: 'names', items: party.names.map(dnsName) };
  }
}

const dnsName = (name: string): DnsName => (name.includes('*') ? { matchPattern: name } : { matchName: name });

function ingress({ peer, ports }: Rule): IngressRule {
  const fields = { endpoints: 'fromEndpoints', entities: 'fromEntities', cidrs: 'fromCIDR' } as const;
  return { [fields[peer.kind as keyof typeof fields]]: peer.items, ...layer4(ports) } as IngressRule;
}

/** @param proxied the component also has rules by name: Cilium learns addresses of names by looking into the answers */
function egress({ peer, ports }: Rule, proxied: boolean): EgressRule {
  const fields = { endpoints: 'toEndpoints', dns: 'toEndpoints', entities: 'toEntities', cidrs: 'toCIDR', names: 'toFQDNs' } as const;
  const lookInto = proxied && peer.kind === 'dns';
  return { [fields[peer.kind as keyof typeof fields]]: peer.items, ...layer4(ports, lookInto) } as EgressRule;
}

/** Every name may be asked for: a refused name of the search path would end the search in some resolvers. */
export function layer4(ports: readonly Port[], lookInto = false): { toPorts: readonly PortList[] } | { icmps: NonNullable<IngressRule['icmps']> } {
  const icmp = ports.flatMap((port) => (port.protocol === 'ICMP' ? [{ type: port.icmpType, family: 'IPv4' as const }] : []));
  if (icmp.length > 0) return { icmps: [{ fields: icmp }] };
  const list = ports.flatMap((port) => (port.protocol === 'ICMP' ? [] : [{ port: String(port.port), ...(port.endPort === undefined ? {} : { endPort: port.endPort }), protocol: port.protocol }]));
  return { toPorts: [{ ports: list, ...(lookInto ? { rules: { dns: [{ matchPattern: '*' }] } } : {}) }] };
}
