/** What a verdict leaves open: contents of traffic, proofs of identity, names that have to be resolved first. */
import type { Decision, Transport } from '../model.ts';
import type { End } from './identities.ts';
import { matchesPort, type NamedPorts } from './ports.ts';
import { formatRule, type Rule } from './rule.ts';

interface Context {
  /** All rules that select the subject, in both directions. */
  readonly rules: readonly Rule[];
  readonly direction: 'ingress' | 'egress';
  readonly subject: End;
  readonly peer: End;
  readonly decision: Decision;
  readonly protocol: Transport;
  readonly port: number;
}

export function openQuestions(context: Context): string[] {
  const { decision, peer } = context;
  if (decision.cause.kind === 'not-enforced') return [];
  const allowing = decision.cause.kind === 'allowed-by' ? decision.cause.rules : [];
  const rules = context.rules.filter((rule) => allowing.includes(rule.reference));
  return [...rules.flatMap((rule) => looksInside(rule, context)), ...(peer.kind === 'name' && context.direction === 'egress' ? aboutName(peer.name, rules, context.rules) : [])];
}

function looksInside(rule: Rule, { protocol, port, direction, subject, peer }: Context): string[] {
  const receiver = direction === 'ingress' ? subject : peer;
  const names: NamedPorts = new Map(receiver.kind === 'pod' ? receiver.pod.ports.flatMap((p) => (p.name === undefined ? [] : [[p.name.toLowerCase(), { port: p.port, protocol: p.protocol }] as const])) : []);
  const proxies = rule.ports === 'all' ? [] : rule.ports.flatMap((match) => (match.proxy !== undefined && matchesPort(match, protocol, port, names) ? [match.proxy] : []));
  return [
    ...[...new Set(proxies)].map((proxy) => `${formatRule(rule)} hands the traffic to a proxy (${proxy}), which may still refuse it`),
    ...(rule.needsAuthentication ? [`${formatRule(rule)} asks both ends to authenticate`] : []),
  ];
}

function aboutName(name: string, allowing: readonly Rule[], all: readonly Rule[]): string[] {
  const egress = all.filter((rule) => rule.direction === 'egress');
  const isByName = allowing.some((rule) => Array.isArray(rule.peers) && rule.peers.some((peer) => peer.kind === 'name'));
  const learns = egress.some((rule) => rule.verdict === 'allow' && rule.ports !== 'all' && rule.ports.some((match) => match.proxy === 'dns'));
  const byAddress = egress.filter((rule) => Array.isArray(rule.peers) && rule.peers.some((peer) => peer.kind === 'group' || (peer.kind === 'cidr' && (peer.prefix.length > 0 || peer.except.length > 0))));
  return [
    ...(isByName && !learns ? [`nothing sends the DNS queries of this pod through Cilium's proxy, so that the addresses of ${name} are never learnt: add a rule with rules.dns to the resolver`] : []),
    ...(isByName && learns ? [`${name} is open only after the pod has looked it up, for the addresses of the answer`] : []),
    ...byAddress.map((rule) => `${formatRule(rule)} names addresses: which ${name} has is not known here`),
  ];
}
