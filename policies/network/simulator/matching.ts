/** Which rules select an end, and which of those fit a question. */
import type { Transport } from '../model.ts';
import type { Identity } from './identity.ts';
import { matchesAll, podNamespace } from './labels.ts';
import { matchesPeer, type CidrSettings } from './peers.ts';
import { matchesPort } from './ports.ts';
import type { Rule } from './rule.ts';

/** One direction at one end. */
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

export function matchesRule(rule: Rule, { direction, subject, peer, protocol, port }: Question, settings: CidrSettings): boolean {
  if (rule.peers === 'none') return false;
  if (rule.peers !== 'any' && !rule.peers.some((p) => matchesPeer(p, peer, settings))) return false;
  const receiver = direction === 'ingress' ? subject : peer;
  return rule.ports === 'all' || rule.ports.some((match) => matchesPort(match, protocol, port, receiver.ports));
}
