/** Blame per pair of zones and per single connection, of what no node is to blame for. */
import type { Alert, Record, Rule } from '../model.ts';
import { clusterText as cluster, most, named, own, sightings, unexplained, zonePairs, type PairFault } from './views.ts';

const zoneLabels = ['source_zone', 'peer_zone'] as const;

/** A node that is blamed for this, or is gone, takes its pairs with it. */
const rest = (fault: PairFault): string => unexplained(sightings[fault], `unreachable|${fault}`);

/**
 * Nodes are counted and not pairs: in a zone of three, one bad node is in four of the six pairs, and before its watchers
 * in other zones have seen it, it would be its whole zone. One of the three is what it is.
 */
const nodesThatSee = (fault: PairFault): string => `avg by (source_zone, peer_zone) (avg by (source_zone, peer_zone, source_node) (${rest(fault)}) > bool ${most})`;

const zonePair = (fault: PairFault, what: string): Record => ({
  kind: 'record', record: 'keelson:net_zone_pair_blame:ratio', set: { fault }, labels: [...zoneLabels, 'fault'], maxSeries: zonePairs, since: '0.1.0',
  expr: `topk(${zonePairs}, ${nodesThatSee(fault)})`,
  help: `Part of the nodes of one zone that ${what} to most of those they watch in the other, without what a single node explains.`,
});

const link = (fault: PairFault, what: string): Record => ({
  kind: 'record', record: 'keelson:net_link_blame:info', set: { fault }, labels: ['source_node', 'peer_node', 'fault'], maxSeries: named, since: '0.1.0',
  expr: `topk(${named}, max by (source_node, peer_node) (${rest(fault)} == 1 unless on (source_zone, peer_zone) ${own('keelson:net_zone_pair_blame:ratio', `fault="${fault}"`)} > ${most}))`,
  help: `1 for each pair of nodes that ${what}, where neither a node nor the pair of zones explains it; at most ${named}.`,
});

export const pairRecords: readonly Rule[] = [
  zonePair('unreachable', 'do not get through'),
  zonePair('loss', 'lose datagrams'),
  zonePair('large_packets', 'lose only packets near the MTU'),
  link('unreachable', 'gets nothing back'),
  link('loss', 'loses datagrams'),
  link('large_packets', 'loses only packets near the MTU'),
];

const where = '{{ if $labels.node }}node {{ $labels.node }}{{ if $labels.zone }} (zone {{ $labels.zone }}){{ end }}{{ else if eq $labels.source_zone $labels.peer_zone }}nodes of zone {{ $labels.source_zone }}{{ else }}zones {{ $labels.source_zone }} and {{ $labels.peer_zone }}{{ end }}';
const blame = (fault: PairFault): string => `keelson:net_node_blame:ratio{fault="${fault}"} > ${most} or keelson:net_zone_pair_blame:ratio{fault="${fault}"} > ${most}`;
/** One node is a preposition more. */
const between = '{{ if $labels.node }}to and from{{ else }}between{{ end }}';

export const pairAlerts: readonly Alert[] = [
  {
    kind: 'alert', alert: 'PacketLoss', for: '3m', keepFiringFor: '5m', detectWithin: '7m', severity: 'notify', area: 'network', team: 'platform', expr: blame('loss'),
    summary: `${cluster}: packets are lost ${between} ${where}`,
    description: `Part of the datagrams ${between} ${where} of cluster ${cluster} do not arrive. TCP repeats what it loses: everything there is slow before anything fails.`,
  },
  {
    kind: 'alert', alert: 'LargePacketsLost', for: '2m', keepFiringFor: '5m', detectWithin: '6m', severity: 'page', area: 'network', team: 'platform', expr: blame('large_packets'),
    summary: `${cluster}: large packets are lost ${between} ${where}`,
    description: `Small packets ${between} ${where} of cluster ${cluster} arrive, those near the MTU do not. Connections open, and hang as soon as they carry data: TLS handshakes, image pulls, answers of the API server.`,
  },
  {
    kind: 'alert', alert: 'LinkBroken', for: '5m', detectWithin: '9m', severity: 'notify', area: 'network', team: 'platform', expr: 'keelson:net_link_blame:info == 1',
    summary: `${cluster}: {{ $labels.source_node }} {{ if eq $labels.fault "unreachable" }}does not reach{{ else if eq $labels.fault "loss" }}loses packets to{{ else }}loses large packets to{{ end }} {{ $labels.peer_node }}`,
    description: `Between {{ $labels.source_node }} and {{ $labels.peer_node }} of cluster ${cluster} packets are lost ({{ $labels.fault }}), while both are well seen from elsewhere: a route, a rule or a tunnel between the two.`,
  },
];
