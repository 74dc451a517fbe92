/**
 * Flows of one direction of one component → as few rules as say the same: peers that are covered by wider ones go, one
 * peer has one rule, peers with the same ports and the same reason share one.
 */
import { type ContractFlow, type Party, partyText, portText } from '../flows.ts';
import type { Port } from '../contract.ts';

/** What a dialect makes of a peer: the rule without its ports. `undefined`: it has no words for it. */
export interface Peer {
  /** Rules with the same kind can be merged; a kind of its own cannot. */
  readonly kind: string;
  readonly items: readonly unknown[];
}

export interface Rule {
  readonly peer: Peer;
  readonly ports: readonly Port[];
  readonly flows: readonly ContractFlow[];
  /** "ingress[0] prometheus on 9153/TCP: scrapes metrics" without the first word. */
  readonly text: string;
}

export interface Direction {
  /** Which end of the flows is the peer. */
  readonly peerOf: (flow: ContractFlow) => Party;
  readonly render: (party: Party, flow: ContractFlow) => Peer;
}

export function rulesFor(flows: readonly ContractFlow[], { peerOf, render }: Direction): readonly Rule[] {
  const pieces = withoutCovered(flows, peerOf).flatMap((flow) =>
    split(flow.ports).map((ports) => ({ peer: render(peerOf(flow), flow), ports, flow })));
  const byPeer = merged(pieces.map(({ flow, ...piece }) => ({ ...piece, flows: [flow] })), ({ peer, ports }) => JSON.stringify([peer, isIcmp(ports)]), (a, b) => ({ ...a, ports: union(a.ports, b.ports), flows: [...a.flows, ...b.flows] }));
  const byPorts = merged(byPeer, ({ peer, ports, flows: from }) => JSON.stringify([peer.kind, ports, reasonsOf(from)]), (a, b) => ({ ...a, peer: { kind: a.peer.kind, items: union(a.peer.items, b.peer.items) }, flows: [...a.flows, ...b.flows] }));
  return byPorts.map((rule) => ({ ...rule, text: textOf(rule, peerOf) }));
}

/** A rule for any pod covers each pod, one for nodes each pod on the host network. */
function withoutCovered(flows: readonly ContractFlow[], peerOf: Direction['peerOf']): readonly ContractFlow[] {
  const covering = flows.filter((flow) => ['anyPod', 'nodes'].includes(peerOf(flow).kind));
  return flows.filter((flow) => {
    const party = peerOf(flow);
    if (party.kind !== 'component') return true;
    const kind = party.contract.pods.hostNetwork ? 'nodes' : 'anyPod';
    return !covering.some((wide) => peerOf(wide).kind === kind && flow.ports.every((port) => wide.ports.some((other) => portText(other) === portText(port))));
  });
}

/** ICMP cannot stand beside ports in one rule. */
function split(ports: readonly Port[]): readonly (readonly Port[])[] {
  return [ports.filter((port) => port.protocol !== 'ICMP'), ports.filter((port) => port.protocol === 'ICMP')].filter((list) => list.length > 0);
}

const isIcmp = (ports: readonly Port[]): boolean => ports.some(({ protocol }) => protocol === 'ICMP');

function merged<T>(list: readonly T[], key: (item: T) => string, merge: (a: T, b: T) => T): readonly T[] {
  const out = new Map<string, T>();
  for (const item of list) {
    const found = out.get(key(item));
    out.set(key(item), found === undefined ? item : merge(found, item));
  }
  return [...out.values()];
}

function union<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  const known = new Set(a.map((item) => JSON.stringify(item)));
  return [...a, ...b.filter((item) => !known.has(JSON.stringify(item)))];
}

const reasonsOf = (flows: readonly ContractFlow[]): readonly string[] => [...new Set(flows.map(({ reason }) => reason))];

function textOf({ ports, flows }: Pick<Rule, 'ports' | 'flows'>, peerOf: Direction['peerOf']): string {
  const who = [...new Set(flows.map((flow) => partyText(peerOf(flow))))].join(', ');
  return `${who} on ${ports.map(portText).join(', ')}: ${reasonsOf(flows).join('; ')}`;
}
