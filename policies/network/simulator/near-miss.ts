/** For a closed end: allow rules that name the peer and miss the port. Most wrong ports are the service's instead of the pod's. */
import { matchesRule, type Question } from './matching.ts';
import type { CidrSettings } from './peers.ts';
import { formatMatch } from './ports.ts';
import { formatRule, type Rule } from './rule.ts';

/** undefined where no rule comes that close. Everybody is no peer in particular. */
export function nearMiss(question: Question, settings: CidrSettings): string | undefined {
  const near = question.rules.filter((rule) => rule.verdict === 'allow' && Array.isArray(rule.peers) && matchesRule({ ...rule, ports: 'all' }, question, settings));
  return near.length > 0 ? near.map((rule) => `${formatRule(rule)} names this peer, but ${portsOf(rule)}`).join('; ') : undefined;
}

function portsOf({ ports }: Rule): string {
  if (ports === 'all') return 'all ports';
  return ports.length === 0 ? 'no port' : `only ${[...new Set(ports.map(formatMatch))].join(', ')}`;
}
