/**
 * CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy as rules: where selectors get their namespace and cluster, what an
 * absent, an empty and a full list of peers mean. Follows ParseToCiliumRule (pkg/k8s/apis/cilium.io/utils) and
 * RulesToPolicyEntries (pkg/policy/utils) of Cilium 1.20.
 */
import type { PolicyKind, PolicyReference, Service } from '../model.ts';
import { parsePrefix, type Prefix } from './addresses.ts';
import { checkSpec, directions, type CheckSettings } from './cilium-checks.ts';
import { ciliumPolicyShape, type CidrRule, type CiliumSpec, type EgressEntry, type IngressEntry } from './cilium-shape.ts';
import { nameMatcher } from './dns-names.ts';
import { clusterLabel, equals, exists, isOnPodLabel, namespaceLabels, podNamespace, requirementsOf, type LabelSelector, type Requirement } from './labels.ts';
import { cidrPeer, entityPeers, type Peer } from './peers.ts';
import { icmpMatch, isPortName, parsePort, portRange, type PortMatch } from './ports.ts';
import { readShape, type Problems } from './problems.ts';
import type { Rule } from './rule.ts';
import { servicePeers } from './services.ts';

export interface CiliumContext extends CheckSettings {
  readonly clusterName: string;
  readonly services: readonly Service[];
  /** enable-non-default-deny-policies. */
  readonly honoursEnableDefaultDeny: boolean;
}

type Entry = IngressEntry & EgressEntry;

/** The rules of one object; none when it is refused. */
export function ciliumRules(object: unknown, kind: PolicyKind, context: CiliumContext, problems: Problems): Rule[] {
  const policy = readShape(ciliumPolicyShape, object, problems);
  if (!policy) return [];
  const isClusterwide = kind === 'CiliumClusterwideNetworkPolicy';
  const namespace = isClusterwide ? undefined : (policy.metadata.namespace ?? 'default');
  const reference: PolicyReference = { kind, name: policy.metadata.name, ...(namespace === undefined ? {} : { namespace }) };
  const specs = [...(policy.spec ? [{ spec: policy.spec, path: 'spec' }] : []), ...(policy.specs ?? []).map((spec, i) => ({ spec, path: `specs[${i}]` }))];
  if (specs.length === 0) problems.add('refused', 'spec', 'has neither spec nor specs');
  for (const { spec, path } of specs) {
    checkSpec(spec, path, context, problems);
    if (spec.nodeSelector && !isClusterwide) problems.add('refused', `${path}.nodeSelector`, 'is for CiliumClusterwideNetworkPolicy only');
  }
  if (problems.isRefused) return [];
  return specs.flatMap(({ spec, path }) => specRules(spec, { path, reference, namespace, context, problems }));
}

interface Scope {
  readonly path: string;
  readonly reference: PolicyReference;
  readonly namespace: string | undefined;
  readonly context: CiliumContext;
  readonly problems: Problems;
}

function specRules(spec: CiliumSpec, scope: Scope): Rule[] {
  const subject = subjectOf(spec, scope);
  const isAboutInit = requirementsOf(spec.endpointSelector ?? {}, 'any').some((r) => r.source === 'reserved' && r.key === 'init');
  return directions.flatMap((list) =>
    (spec[list] ?? []).map((item, i): Rule => {
      const entry = item as Entry;
      const direction = list.startsWith('ingress') ? 'ingress' : 'egress';
      const path = `${scope.path}.${list}[${i}]`;
      const verdict = list.endsWith('Deny') ? 'deny' : 'allow';
      const peers = peersOf(entry, { direction, verdict }, { ...scope, path }, isAboutInit);
      const ports = portsOf(entry);
      return {
        reference: { policy: scope.reference, path, ...(spec.description === undefined ? {} : { description: spec.description }) },
        direction,
        verdict,
        subject,
        namespace: scope.namespace,
        isAboutNodes: spec.nodeSelector !== undefined,
        hasDefaultDeny: !scope.context.honoursEnableDefaultDeny || (spec.enableDefaultDeny?.[direction] ?? true),
        peers: peers === 'none' || peers === 'any' || peers.length > 0 ? peers : ports === 'all' ? 'none' : 'any',
        ports,
        needsAuthentication: entry.authentication !== undefined && entry.authentication.mode !== 'disabled',
      };
    }),
  );
}

