/** Blame per node: one broken node gets one page with its name, and its peers get none. */
import type { Alert, Record, Rule } from '../model.ts';
import { relabel } from '../parts.ts';
import { asNode, blamed, clusterText as cluster, most, named, own, sightings, type PairFault } from './views.ts';

const labels = ['node', 'zone', 'fault'] as const;
const record = (fault: string, expr: string, help: string): Record =>
  ({ kind: 'record', record: 'keelson:net_node_blame:ratio', set: { fault }, labels, maxSeries: named, since: '0.1.0', expr: `topk(${named}, ${expr} > 0)`, help: `${help} At most ${named} nodes.` });

/** A node is at fault when it is so from every zone that looks: what only one zone sees lies between the two. */
const fromEverywhere = (vector: string): string => asNode(`min by (peer_node, peer_zone) (avg by (peer_node, peer_zone, source_zone) (${vector}))`, 'peer');

/**
 * The endpoint of a node that is gone becomes unready (after 50 s, node-monitor-grace-period). Peers that have seen it fail
 * go on looking while the endpoint is there, others do not begin, and once it is deleted nobody looks: who was blamed
 * stays so for as long as its own exporter does not answer.
 */
const stillGone = `max by (node, zone) (${own('keelson:net_node_blame:ratio', 'fault="unreachable"')}) and on (node) max by (node) (up{job="net-exporter"}) == 0`;

const seen = (fault: PairFault): string => fromEverywhere(`${sightings[fault]} unless on (peer_node) ${blamed('peer_node', 'unreachable')}`);

/** What a node says of its own way to Services, unless most nodes say the same: then it is the Service. */
const ownTrouble = (verdict: string): string =>
  `(${asNode(`net_exporter_verdict{verdict="${verdict}",subject!=""}`, 'source')} unless on (node) ${blamed('node', 'unreachable|loss|large_packets')} and on () avg(max by (source_node) (net_exporter_verdict{verdict="${verdict}",subject=""})) <= ${most})`;

export const nodeRecords: readonly Rule[] = [
  record('unreachable', `(${fromEverywhere(sightings.unreachable)} or ${stillGone})`, 'Part of those who look at the node and get nothing back, in the zone that sees least of it; kept while the node itself is silent.'),
  record('loss', seen('loss'), 'Part of those who look at the node and lose datagrams on the way, in the zone that sees least of it.'),
  record('slow', seen('slow'), 'Part of those who look at the node and find the way far slower than in the last hour, in the zone that sees least of it.'),
  record('large_packets', seen('large_packets'), 'Part of those who look at the node and lose only packets near the MTU, in the zone that sees least of it.'),
  record('dns', ownTrouble('dns_path_bad'), 'Whether names are not resolved on this node while they are on most others.'),
  record('service', ownTrouble('service_path_bad'), 'Whether a Service address does not answer on this node while it does on most others.'),
  {
    kind: 'record', record: 'keelson:net_zone_blame:ratio', labels: ['zone'], maxSeries: 10, since: '0.1.0', expr: zoneGone(),
    help: 'Part of the nodes of a zone that nobody reaches, where these are at least two.',
  },
  {
    kind: 'record', record: 'keelson:net_service_blame:ratio', labels: ['service'], maxSeries: 2, since: '0.1.0',
    expr: `count by (service) (${relabel('net_exporter_verdict{verdict="service_path_bad",subject!=""}', 'service', 'subject')}) / on () group_left () count(count by (source_node) (net_exporter_verdict))`,
    help: 'Part of the nodes from which the Service address does not answer: "own" is that of net-exporter, "kubernetes" that of the API.',
  },
];

function zoneGone(): string {
  const gone = `count by (zone) (${own('keelson:net_node_blame:ratio', 'fault="unreachable"')} > ${most})`;
  const reached = `count by (zone) (label_replace(max by (peer_node, peer_zone) (net_exporter_peer_up) == 1, "zone", "$1", "peer_zone", "(.*)"))`;
  return `(${gone} >= 2) / (${gone} + (${reached} or 0 * ${gone}))`;
}

/** From here on a zone is named instead of its nodes. */
const wholeZone = 0.9;
const node = '{{ $labels.node }}';
const inZone = '{{ if $labels.zone }} (zone {{ $labels.zone }}){{ end }}';

export const nodeAlerts: readonly Alert[] = [
  {
    kind: 'alert', alert: 'NodeUnreachable', for: '1m', detectWithin: '4m', severity: 'page', area: 'network', team: 'platform',
    expr: `keelson:net_node_blame:ratio{fault="unreachable"} > ${most} unless on (cluster_id, zone) keelson:net_zone_blame:ratio > ${wholeZone}`,
    summary: `${cluster}: no node reaches ${node}${inZone}`,
    description: `Nothing that the other nodes of cluster ${cluster} send to ${node}${inZone} is answered, from any zone. Its pods are lost to everybody: it is dead, or its network is.`,
  },
  {
    kind: 'alert', alert: 'ZonePartitioned', for: '1m', detectWithin: '4m', severity: 'page', area: 'network', team: 'platform',
    expr: `keelson:net_zone_pair_blame:ratio{fault="unreachable"} > ${most} or keelson:net_zone_blame:ratio > ${wholeZone}`,
    summary: `${cluster}: {{ if $labels.zone }}no node of zone {{ $labels.zone }} is reached{{ else }}zone {{ $labels.source_zone }} does not reach {{ if eq $labels.source_zone $labels.peer_zone }}itself{{ else }}zone {{ $labels.peer_zone }}{{ end }}{{ end }}`,
    description: `{{ if $labels.zone }}Nothing in zone {{ $labels.zone }} of cluster ${cluster} answers{{ else }}From zone {{ $labels.source_zone }} most nodes of zone {{ $labels.peer_zone }} of cluster ${cluster} do not answer, and they do from elsewhere{{ end }}. Replicas on both sides do not see each other: etcd and everything with a quorum may stand still.`,
  },
  {
    kind: 'alert', alert: 'ServicePathBroken', for: '3m', detectWithin: '7m', severity: 'notify', area: 'network', team: 'platform',
    expr: `keelson:net_node_blame:ratio{fault=~"dns|service"} > ${most} or keelson:net_service_blame:ratio > ${most}`,
    summary: `${cluster}: {{ if $labels.node }}{{ if eq $labels.fault "dns" }}names are not resolved{{ else }}Services are not reached{{ end }} on ${node}{{ else }}most nodes do not reach the Service {{ $labels.service }}{{ end }}`,
    description: `{{ if $labels.node }}On node ${node} of cluster ${cluster} {{ if eq $labels.fault "dns" }}DNS does not answer{{ else }}Service addresses do not answer{{ end }}, while its peers do and other nodes have no such trouble: kube-proxy, or what stands in its place there{{ else }}From most nodes of cluster ${cluster} the address of the Service {{ $labels.service }} does not answer, while peers do{{ end }}.`,
  },
];
