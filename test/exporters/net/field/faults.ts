/** What can be wrong in the field, as data, and what of it is packets that are dropped at taps. The rest is done by field.ts. */
import type { Drop } from '../../../../sandbox/faults/packet-filter.ts';
import { hostsOf, scraper, tapOf, type Host, type Topology } from './topology.ts';

export type Fault =
  /** The machine is off: no frame, no process. */
  | { readonly kind: 'node dead'; readonly node: string }
  /** Nothing passes between two zones, either way. */
  | { readonly kind: 'zone partition'; readonly zones: readonly [string, string] }
  /** Packets from one node to another are lost; those of the other direction arrive. */
  | { readonly kind: 'one-way block'; readonly from: string; readonly to: string }
  /** So many percent of what the node sends are lost. */
  | { readonly kind: 'loss'; readonly node: string; readonly percent: number }
  /** Round trips of the node take so much longer. */
  | { readonly kind: 'latency'; readonly node: string; readonly ms: number }
  /** Packets between two zones that are longer than this (IP header included) vanish, without a word of ICMP: RFC 2923. */
  | { readonly kind: 'MTU black hole'; readonly zones: readonly [string, string]; readonly longerThan: number }
  | { readonly kind: 'DNS pod dead'; readonly server: string }
  /** All DNS pods answer late over one protocol. */
  | { readonly kind: 'slow resolver'; readonly protocol: 'udp' | 'tcp'; readonly ms: number }
  /** All time servers tell this node another time: what it looks like when the node's own clock is off. */
  | { readonly kind: 'clock off'; readonly node: string; readonly seconds: number }
  /** The node's network is cut, but its pod lives and is still scraped: "it is me". */
  | { readonly kind: 'cut off'; readonly node: string };

/** Packets that the fault takes away. */
export function dropsOf(fault: Fault, field: Topology): readonly Drop[] {
  const all = hostsOf(field);
  switch (fault.kind) {
    case 'node dead':
      return both(named(all, fault.node));
    case 'DNS pod dead':
      return both(named(all, fault.server));
    case 'zone partition':
      return between(all, fault.zones);
    case 'MTU black hole':
      return between(all, fault.zones).map((drop) => ({ ...drop, longerThan: fault.longerThan }));
    case 'one-way block':
      return toAny(named(all, fault.from), [named(all, fault.to)]);
    case 'loss':
      return [{ tap: tapOf(named(all, fault.node)), direction: 'out', percent: fault.percent }];
    case 'cut off':
      return both(named(all, fault.node)).flatMap((drop) => [{ ...drop, exceptPeers: [scraper.address] }, { ...drop, exceptPeers: [scraper.address6] }]);
    case 'latency':
    case 'slow resolver':
    case 'clock off':
      return [];
  }
}

const both = (host: Host): readonly Drop[] => [{ tap: tapOf(host), direction: 'out' }, { tap: tapOf(host), direction: 'in' }];

/** Each host of one zone loses what it sends to the other. */
function between(hosts: readonly Host[], [one, other]: readonly [string, string]): readonly Drop[] {
  const of = (zone: string): readonly Host[] => hosts.filter((host) => host.zone === zone);
  return [...of(one).flatMap((host) => toAny(host, of(other))), ...of(other).flatMap((host) => toAny(host, of(one)))];
}

/** Names the packets of both families that go there. */
function toAny(from: Host, to: readonly Host[]): readonly Drop[] {
  const drop = (peers: readonly string[]): Drop => ({ tap: tapOf(from), direction: 'out', peers });
  return [drop(to.map((host) => host.address)), drop(to.map((host) => host.address6))];
}

export function named(hosts: readonly Host[], name: string): Host {
  const host = hosts.find((one) => one.name === name);
  if (!host) throw new Error(`the field has no host ${name}; there are ${hosts.map((one) => one.name).join(', ')}`);
  return host;
}
