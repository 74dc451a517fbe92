/**
 * Ends that policies cannot tell apart, as one class: selected by the same rules, named as peers by the same selectors, with
 * the same ports behind the names that rules use. Thousands of pods become some hundred classes.
 */
import type { Endpoint, World } from '../model.ts';
import { ByNamespace } from '../simulator/by-namespace.ts';
import type { End, Identities } from '../simulator/identities.ts';
import type { Identity } from '../simulator/identity.ts';
import { podNamespace, type Requirement } from '../simulator/labels.ts';
import { selectsSubject } from '../simulator/matching.ts';
import { formatPeer, matchesPeer, type CidrSettings, type Peer } from '../simulator/peers.ts';
import type { Rule } from '../simulator/rule.ts';
import type { MatrixEnd } from './ends.ts';

export interface Class {
  readonly members: readonly MatrixEnd[];
  readonly end: End;
  readonly subject: Identity;
  readonly peer: Identity;
  /** Indexes of the rules that select its members. */
  readonly rules: readonly number[];
  /** Indexes of the peers (of `Peers`) that it is one of. */
  readonly peers: readonly number[];
}

/** Every distinct peer of the rules, once. */
export interface Peers {
  readonly list: readonly Peer[];
  /** Index of a peer in `list`. */
  indexOf(peer: Peer): number;
}

export function distinctPeers(rules: readonly Rule[]): Peers {
  const byText = new Map<string, number>();
  const byObject = new Map<Peer, number>();
  const list: Peer[] = [];
  for (const peer of rules.flatMap((rule) => (rule.peers === 'any' || rule.peers === 'none' ? [] : rule.peers))) {
    const text = formatPeer(peer);
    const known = byText.get(text) ?? list.push(peer) - 1;
    byText.set(text, known);
    byObject.set(peer, known);
  }
  return { list, indexOf: (peer) => byObject.get(peer) ?? -1 };
}

export function classesOf(ends: readonly MatrixEnd[], world: World, rules: readonly Rule[], peers: Peers, identities: Identities): Class[] {
  const settings: CidrSettings = { matchesNodes: world.settings?.cidrMatchMode?.includes('nodes') ?? false, isDualStack: world.settings?.ipv6 ?? false };
  const portNames = new Set(rules.flatMap((rule) => (rule.ports === 'all' ? [] : rule.ports.flatMap((port) => ('name' in port ? [port.name] : [])))));
  const rulesByNamespace = new ByNamespace(rules, (i) => rules[i]?.namespace);
  const peersByNamespace = new ByNamespace(peers.list, (i) => namespaceOf(peers.list[i]));

  const looked = new Map<string, { rules: number[]; peers: number[] }>();
  const classes = new Map<string, { members: MatrixEnd[] } & Omit<Class, 'members'>>();
  for (const matrixEnd of ends) {
    const end = identities.find(matrixEnd.endpoint);
    const subject = identities.subject(end);
    const peer = identities.peer(end, undefined);
    const identityKey = `${end.kind} ${keyOf(subject)} ${subject === peer ? '' : keyOf(peer)}`;
    const found = looked.get(identityKey) ?? {
      rules: canBeSubject(end) ? rulesByNamespace.near(subject).filter((i) => selectsSubject(rules[i] as Rule, subject)) : [],
      peers: peersByNamespace.near(peer).filter((i) => matchesPeer(peers.list[i] as Peer, peer, settings)),
    };
    looked.set(identityKey, found);
    const ports = [...peer.ports].filter(([name]) => portNames.has(name)).map(([name, port]) => `${name}=${port.port}/${port.protocol}`).sort().join();
    const key = [kindOf(end), subject.labels.has('init'), found.rules.join(), found.peers.join(), ports].join('|');
    const known = classes.get(key);
    if (known) known.members.push(matrixEnd);
    else classes.set(key, { members: [matrixEnd], end, subject, peer, ...found });
  }
  return [...classes.values()];
}

/** Whether some agent filters what this end sends and receives. */
export function canBeSubject(end: End): boolean {
  if (end.kind === 'outside' || end.kind === 'name') return false;
  return !(end.kind === 'reserved' && end.name === 'unmanaged') && !(end.kind === 'node' && !end.node);
}

/** Ends of different kinds are never in one class: people want to read the matrix. */
function kindOf(end: End): string {
  return end.kind === 'reserved' ? end.name : end.kind === 'pod' ? `pod ${end.pod.namespace}` : end.kind;
}

function keyOf({ labels, ports, addresses, name }: Identity): string {
  return JSON.stringify([[...labels].map(([key, { source, value }]) => `${source}:${key}=${value}`).sort(), [...ports], addresses.map((a) => `${a.family}${a.value}`), name]);
}

/** The namespace that a selector on pods is bound to; undefined where it is to none. */
function namespaceOf(peer: Peer | undefined): string | undefined {
  if (peer?.kind !== 'labels') return undefined;
  const bound = peer.requirements.find((r: Requirement) => r.key === podNamespace && r.operator === 'In' && r.values.length === 1);
  return bound?.values[0];
}

export function endpointsOf(group: Class): readonly Endpoint[] {
  return group.members.map((member) => member.endpoint);
}
