/**
 * One direction at one end: the verdict of all rules that select the subject, with its cause. Deny goes before allow, allow
 * before default deny, whatever the order and however special the match (computePolicyEnforcementAndRules of
 * pkg/policy/repository.go and the precedence of pkg/policy/mapstate.go, Cilium 1.20, without tiers and priorities).
 */
import type { CiliumSettings, Decision, RuleReference, Transport } from '../model.ts';
import type { Identity } from './identity.ts';
import { matchesAll, podNamespace } from './labels.ts';
import { matchesPeer, type CidrSettings } from './peers.ts';
import { matchesPort } from './ports.ts';
import type { Rule } from './rule.ts';

export interface Question {
  /** Rules that select the subject, in this direction. */
  readonly rules: readonly Rule[];
  readonly direction: 'ingress' | 'egress';
  readonly subject: Identity;
  readonly peer: Identity;
  readonly protocol: Transport;
  /** Or the ICMP type. */
  readonly port: number;
}

export function selectsSubject(rule: Rule, subject: Identity): boolean {
  if (rule.isAboutNodes !== subject.isLocalHost) return false;
  if (rule.namespace !== undefined && subject.labels.get(podNamespace)?.value !== rule.namespace) return false;
  return matchesAll(rule.subject, subject.labels);
}

export function decideDirection(question: Question, settings: CiliumSettings): Decision {
  const { rules, subject, direction } = question;
  const cidr: CidrSettings = { matchesNodes: settings.cidrMatchMode?.includes('nodes') ?? false, isDualStack: settings.ipv6 ?? false };
  if (settings.enforcement === 'never') return notEnforced('policyEnforcementMode is never');
  if (subject.isLocalHost && !settings.hostFirewall) return notEnforced('the host firewall is off: nothing is filtered in the network of nodes');

  // A pod without identity is closed, and so is, by a slip of Cilium's, every pod with a label named "init".
  const isAlways = settings.enforcement === 'always' || subject.labels.has('init');
  if (rules.length === 0 && !isAlways) return { allowed: true, cause: { kind: 'no-policy' } };

  const matching = rules.filter((rule) => matchesRule(rule, question, cidr));
  const denying = matching.filter((rule) => rule.verdict === 'deny');
  if (denying.length > 0) return { allowed: false, cause: { kind: 'denied-by', rules: references(denying) } };
  if (matching.length > 0) return { allowed: true, cause: { kind: 'allowed-by', rules: references(matching) } };

  const closing = rules.filter((rule) => rule.hasDefaultDeny);
  if (closing.length === 0 && !isAlways) return { allowed: true, cause: { kind: 'no-default-deny', rules: references(rules) } };
  // Without any rule there is no exception for the local host either (cilium#48444).
  const isFromOwnNode = direction === 'ingress' && rules.length > 0 && question.peer.isLocalHost && !subject.isLocalHost;
  if (isFromOwnNode && settings.allowLocalhost !== false) return { allowed: true, cause: { kind: 'local-host' } };
  const why = closing.length > 0 ? undefined : settings.enforcement === 'always' ? 'policyEnforcementMode is always' : 'it has the label "init", which Cilium takes for a pod without identity';
  return { allowed: false, cause: { kind: 'default-deny', by: references(closing), ...(why === undefined ? {} : { why }) } };
}

export function matchesRule(rule: Rule, { direction, subject, peer, protocol, port }: Question, settings: CidrSettings): boolean {
  if (rule.peers === 'none') return false;
  if (rule.peers !== 'any' && !rule.peers.some((p) => matchesPeer(p, peer, settings))) return false;
  const receiver = direction === 'ingress' ? subject : peer;
  return rule.ports === 'all' || rule.ports.some((match) => matchesPort(match, protocol, port, receiver.ports));
}

export function notEnforced(why: string): Decision {
  return { allowed: true, cause: { kind: 'not-enforced', why } };
}

function references(rules: readonly Rule[]): RuleReference[] {
  return rules.map((rule) => rule.reference);
}
