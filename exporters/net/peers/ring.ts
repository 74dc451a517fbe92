/**
 * Which peers a node watches, so that nobody has to be told: nodes stand on one ring per zone, at the hash of their
 * name, and each watches the next ones. From three nodes a zone on each node is watched by as many of its own zone as
 * it watches there; a node that leaves changes the selections of those before it only (consistent hashing, Karger 1997).
 */
import type { Peer } from './peer.ts';

export interface RingOptions {
  readonly ownZonePeers: number;
  readonly otherZonePeers: number;
  readonly maxOtherZones: number;
  /** With up to so many nodes, this one counted, every peer is watched. */
  readonly fullMeshUpTo: number;
}

export interface Selection {
  /** The peers on the ring. */
  readonly ring: readonly Peer[];
  /** The others, where every peer is watched. */
  readonly rest: readonly Peer[];
}

type Me = Pick<Peer, 'node' | 'zone'>;

export function select(me: Me, peers: readonly Peer[], options: RingOptions): Selection {
  const zones = byZone(peers);
  const others = after(hash(me.node), [...zones.keys()].filter((zone) => zone !== me.zone).map((zone) => ({ at: hash(zone), is: zone }))).slice(0, options.maxOtherZones);
  const ring = [
    ...next(me, zones.get(me.zone) ?? [], options.ownZonePeers),
    ...others.flatMap((zone) => next(me, zones.get(zone) ?? [], options.otherZonePeers)),
  ];
  if (peers.length + 1 > options.fullMeshUpTo) return { ring, rest: [] };
  const chosen = new Set(ring);
  return { ring, rest: peers.filter((peer) => !chosen.has(peer)) };
}

/** Further peers of a zone, beside those that are watched: the next ones on its ring. */
export function witnesses(me: Me, zone: string, peers: readonly Peer[], options: { readonly watched: ReadonlySet<string>; readonly count: number }): readonly Peer[] {
  return next(me, peers.filter((peer) => peer.zone === zone && !options.watched.has(peer.node)), options.count);
}

function byZone(peers: readonly Peer[]): ReadonlyMap<string, readonly Peer[]> {
  const zones = new Map<string, Peer[]>();
  for (const peer of peers) {
    const known = zones.get(peer.zone);
    if (known) known.push(peer);
    else zones.set(peer.zone, [peer]);
  }
  return zones;
}

/** The next peers on the ring of their zone, from where this node stands or would stand. */
function next(me: Me, peers: readonly Peer[], count: number): readonly Peer[] {
  return after(hash(me.node), peers.map((peer) => ({ at: hash(peer.node), is: peer }))).slice(0, count);
}

/** All of them in the order of the ring, beginning behind a place. Two at one place are told apart by their order before. */
function after<T>(place: number, entries: readonly { readonly at: number; readonly is: T }[]): T[] {
  const sorted = [...entries].sort((a, b) => a.at - b.at);
  return [...sorted.filter(({ at }) => at > place), ...sorted.filter(({ at }) => at <= place)].map(({ is }) => is);
}

/** 32 bits of a name: FNV-1a, mixed once more as in MurmurHash3, because names of nodes differ in their last letters only. */
export function hash(name: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
