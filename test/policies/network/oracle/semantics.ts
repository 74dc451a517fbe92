/**
 * Which semantics a question is about. A rule counts where it selects the subject and everything but the feature in
 * question fits: peers are exercised by rules whose ports match, ports by rules whose peers match.
 */
import type { PolicyObject, RuleReference, World } from '../../../../policies/network/model.ts';
import { matchesRule, type Question } from '../../../../policies/network/simulator/matching.ts';
import type { Rule } from '../../../../policies/network/simulator/rule.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface Case {
  readonly world: World;
  readonly policies: readonly PolicyObject[];
  readonly question: Question;
  /** Whether an end of the flow was written as a pod with host network. */
  readonly hasHostNetworkPod: boolean;
}

type Test = (rule: Rule, entry: Fields, c: Case) => boolean;

const list = (entry: Fields, name: string): readonly Fields[] | undefined => (entry[`from${name}`] ?? entry[`to${name}`]) as readonly Fields[] | undefined;
const names = (entry: Fields): readonly string[] => (list(entry, 'Entities') as unknown as readonly string[] | undefined) ?? [];
const text = (value: unknown): string => JSON.stringify(value) ?? '';
const reserved = (c: Case, name: string): boolean => c.question.peer.labels.get(name)?.source === 'reserved';
const isPod = (c: Case): boolean => c.question.peer.labels.has('io.kubernetes.pod.namespace');
const isCilium = (rule: Rule): boolean => rule.reference.policy.kind !== 'NetworkPolicy';
const isNamespaced = (rule: Rule): boolean => rule.reference.policy.kind === 'CiliumNetworkPolicy';
const ports = (entry: Fields): readonly Fields[] => ((entry['toPorts'] as readonly Fields[] | undefined) ?? []).flatMap((p) => (p['ports'] as readonly Fields[] | undefined) ?? []);
const namesNamespace = (entry: Fields): boolean => text(list(entry, 'Endpoints')).includes('io.kubernetes.pod.namespace');
const namesNamespaceLabels = (entry: Fields): boolean => text(list(entry, 'Endpoints')).includes('io.cilium.k8s.namespace.labels');

const entityNames = ['all', 'world', 'cluster', 'cluster-mesh', 'host', 'remote-node', 'kube-apiserver', 'health', 'init', 'ingress', 'unmanaged', 'none'];
const dropped = /pod-template-hash|statefulset\.kubernetes\.io|topology\.kubernetes\.io|kubernetes\.io\/hostname/;

