/**
 * What Cilium refuses although its CRDs let it pass: Rule.Sanitize of pkg/policy/api/rule_validation.go, version 1.20.
 * A refused policy has no effect at all, and the API server does not say so.
 */
import { covers, parsePrefix } from './addresses.ts';
import type { CidrRule, CiliumSpec, EgressEntry, IngressEntry, PortEntry, PortText } from './cilium-shape.ts';
import { checkSelector } from './selector-checks.ts';
import type { LabelSelector } from './labels.ts';
import { icmpMatch, isPortName, parsePort } from './ports.ts';
import type { Problems } from './problems.ts';

export interface CheckSettings {
  /** nodeSelectorLabels: fromNodes and toNodes exist. */
  readonly hasNodeSelectorLabels: boolean;
}

type Entry = IngressEntry & EgressEntry;

const peerFields = ['Endpoints', 'Nodes', 'Entities', 'CIDR', 'CIDRSet', 'Groups', 'Services', 'FQDNs'] as const;
const portless = new Set(['VRRP', 'IGMP', 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH']);

/** The four lists of a spec with their entries. */
export const directions = ['ingress', 'ingressDeny', 'egress', 'egressDeny'] as const;

export function checkSpec(spec: CiliumSpec, path: string, settings: CheckSettings, problems: Problems): void {
  if (directions.every((direction) => !spec[direction]?.length)) {
    problems.add('refused', path, 'has no entry in ingress, ingressDeny, egress or egressDeny: Cilium refuses it, whatever enableDefaultDeny says; to deny everything write "ingress: [{}]"');
  }
  if (spec.endpointSelector) checkSelector(spec.endpointSelector, `${path}.endpointSelector`, problems);
  if (spec.nodeSelector) checkSelector(spec.nodeSelector, `${path}.nodeSelector`, problems);
  for (const direction of directions) {
    for (const [i, entry] of (spec[direction] ?? []).entries()) {
      checkEntry(entry as Entry, { direction, path: `${path}.${direction}[${i}]`, isHostPolicy: spec.nodeSelector !== undefined }, settings, problems);
    }
  }
}

interface Place {
  readonly direction: (typeof directions)[number];
  readonly path: string;
  readonly isHostPolicy: boolean;
}

function checkEntry(entry: Entry, place: Place, settings: CheckSettings, problems: Problems): void {
  const { path } = place;
  const prefix = place.direction.startsWith('ingress') ? 'from' : 'to';
  const fields = entry as Readonly<Record<string, unknown>>;
  const used = peerFields.map((name) => `${prefix}${name}`).filter((name) => ((fields[name] as readonly unknown[] | undefined) ?? []).length > 0);
  if (used.length > 1) problems.add('refused', path, `has ${used.join(' and ')}: one entry names its peers in one way; make it ${used.length} entries`);
  if (used.includes(`${prefix}Nodes`) && !settings.hasNodeSelectorLabels) {
    problems.add('refused', `${path}.${prefix}Nodes`, 'needs nodeSelectorLabels, which is off: the whole policy is refused');
  }
  for (const name of ['Endpoints', 'Nodes']) {
    for (const [i, selector] of ((fields[`${prefix}${name}`] as readonly LabelSelector[] | undefined) ?? []).entries()) checkSelector(selector, `${path}.${prefix}${name}[${i}]`, problems);
  }
  for (const [i, rule] of ((fields[`${prefix}CIDRSet`] as readonly CidrRule[] | undefined) ?? []).entries()) checkCidrRule(rule, `${path}.${prefix}CIDRSet[${i}]`, problems);
  if (entry.icmps?.length && entry.toPorts?.length) problems.add('refused', path, 'has icmps and toPorts: make it two entries');
  for (const [i, ports] of (entry.toPorts ?? []).entries()) checkPorts(ports, { ...place, path: `${path}.toPorts[${i}]` }, problems);
  for (const [i, icmp] of (entry.icmps ?? []).entries()) {
    for (const [j, field] of (icmp.fields ?? []).entries()) {
      if (!icmpMatch(field.family, field.type)) problems.add('refused', `${path}.icmps[${i}].fields[${j}].type`, `${field.family ?? 'IPv4'} has no ICMP type ${field.type}`);
    }
  }
}

function checkCidrRule(rule: CidrRule, path: string, problems: Problems): void {
  if (rule.cidrGroupSelector) checkSelector(rule.cidrGroupSelector, `${path}.cidrGroupSelector`, problems);
  const outer = rule.cidr === undefined ? undefined : parsePrefix(rule.cidr);
  for (const [i, text] of (rule.except ?? []).entries()) {
    const inner = parsePrefix(text);
    if (outer && inner && !covers(outer, inner)) problems.add('refused', `${path}.except[${i}]`, `${text} is not inside ${rule.cidr}`);
  }
}

function checkPorts(entry: PortEntry, place: Place, problems: Problems): void {
  const { path, direction } = place;
  const isIngress = direction.startsWith('ingress');
  const dns = (entry.rules?.dns ?? []).length > 0;
  const hasRules = dns || (entry.rules?.http ?? []).length > 0;
  const refuse = (at: string, message: string) => problems.add('refused', `${path}${at}`, message);
  if (isIngress && dns) refuse('.rules.dns', 'DNS rules are for egress');
  if (place.isHostPolicy && hasRules && (isIngress || !dns)) refuse('.rules', isIngress ? 'host policies have no L7 rules on ingress' : 'host policies have no HTTP rules');
  if (entry.serverNames?.includes('')) refuse('.serverNames', 'a server name is empty');
  if (entry.serverNames && hasRules && !entry.terminatingTLS) refuse('.serverNames', 'server names together with L7 rules need terminatingTLS');
  if (entry.listener && isIngress) refuse('.listener', 'listeners are for egress');
  if (entry.listener && hasRules) refuse('.listener', 'a listener excludes L7 rules');
  if (dns && !entry.ports?.length) refuse('.rules.dns', 'DNS rules need a port');
  for (const [i, port] of (entry.ports ?? []).entries()) checkPort(port, { path: `${path}.ports[${i}]`, dns, hasRules }, problems);
}

function checkPort({ port, endPort, protocol }: PortText, rules: { readonly path: string; readonly dns: boolean; readonly hasRules: boolean }, problems: Problems): void {
  const refuse = (message: string) => problems.add('refused', `${rules.path}.port`, message);
  if (port === undefined || port === '') return refuse('a port is needed; "0" stands for all');
  if (rules.hasRules && !rules.dns && protocol !== 'TCP') problems.add('refused', `${rules.path}.protocol`, `HTTP rules need protocol TCP, not ${protocol ?? 'any'}`);
  if (isPortName(port)) return;
  const number = parsePort(port);
  if (number === undefined) return refuse(`"${port}" is neither a port from 0 to 65535 nor a name of at most 15 letters, digits and dashes`);
  if (portless.has(protocol ?? '') && number !== 0) refuse(`${protocol} has no ports: leave it at "0"`);
  if (rules.hasRules && number === 0) refuse('L7 rules need a port other than 0');
  if (rules.dns && (endPort ?? 0) > number) problems.add('refused', `${rules.path}.endPort`, 'DNS rules do not know port ranges');
}
