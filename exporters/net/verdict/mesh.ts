/**
 * What the last rounds of the mesh mean, as a pure function. The widest cause that explains what is seen is named and
 * nothing beside it: this node before a zone, a zone before a peer.
 */
import { finding, type Finding } from './finding.ts';

export interface MeshView {
  readonly me: { readonly node: string; readonly zone: string };
  readonly peers: readonly PeerView[];
  /** Peers beside those, asked once because none of their zone answered. */
  readonly witnesses: readonly { readonly node: string; readonly zone: string; readonly isUp: boolean }[];
}

export interface PeerView {
  readonly node: string;
  readonly zone: string;
  /** Anything came back in the last round. */
  readonly isUp: boolean;
  /** It does not answer, and what it sends arrives here. */
  readonly isHeard: boolean;
  /** Small datagrams of the last rounds, those whose way is known to have lost them included. */
  readonly loss: { readonly sent: number; readonly lost: number; readonly lostOut: number; readonly lostIn: number };
  /** Of the last round alone, by size. */
  readonly last: { readonly small: Counted; readonly large: Counted };
  /** Seconds: what it needs at least now, and usually. */
  readonly roundTrip: number | undefined;
  readonly usual: number | undefined;
}

interface Counted {
  readonly sent: number;
  readonly lost: number;
}

export interface Thresholds {
  readonly lossRatio: number;
  readonly slowFactor: number;
  readonly slowExtraSeconds: number;
}

export function meshFindings(view: MeshView, thresholds: Thresholds): readonly Finding[] {
  const { me, peers } = view;
  const isLossy = (peer: PeerView): boolean => peer.isUp && loses(peer, thresholds.lossRatio);
  const isSlow = (peer: PeerView): boolean => peer.isUp && slow(peer, thresholds);
  const isHole = (peer: PeerView): boolean => peer.isUp && swallowsLarge(peer);
  if (isMe(view, (peer) => !peer.isUp)) return [finding('self', me.node, 'unreachable')];
  const isLossyOrDown = (peer: PeerView): boolean => isLossy(peer) || !peer.isUp;
  const own = ([['large_packets', isHole], ['loss', isLossyOrDown], ['slow', isSlow]] as const).filter(([, test]) => isMe(view, test));
  const isMine = (detail: string): boolean => own.some(([name]) => name === detail);
  return [
    ...own.map(([detail]) => finding('self', me.node, detail)),
    ...unreachable(view),
    ...(isMine('large_packets') ? [] : peers.filter(isHole).map(({ node }) => finding('large_packets_lost', node))),
    ...(isMine('loss') ? [] : peers.filter((peer) => isLossy(peer) && !isHole(peer)).map(lossOf)),
    ...(isMine('slow') ? [] : peers.filter(isSlow).map(({ node }) => finding('slow_peer', node))),
  ];
}

/**
 * Whether a fault is this node's own: more than half of all peers have it and more than half of those in its own zone,
 * of at least two. A zone that is cut off from all others keeps its own peers, so it is no fault of a node.
 */
function isMe({ me, peers }: MeshView, has: (peer: PeerView) => boolean): boolean {
  const near = peers.filter(({ zone }) => zone === me.zone);
  return peers.length >= 2 && isMost(peers, has) && (near.length === 0 || isMost(near, has));
}

const isMost = (peers: readonly PeerView[], has: (peer: PeerView) => boolean): boolean => peers.filter(has).length * 2 > peers.length;

/** Zones of which nobody answers, of at least two that were asked; and peers that do not, elsewhere. */
function unreachable({ me, peers, witnesses }: MeshView): Finding[] {
  const asked = [...peers, ...witnesses];
  const isLost = (zone: string): boolean => {
    const there = asked.filter((one) => one.zone === zone);
    return zone !== me.zone && there.length >= 2 && there.every(({ isUp }) => !isUp);
  };
  const zones = new Set(peers.map(({ zone }) => zone).filter(isLost));
  const single = peers.filter(({ isUp, zone }) => !isUp && !zones.has(zone));
  return [
    ...[...zones].map((zone) => finding('zone_unreachable', zone)),
    ...single.map(({ node, isHeard }) => (isHeard ? finding('one_way_loss', node, 'out') : finding('peer_down', node))),
  ];
}

/** At least two, so that one stray datagram is nobody's fault. */
const loses = ({ loss: { sent, lost } }: PeerView, ratio: number): boolean => lost >= 2 && lost >= ratio * sent;

/** Half of everything lost, and all of it that is known on one way, is a direction that is broken; less is a lossy peer. */
function lossOf({ node, loss: { sent, lost, lostOut, lostIn } }: PeerView): Finding {
  const isBroken = lost * 2 >= sent && lostOut + lostIn >= 5 && Math.min(lostOut, lostIn) * 20 <= lostOut + lostIn;
  return isBroken ? finding('one_way_loss', node, lostOut > lostIn ? 'out' : 'in') : finding('packet_loss', node);
}

const slow = ({ roundTrip, usual }: PeerView, { slowFactor, slowExtraSeconds }: Thresholds): boolean =>
  roundTrip !== undefined && usual !== undefined && roundTrip >= slowFactor * usual && roundTrip - usual >= slowExtraSeconds;

/** All large ones of a round lost while at least three quarters of the small ones came back: at 5 % loss that is chance once in 100,000 rounds of four. */
const swallowsLarge = ({ last: { small, large } }: PeerView): boolean => large.sent >= 2 && large.lost === large.sent && small.lost * 4 <= small.sent;
