/**
 * NetworkPolicy as rules, the way Cilium reads it (ParseNetworkPolicy of pkg/k8s/network_policy.go, 1.20): all are allow
 * rules; an absent or empty `from` means everybody; `policyTypes` only decides whether a direction without rules is closed.
 */
import { z } from 'zod';
import type { PolicyReference } from '../model.ts';
import { covers, parsePrefix } from './addresses.ts';
import { labelSelectorShape } from './cilium-shape.ts';
import { clusterLabel, equals, exists, namespaceLabels, podNamespace, requirementsOf, type LabelSelector, type Requirement } from './labels.ts';
import { cidrPeer, type Peer } from './peers.ts';
import { isPortName, portRange, type PortMatch } from './ports.ts';
import { readShape, type Problems } from './problems.ts';
import type { Rule } from './rule.ts';
import { checkSelector } from './selector-checks.ts';

const cidr = z.string().refine((text) => parsePrefix(text) !== undefined, 'is not a CIDR with a prefix length');

const peerShape = z
  .strictObject({ podSelector: labelSelectorShape.optional(), namespaceSelector: labelSelectorShape.optional(), ipBlock: z.strictObject({ cidr, except: z.array(cidr).optional() }).optional() })
  .refine((peer) => (peer.ipBlock === undefined) !== (peer.podSelector === undefined && peer.namespaceSelector === undefined), 'needs a podSelector, a namespaceSelector, both, or an ipBlock alone')
  .refine(({ ipBlock }) => (ipBlock?.except ?? []).every((except) => isInside(ipBlock?.cidr ?? '', except)), 'has an except that is not inside its cidr');

const portShape = z
  .strictObject({ protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(), port: z.union([z.int().min(1).max(65535), z.string().refine((name) => isPortName(name) && name === name.toLowerCase(), 'is not a port name')]).optional(), endPort: z.int().min(1).max(65535).optional() })
  .refine(({ port, endPort }) => endPort === undefined || (typeof port === 'number' && endPort >= port), 'has an endPort that needs a port number not above it');

const shape = z.looseObject({
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().optional() }),
  spec: z.strictObject({
    podSelector: labelSelectorShape.optional(),
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])).max(2).optional(),
    ingress: z.array(z.strictObject({ from: z.array(peerShape).optional(), ports: z.array(portShape).optional() })).optional(),
    egress: z.array(z.strictObject({ to: z.array(peerShape).optional(), ports: z.array(portShape).optional() })).optional(),
  }),
});

type Peers = z.infer<typeof peerShape>[];
type Ports = z.infer<typeof portShape>[];

export function kubernetesRules(object: unknown, context: { readonly clusterName: string }, problems: Problems): Rule[] {
  const policy = readShape(shape, object, problems);
  if (!policy) return [];
  const namespace = policy.metadata.namespace ?? 'default';
  const { podSelector = {}, ingress = [], egress = [], policyTypes } = policy.spec;
  checkSelector(podSelector, 'spec.podSelector', problems);
  for (const [list, entries] of Object.entries({ ingress: ingress.map((e) => e.from), egress: egress.map((e) => e.to) })) {
    for (const [i, peers] of entries.entries()) checkPeers(peers ?? [], `spec.${list}[${i}].${list === 'ingress' ? 'from' : 'to'}`, problems);
  }
  if (problems.isRefused) return [];
  if (policyTypes && !policyTypes.includes('Egress') && egress.length > 0) problems.add('undecided', 'spec.policyTypes', 'leaves out Egress although there are egress rules: Kubernetes ignores them, Cilium applies them (as simulated here)');
  if (policyTypes && !policyTypes.includes('Ingress') && ingress.length > 0) problems.add('undecided', 'spec.policyTypes', 'leaves out Ingress although there are ingress rules: Kubernetes ignores them, Cilium applies them (as simulated here)');

  const reference: PolicyReference = { kind: 'NetworkPolicy', namespace, name: policy.metadata.name };
  const subject = [...requirementsOf(podSelector, 'k8s'), equals('k8s', podNamespace, namespace)];
  const make = (direction: 'ingress' | 'egress', path: string, peers: Rule['peers'], ports: Rule['ports']): Rule => ({
    reference: { policy: reference, path }, direction, verdict: 'allow', subject, namespace, isAboutNodes: false, hasDefaultDeny: true, peers, ports, needsAuthentication: false,
  });
  // The API server fills in policyTypes that are left out.
  const types: readonly string[] = policyTypes?.length ? policyTypes : egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  const rules = [
    ...ingress.map((entry, i) => make('ingress', `spec.ingress[${i}]`, peersOf(entry.from, namespace, context.clusterName), portsOf(entry.ports))),
    ...egress.map((entry, i) => make('egress', `spec.egress[${i}]`, peersOf(entry.to, namespace, context.clusterName), portsOf(entry.ports))),
  ];
  if (ingress.length === 0 && types.includes('Ingress')) rules.push(make('ingress', 'spec.policyTypes', 'none', 'all'));
  if (egress.length === 0 && types.includes('Egress')) rules.push(make('egress', 'spec.policyTypes', 'none', 'all'));
  return rules;
}

function checkPeers(peers: Peers, path: string, problems: Problems): void {
  for (const [i, { podSelector, namespaceSelector }] of peers.entries()) {
    if (podSelector) checkSelector(podSelector, `${path}[${i}].podSelector`, problems);
    if (namespaceSelector) checkSelector(namespaceSelector, `${path}[${i}].namespaceSelector`, problems);
  }
}

function peersOf(peers: Peers | undefined, namespace: string, clusterName: string): Rule['peers'] {
  if (!peers?.length) return 'any';
  return peers.flatMap((peer): Peer[] => {
    if (peer.ipBlock) return cidrPeer(peer.ipBlock.cidr, peer.ipBlock.except ?? []);
    const pods = requirementsOf(peer.podSelector ?? {}, 'k8s');
    const where = peer.namespaceSelector ? namespaceRequirements(peer.namespaceSelector) : [equals('k8s', podNamespace, namespace)];
    const cluster = pods.some((r) => r.key === clusterLabel) ? [] : [equals('k8s', clusterLabel, clusterName)];
    return [{ kind: 'labels', requirements: [...where, ...pods, ...cluster] }];
  });
}

/** An empty namespaceSelector means pods of every namespace: whatever has one. */
function namespaceRequirements(selector: LabelSelector): Requirement[] {
  const requirements = requirementsOf(selector, 'k8s').map((r) => ({ ...r, key: `${namespaceLabels}.${r.key}` }));
  return requirements.length > 0 ? requirements : [exists('k8s', podNamespace)];
}

function portsOf(ports: Ports | undefined): 'all' | PortMatch[] {
  if (!ports?.length) return 'all';
  return ports.map(({ protocol = 'TCP', port, endPort }) => (typeof port === 'string' ? { protocol, name: port } : portRange(protocol, port ?? 0, endPort)));
}

function isInside(outer: string, inner: string): boolean {
  const [a, b] = [parsePrefix(outer), parsePrefix(inner)];
  return a === undefined || b === undefined || covers(a, b);
}
