/**
 * What the pods of net-exporter see, as PromQL: one value for each pair of a node that looks and a peer it looks at.
 * Metric names: `exporters/net/catalogue.ts`.
 *
 * Whom a rule blames is decided by everybody who looks: a node is at fault when its watchers say so in every zone that
 * has one, a pair of zones when most nodes of the one see the fault at most of those they watch in the other (pairs.ts), and
 * a node that sees a fault everywhere is not believed about others.
 */
import { relabel } from '../parts.ts';

/** Where a record is kept by the Prometheus that wrote it; federated ones of other clusters have a job. */
export const own = (record: string, matchers = ''): string => `${record}{job=""${matchers && `,${matchers}`}}`;

/** How many per cluster and fault are named: enough for a page, and a thousand nodes still send a bounded number of series. */
export const named = 20;
/** Pairs of zones, in both directions and with themselves: five zones. */
export const zonePairs = 25;
/** More than half of those who look. */
export const most = 0.5;

export { clusterText } from '../model.ts';

/** 1 where anything came back in the last round, else 0. */
const pairs = 'max by (source_node, source_zone, peer_node, peer_zone) (net_exporter_peer_up)';

/** What pods can hold against a peer. */
export type PairFault = 'unreachable' | 'loss' | 'slow' | 'large_packets';

/** 1 for each pair that shows the fault, else 0; without those who show it towards everybody: they are it. */
export const sightings: Readonly<Record<PairFault, string>> = {
  unreachable: `(1 - ${pairs} and on (source_node) max by (source_node) (net_exporter_peer_up) == 1)`,
  loss: accusations('packet_loss|one_way_loss', 'loss'),
  slow: accusations('slow_peer', 'slow'),
  large_packets: accusations('large_packets_lost', 'large_packets'),
};

function accusations(verdict: string, self: string): string {
  const accused = `max by (source_node, peer_node) (${relabel(`net_exporter_verdict{verdict=~"${verdict}",subject!=""}`, 'peer_node', 'subject')})`;
  const isItself = `net_exporter_verdict{verdict="self",subject!="",detail="${self}"} == 1`;
  // Who does not answer is unreachable, and nothing else.
  const answering = `(${pairs} == 1)`;
  return `((0 * ${answering} + on (source_node, peer_node) group_left () ${accused} or 0 * ${answering}) unless on (source_node) ${isItself})`;
}

/** Nodes that are blamed already, under the name of a label; their pairs explain nothing else. */
export const blamed = (label: 'node' | 'peer_node' | 'source_node', faults: string): string => {
  const nodes = `${own('keelson:net_node_blame:ratio', `fault=~"${faults}"`)} > ${most}`;
  return label === 'node' ? `(${nodes})` : relabel(nodes, label, 'node');
};

/** Without the pairs that end at nodes which are blamed. */
export const unexplained = (vector: string, faults: string): string =>
  `(${vector} unless on (peer_node) ${blamed('peer_node', faults)} unless on (source_node) ${blamed('source_node', faults)})`;

/** Labels of a person's words: a peer, or the one who looks, becomes "node" in "zone". */
export const asNode = (vector: string, which: 'peer' | 'source'): string =>
  `max by (node, zone) (${relabel(relabel(vector, 'node', `${which}_node`), 'zone', `${which}_zone`)})`;