function subjectOf(spec: CiliumSpec, { namespace, path, problems }: Scope): Requirement[] {
  const written = requirementsOf(spec.endpointSelector ?? spec.nodeSelector ?? {}, 'any');
  if (namespace === undefined) return written;
  const elsewhere = written.find((r) => isOnPodLabel(r, podNamespace) && r.operator === 'In' && !r.values.includes(namespace));
  if (elsewhere) problems.add('inert', `${path}.endpointSelector`, `names namespace ${elsewhere.values.join(', ')}, but a policy is only about pods of its own namespace, ${namespace}`);
  // A label written as "k8s:io.kubernetes.pod.namespace" is replaced; one written without its source stays and contradicts.
  const kept = written.filter((r) => !(r.source === 'k8s' && r.key === podNamespace && r.operator === 'In' && r.values.length === 1));
  return [...kept, equals('k8s', podNamespace, namespace)];
}

/** An empty result is "no peers were named". */
function peersOf(entry: Entry, { direction, verdict }: Pick<Rule, 'direction' | 'verdict'>, scope: Scope, isAboutInit: boolean): 'any' | 'none' | Peer[] {
  const [endpoints, nodes, named, cidrs, cidrSet, groups] =
    direction === 'ingress'
      ? [entry.fromEndpoints, entry.fromNodes, entry.fromEntities, entry.fromCIDR, entry.fromCIDRSet, entry.fromGroups]
      : [entry.toEndpoints, entry.toNodes, entry.toEntities, entry.toCIDR, entry.toCIDRSet, entry.toGroups];
  const resolved = verdict === 'deny' ? { endpoints: [], cidrs: [] } : servicePeers(entry.toServices ?? [], scope.context, scope.path, scope.problems);
  if (verdict === 'deny' && entry.toServices?.length) scope.problems.add('inert', `${scope.path}.toServices`, 'is not resolved in deny rules: without toPorts the entry denies nothing, with toPorts every peer on these ports');
  // An explicit empty list matches nothing, unless toServices put something into it; toFQDNs and toServices themselves do not count.
  const empty = [resolved.endpoints.length > 0 ? undefined : endpoints, nodes, named, cidrs, resolved.cidrs.length > 0 ? undefined : cidrSet].some((list) => list?.length === 0);
  if (empty) return 'none';
  if (groups && groups.length > 0) scope.problems.add('undecided', scope.path, 'cloud security groups are not looked up: taken to be empty');
  const { clusterName } = scope.context;
  const entities = (named ?? []).map((entity) => entityPeers(entity, clusterName));
  if (cidrSet?.some(isEveryGroup)) scope.problems.add('undecided', scope.path, 'has an empty cidrGroupSelector, which Cilium takes for every peer, pods too, as simulated here; but with port names at the sender an agent may confuse it with rules for every peer, in both directions');
  if (entities.includes('any') || cidrSet?.some(isEveryGroup)) return 'any';
  const selectors = [...(endpoints ?? []).map((s) => endpointSelector(s, scope, isAboutInit)), ...(nodes ?? []).map((s) => nodeSelector(s, clusterName))];
  if (selectors.some((requirements) => requirements.length === 0)) return 'any';
  return [
    ...selectors.map((requirements): Peer => ({ kind: 'labels', requirements })),
    ...resolved.endpoints,
    ...entities.flatMap((peers) => (peers === 'any' ? [] : peers)),
    ...(cidrs ?? []).flatMap((text) => cidrPeer(text, [])),
    ...(cidrSet ?? []).flatMap(cidrRulePeer),
    ...resolved.cidrs,
    ...(entry.toFQDNs ?? []).map((name): Peer => ({ kind: 'name', text: name.matchName ?? name.matchPattern ?? '', matches: nameMatcher(name) })),
    ...(groups ?? []).map((): Peer => ({ kind: 'labels', requirements: [exists('reserved', 'none')] })),
  ];
}