/** Exercised by rules whose ports match. */
const peerTests: Readonly<Record<string, Test>> = {
  '2 empty rule of Cilium allows nothing': (rule, entry) => isCilium(rule) && rule.verdict === 'allow' && Object.keys(entry).length === 0,
  '2 empty rule of NetworkPolicy allows everything, but for denies': (rule, entry) => !isCilium(rule) && rule.peers === 'any' && !text(entry).includes('"ports"'),
  '4 explicit empty list of peers': (_, entry) => ['Endpoints', 'Entities', 'CIDR', 'CIDRSet', 'Nodes'].some((name) => list(entry, name)?.length === 0),
  '4 empty toServices or toFQDNs': (_, entry) => [entry['toServices'], entry['toFQDNs']].some((l) => Array.isArray(l) && l.length === 0),
  '4 no peers, only ports': (rule, entry) => isCilium(rule) && rule.peers === 'any' && !Object.keys(entry).some((key) => /^(from|to)(?!Ports)/.test(key)),
  '6 peer without namespace, in CiliumNetworkPolicy': (rule, entry, c) => isNamespaced(rule) && (list(entry, 'Endpoints')?.length ?? 0) > 0 && !namesNamespace(entry) && !namesNamespaceLabels(entry) && isPod(c),
  '6 peer with namespace': (rule, entry, c) => isNamespaced(rule) && namesNamespace(entry) && isPod(c),
  '6 peer by labels of its namespace': (rule, entry, c) => isCilium(rule) && namesNamespaceLabels(entry) && isPod(c),
  '6 peer of a clusterwide policy': (rule, entry) => isCilium(rule) && !isNamespaced(rule) && (list(entry, 'Endpoints')?.length ?? 0) > 0,
  '6 peer on a reserved label': (_, entry) => text(list(entry, 'Endpoints')).includes('reserved:'),
  '7 host network pod against pod selectors': (_, entry, c) => c.hasHostNetworkPod && ((list(entry, 'Endpoints')?.length ?? 0) > 0 || text(entry).includes('podSelector')),
  '8 CIDR against pods': (rule, _, c) => hasCidr(rule) && isPod(c),
  '8 CIDR against nodes': (rule, _, c) => hasCidr(rule) && (reserved(c, 'host') || reserved(c, 'remote-node')) && !c.world.settings?.cidrMatchMode,
  '8 CIDR against nodes, policyCIDRMatchMode nodes': (rule, _, c) => hasCidr(rule) && (reserved(c, 'host') || reserved(c, 'remote-node')) && c.world.settings?.cidrMatchMode !== undefined,
  '8 CIDR against addresses outside': (rule, _, c) => hasCidr(rule) && c.question.peer.addresses.length > 0 && c.question.peer.labels.size < 3 && !reserved(c, 'host') && !reserved(c, 'remote-node'),
  '8 CIDR with except': (rule, _, c) => Array.isArray(rule.peers) && rule.peers.some((p) => 'except' in p && p.except.length > 0) && c.question.peer.addresses.length > 0,
  '8 CIDR of length 0': (_, entry) => /"(0\.0\.0\.0|::)\/0"/.test(text(entry)),
  '8 cidrGroupRef': (_, entry, c) => text(entry).includes('cidrGroupRef') && c.question.peer.addresses.length > 0,
  '8 cidrGroupSelector': (_, entry, c) => text(entry).includes('cidrGroupSelector":{"') && c.question.peer.addresses.length > 0,
  '8 cidrGroupSelector, empty': (_, entry) => text(entry).includes('cidrGroupSelector":{}'),
  '9 API server outside the cluster': (rule, _, c) => rule.peers !== 'none' && reserved(c, 'kube-apiserver') && c.question.peer.addresses.length > 0 && !reserved(c, 'remote-node'),
  '9 API server on a node': (rule, _, c) => rule.peers !== 'none' && reserved(c, 'kube-apiserver') && (reserved(c, 'remote-node') || reserved(c, 'host')),
  '11 toFQDNs': (_, entry, c) => entry['toFQDNs'] !== undefined && c.question.peer.name !== undefined,
  '12 selector on a dropped label': (_, entry) => dropped.test(text(entry)),
  '15 toServices with selector or addresses': (rule, entry, c) => rule.verdict === 'allow' && Array.isArray(entry['toServices']) && entry['toServices'].length > 0 && c.world.services.length > 0,
  '15 toServices in a deny rule, which resolves to nothing': (rule, entry) => rule.verdict === 'deny' && Array.isArray(entry['toServices']) && entry['toServices'].length > 0,
  '15 toServices of no service': (rule, entry) => Array.isArray(entry['toServices']) && entry['toServices'].length > 0 && (rule.peers === 'any' || rule.peers === 'none'),
  'fromNodes and toNodes': (_, entry, c) => (list(entry, 'Nodes')?.length ?? 0) > 0 && (reserved(c, 'remote-node') || reserved(c, 'host')),
  'operator NotIn': (_, entry) => text(entry).includes('"NotIn"'),
  'operator DoesNotExist': (_, entry) => text(entry).includes('"DoesNotExist"'),
  'NetworkPolicy podSelector': (rule, entry, c) => !isCilium(rule) && text(entry).includes('podSelector') && isPod(c),
  'NetworkPolicy namespaceSelector': (rule, entry, c) => !isCilium(rule) && text(entry).includes('namespaceSelector') && isPod(c),
  'NetworkPolicy ipBlock': (rule, entry, c) => !isCilium(rule) && text(entry).includes('ipBlock') && c.question.peer.addresses.length > 0,
  ...Object.fromEntries(entityNames.map((name): [string, Test] => [`entity ${name}`, (_, entry) => names(entry).includes(name)])),
};

/** Exercised by rules whose peers match. */
const portTests: Readonly<Record<string, Test>> = {
  '10 port number': (_, entry) => ports(entry).some((p) => /^\d+$/.test(String(p['port'])) && p['endPort'] === undefined),
  '10 port range': (_, entry) => ports(entry).some((p) => p['endPort'] !== undefined),
  '10 port 0': (_, entry) => ports(entry).some((p) => p['port'] === '0'),
  '10 named port, ingress': (rule, entry) => rule.direction === 'ingress' && ports(entry).some((p) => /[a-z]/.test(String(p['port']))),
  '10 named port, egress': (rule, entry) => rule.direction === 'egress' && ports(entry).some((p) => /[a-z]/.test(String(p['port']))),
  '10 any protocol': (_, entry) => ports(entry).some((p) => p['protocol'] === undefined || p['protocol'] === 'ANY'),
  '10 ports against ICMP': (rule, _, c) => rule.ports !== 'all' && c.question.protocol.startsWith('ICMP'),
  'icmps, IPv4': (_, entry, c) => entry['icmps'] !== undefined && c.question.protocol === 'ICMP',
  'icmps, IPv6': (_, entry, c) => entry['icmps'] !== undefined && c.question.protocol === 'ICMPv6',
  'L7 rules': (_, entry) => text(entry).includes('"rules"'),
  'NetworkPolicy ports': (rule, entry) => !isCilium(rule) && text(entry).includes('"ports"'),
};

