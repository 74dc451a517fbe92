/**
 * One direction at one end: the verdict of all rules that select the subject, with its cause. Deny goes before allow, allow
 * before default deny, whatever the order and however special the match (computePolicyEnforcementAndRules of
 * pkg/policy/repository.go and the precedence of pkg/policy/mapstate.go, Cilium 1.20, without tiers and priorities).
 */
import type { CiliumSettings, Decision, RuleReference } from '../model.ts';
import { matchesRule, type Question } from './matching.ts';
import { nearMiss } from './near-miss.ts';
import type { CidrSettings } from './peers.ts';
import type { Rule } from './rule.ts';

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
  const why = closing.length > 0 ? nearMiss(question, cidr) : settings.enforcement === 'always' ? 'policyEnforcementMode is always' : 'it has the label "init", which Cilium takes for a pod without identity';
  return { allowed: false, cause: { kind: 'default-deny', by: references(closing), ...(why === undefined ? {} : { why }) } };
}

export function notEnforced(why: string): Decision {
  return { allowed: true, cause: { kind: 'not-enforced', why } };
}

function references(rules: readonly Rule[]): RuleReference[] {
  return rules.map((rule) => rule.reference);
}