/** getEndpointSelector: namespace and cluster of the policy unless the selector names others. Selectors on reserved labels stay as they are. */
function endpointSelector(selector: LabelSelector, { namespace, context }: Scope, isAboutInit: boolean): Requirement[] {
  const written = requirementsOf(selector, 'any');
  if (written.some((r) => r.source === 'reserved')) return written;
  const added: Requirement[] = [];
  if (!written.some((r) => isOnPodLabel(r, podNamespace))) {
    const namesNamespaceLabels = written.some((r) => (r.source === 'k8s' || r.source === 'any') && r.key.startsWith(`${namespaceLabels}.`));
    if (namespace === undefined && !isAboutInit) added.push(exists('k8s', podNamespace));
    if (namespace !== undefined && !namesNamespaceLabels) added.push(equals('k8s', podNamespace, namespace));
  }
  return [...written, ...added, ...inCluster(written, context.clusterName)];
}

/** Other nodes only: the pod's own node is "host", not "remote-node", and never matches. */
function nodeSelector(selector: LabelSelector, clusterName: string): Requirement[] {
  const written = requirementsOf(selector, 'any');
  return [...written, exists('reserved', 'remote-node'), ...inCluster(written, clusterName)];
}

function inCluster(written: readonly Requirement[], clusterName: string): Requirement[] {
  return written.some((r) => isOnPodLabel(r, clusterLabel)) ? [] : [equals('k8s', clusterLabel, clusterName)];
}

/** An empty selector of groups has the key of the selector for every peer, and is taken for it: pods and nodes too. */
function isEveryGroup({ cidrGroupSelector: selector, except = [] }: CidrRule): boolean {
  return selector !== undefined && except.length === 0 && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
}

function cidrRulePeer(rule: CidrRule): Peer[] {
  if (rule.cidr !== undefined) return cidrPeer(rule.cidr, rule.except ?? []);
  const except = (rule.except ?? []).map(parsePrefix).filter((p): p is Prefix => p !== undefined);
  return [{ kind: 'group', select: rule.cidrGroupRef ?? requirementsOf(rule.cidrGroupSelector ?? {}, 'cidrgroup'), except }];
}

/** Entries of toPorts without ports match nothing; no toPorts and no icmps at all match everything. */
function portsOf(entry: Entry): 'all' | PortMatch[] {
  if (!entry.toPorts?.length && !entry.icmps?.length) return 'all';
  const icmps = (entry.icmps ?? []).flatMap(({ fields = [] }) => fields.flatMap(({ family, type }) => icmpMatch(family, type) ?? []));
  const ports = (entry.toPorts ?? []).flatMap((item) => {
    const proxy = item.listener ? 'listener' : item.rules?.dns?.length ? 'dns' : item.rules?.http?.length ? 'http' : (item.terminatingTLS ?? item.originatingTLS ?? item.serverNames) ? 'tls' : undefined;
    return (item.ports ?? []).flatMap(({ port = '', endPort, protocol }) => {
      const protocols = protocol === undefined || protocol === 'ANY' ? (['TCP', 'UDP', 'SCTP'] as const) : protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP' ? [protocol] : [];
      return protocols.map((each): PortMatch => (isPortName(port) ? { protocol: each, name: port.toLowerCase(), ...(proxy ? { proxy } : {}) } : portRange(each, parsePort(port) ?? 0, endPort, proxy)));
    });
  });
  return [...icmps, ...ports];
}