/** About all rules that select the subject together. */
const wholeTests: Readonly<Record<string, (rules: readonly Rule[], c: Case) => boolean>> = {
  '1 default deny by rules': (rules) => rules.some((r) => r.hasDefaultDeny),
  '1 default deny by deny rules alone': (rules) => rules.length > 0 && rules.every((r) => r.verdict === 'deny') && rules.some((r) => r.hasDefaultDeny),
  '1 enableDefaultDeny switched off': (rules) => rules.length > 0 && rules.every((r) => !r.hasDefaultDeny),
  '3 empty list beside other rules': (_, c) => c.policies.some((p) => hasEmptyList(p as Fields, c)),
  '5 union of several kinds': (rules) => new Set(rules.filter((r) => r.verdict === 'allow').map((r) => r.reference.policy.kind)).size > 1,
  '5 deny beside allow': (rules) => rules.some((r) => r.verdict === 'deny') && rules.some((r) => r.verdict === 'allow'),
  '12 subject on a dropped label (others select it)': (_, c) => c.policies.some((p) => dropped.test(text((p as { spec?: Fields }).spec?.['endpointSelector']))),
  '13 own node to pod': (rules, c) => rules.length > 0 && c.question.direction === 'ingress' && c.question.peer.isLocalHost && !c.question.subject.isLocalHost,
  '13 health endpoint as subject': (rules, c) => rules.length > 0 && c.question.subject.labels.get('health')?.source === 'reserved',
  '14 host policy': (rules, c) => rules.length > 0 && c.question.subject.isLocalHost && c.world.settings?.hostFirewall === true,
  'init endpoint as subject': (rules, c) => rules.length > 0 && c.question.subject.labels.has('init'),
  'ingress endpoint as subject': (rules, c) => rules.length > 0 && c.question.subject.labels.get('ingress')?.source === 'reserved',
  'policyEnforcementMode always': (_, c) => c.world.settings?.enforcement === 'always',
  'nonDefaultDenyPolicies off': (rules, c) => rules.length > 0 && c.world.settings?.nonDefaultDenyPolicies === false,
  'dual stack': (rules, c) => rules.length > 0 && c.world.settings?.ipv6 === true,
  'no policy': (rules) => rules.length === 0,
};

export const allSemantics = [...Object.keys(wholeTests), ...Object.keys(peerTests), ...Object.keys(portTests)].sort();

export function semanticsOf(c: Case): Set<string> {
  const { question } = c;
  const found = new Set(Object.entries(wholeTests).filter(([, test]) => test(question.rules, c)).map(([name]) => name));
  const cidr = { matchesNodes: c.world.settings?.cidrMatchMode !== undefined, isDualStack: c.world.settings?.ipv6 ?? false };
  for (const rule of question.rules) {
    const entry = entryOf(c.policies, rule.reference);
    const withAllPeers = matchesRule({ ...rule, peers: 'any' }, question, cidr);
    const withAllPorts = matchesRule({ ...rule, ports: 'all' }, question, cidr);
    if (withAllPeers) for (const [name, test] of Object.entries(peerTests)) if (test(rule, entry, c)) found.add(name);
    if (withAllPorts) for (const [name, test] of Object.entries(portTests)) if (test(rule, entry, c)) found.add(name);
  }
  return found;
}

function hasCidr(rule: Rule): boolean {
  return Array.isArray(rule.peers) && rule.peers.some((peer) => peer.kind === 'cidr');
}

/** The entry as it was written. */
export function entryOf(policies: readonly PolicyObject[], { policy, path }: RuleReference): Fields {
  const object = policies.find((p) => {
    const { kind, metadata } = p as { kind: string; metadata: { name: string } };
    return kind === policy.kind && metadata.name === policy.name;
  });
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  const entry = steps.reduce((node: unknown, step) => (node as Record<string, unknown> | undefined)?.[step], object);
  return typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? (entry as Fields) : {};
}

function hasEmptyList(policy: Fields, { question }: Case): boolean {
  const spec = policy['spec'] as Fields | undefined;
  const { namespace } = (policy['metadata'] ?? {}) as { namespace?: string };
  const lists = question.direction === 'ingress' ? ['ingress', 'ingressDeny'] : ['egress', 'egressDeny'];
  const isNear = namespace === undefined || question.subject.labels.get('io.kubernetes.pod.namespace')?.value === namespace;
  return isNear && lists.some((name) => Array.isArray(spec?.[name]) && spec[name].length === 0);
}
