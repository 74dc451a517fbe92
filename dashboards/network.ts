/**
 * The network: one board of all clusters, which reads the recorded family only, and one of a single cluster, which reads
 * what its net-exporters write, node by node.
 */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { days } from '../monitoring/rules/certificates/expiry.ts';
import { board, inClusters, type OwnName } from './board.ts';
import { lines, matrix, stat, table, type Step } from './panel.ts';

const noneIsGood: readonly Step[] = [{ from: null, color: 'blue' }, { from: 1, color: 'red' }];
const few: readonly Step[] = [{ from: null, color: 'blue' }, { from: 0.01, color: 'yellow' }, { from: 0.5, color: 'red' }];
const lossSteps: readonly Step[] = [{ from: null, color: 'blue' }, { from: 0.005, color: 'yellow' }, { from: 0.02, color: 'orange' }, { from: 0.2, color: 'red' }];
const tripSteps: readonly Step[] = [{ from: null, color: 'blue' }, { from: 0.002, color: 'yellow' }, { from: 0.01, color: 'orange' }, { from: 0.05, color: 'red' }];
const expiry: readonly Step[] = [{ from: null, color: 'red' }, { from: days.page * 86_400, color: 'orange' }, { from: days.notify * 86_400, color: 'blue' }];
const times: readonly Step[] = [{ from: null, color: 'blue' }, { from: 2, color: 'yellow' }, { from: 3, color: 'red' }];

const faults = `keelson:net_node_blame:ratio{${inClusters}}`;
const zonePairs = `keelson:net_zone_pair_blame:ratio{${inClusters}}`;
const trips = `keelson:net_round_trip_seconds:p50{${inClusters}}`;
const zones = { rows: 'source_zone', columns: 'peer_zone' } as const;

export const networkBoard = ({ uid, title }: OwnName = { uid: 'keelson-network', title: 'Keelson / Network' }): Dashboard =>
  board({
    uid,
    title,
    description: 'Which nodes, zones and DNS servers are to blame, in all clusters.',
    tags: ['network'],
    clustersOf: 'keelson:net_nodes_unwatched:count',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'Nodes unreachable', description: 'Nodes that answer nobody. Runbook: NodeUnreachable.', unit: 'short', expr: `count(keelson:net_node_blame:ratio{${inClusters},fault="unreachable"} > 0.5) or vector(0)`, steps: noneIsGood, none: '0' }),
          stat({ title: 'Zones partitioned', description: 'Pairs of zones, in one direction each, that do not reach each other. Runbook: ZonePartitioned.', unit: 'short', expr: `count(keelson:net_zone_pair_blame:ratio{${inClusters},fault="unreachable"} > 0.5) or vector(0)`, steps: noneIsGood, none: '0' }),
          stat({ title: 'Other faults', description: 'Nodes and pairs of zones with loss, slowness, or a black hole of large packets, and single connections that are broken. The tables below name them.', unit: 'short', expr: `(count(keelson:net_node_blame:ratio{${inClusters},fault!="unreachable"} > 0.5) or vector(0)) + (count(keelson:net_zone_pair_blame:ratio{${inClusters},fault!="unreachable"} > 0.5) or vector(0)) + (count(keelson:net_link_blame:info{${inClusters}}) or vector(0))`, steps: noneIsGood, none: '0' }),
          stat({ title: 'DNS errors', description: 'Part of the queries to the DNS Service that fail, over the worse protocol. Runbook: DnsErrors.', unit: 'percentunit', expr: `max(keelson:net_dns_errors:ratio{${inClusters}})`, steps: lossSteps, none: 'no report' }),
          stat({ title: 'Worst clock', description: 'By how much the clock of a node is off; only clocks that are off too much count. Runbook: ClockOff.', unit: 's', expr: `max(keelson:net_clock_offset_seconds:worst{${inClusters}}) or vector(0)`, steps: [{ from: null, color: 'blue' }, { from: 0.1, color: 'orange' }, { from: 10, color: 'red' }], none: '0' }),
          stat({ title: 'Nodes without a view', description: 'Nodes from which nobody looks at the network. Runbook: NetworkNotWatched.', unit: 'short', expr: `sum(keelson:net_nodes_unwatched:count{${inClusters}})`, steps: noneIsGood, none: 'no report' }),
        ],
      },
      {
        title: 'Zone × zone',
        panels: [
          matrix({ title: 'Faults', description: 'Part of the nodes of the zone of the row that see a fault at most of those they watch in that of the column, without what a single node explains. Choose one cluster: zones of the same name fall together.', unit: 'percentunit', expr: `max by (source_zone, peer_zone) (${zonePairs})`, ...zones, steps: few, none: 'no report' }),
          matrix({ title: 'Round trip', description: 'Median round trip from the zone of the row to that of the column.', unit: 's', expr: `max by (source_zone, peer_zone) (${trips})`, ...zones, steps: tripSteps, none: 'no report' }),
          matrix({ title: 'Round trip against before', description: 'How many times its baseline of four hours the median round trip is. Runbook: NetworkSlow.', unit: 'short', expr: `max by (source_zone, peer_zone) (${trips} / keelson:net_round_trip_baseline_seconds:p50{${inClusters}})`, ...zones, steps: times, none: 'no baseline yet' }),
        ],
      },
      {
        title: 'Who is to blame',
        panels: [
          table({ title: 'Nodes', description: 'Part of those who look at the node and see the fault; above one half it is named in an alert.', unit: 'percentunit', expr: faults, columns: { cluster_id: 'Cluster', node: 'Node', zone: 'Zone', fault: 'Fault' }, value: 'Agreed by', steps: few, none: 'none', width: 12 }),
          table({ title: 'Single connections', description: 'Pairs of nodes with a fault that neither a node nor a pair of zones explains. Runbook: LinkBroken.', unit: 'short', expr: `keelson:net_link_blame:info{${inClusters}}`, columns: { cluster_id: 'Cluster', source_node: 'From', peer_node: 'To', fault: 'Fault' }, value: 'Broken', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'DNS servers', description: 'Part of those who ask the server and find it silent, failing or slow while another is well. Runbook: DnsServerBad.', unit: 'percentunit', expr: `keelson:net_dns_server_blame:ratio{${inClusters}}`, columns: { cluster_id: 'Cluster', server: 'Server', detail: 'How' }, value: 'Agreed by', steps: few, none: 'none', width: 12 }),
          table({ title: 'Clocks', description: 'Nodes whose clock is off too much. Runbook: ClockOff.', unit: 's', expr: `keelson:net_clock_offset_seconds:worst{${inClusters}}`, columns: { cluster_id: 'Cluster', node: 'Node' }, value: 'Off by', steps: [{ from: null, color: 'orange' }, { from: 10, color: 'red' }], none: 'none', width: 12 }),
          table({ title: 'Targets outside', description: 'Part of the nodes from which a configured target does not answer as expected; above one half it is named in an alert. Runbook: TargetDown.', unit: 'percentunit', expr: `keelson:net_target_down:ratio{${inClusters}}`, columns: { cluster_id: 'Cluster', target: 'Target', type: 'Type' }, value: 'Nodes', steps: few, none: 'all answer' }),
          table({ title: 'Certificates of targets', description: 'Time until the certificates that targets outside serve expire, the soonest. Runbook: TargetCertificateExpiresSoon.', unit: 'dtdurations', expr: `keelson:net_target_not_after_timestamp:soonest{${inClusters}} - time()`, columns: { cluster_id: 'Cluster', target: 'Target' }, value: 'Left', steps: expiry, none: 'no target has one' }),
        ],
      },
      {
        title: 'Over time',
        panels: [
          lines({ title: 'Round trips between zones', description: 'Median round trip of small datagrams. A step is another way through the network, a slope is a queue.', unit: 's', expr: trips, legend: '{{cluster_id}} {{source_zone}} → {{peer_zone}}', none: 'no report' }),
          lines({ title: 'DNS errors by protocol', description: 'Part of the queries to the DNS Service that are not answered with an address. Runbook: DnsErrors.', unit: 'percentunit', expr: `keelson:net_dns_errors:ratio{${inClusters}}`, legend: '{{cluster_id}} {{proto}}', none: 'no report' }),
          lines({ title: 'DNS latency by protocol', description: '95th percentile of the time that the DNS Service takes. Runbook: DnsSlow.', unit: 's', expr: `keelson:net_dns_latency_seconds:p95{${inClusters}}`, legend: '{{cluster_id}} {{proto}}', none: 'no report' }),
          lines({ title: 'Services from most nodes', description: 'Part of the nodes from which a Service address does not answer: "own" is that of net-exporter, "kubernetes" that of the API. Runbook: ServicePathBroken.', unit: 'percentunit', expr: `keelson:net_service_blame:ratio{${inClusters}}`, legend: '{{cluster_id}} {{service}}', none: 'all answer' }),
        ],
      },
    ],
  });

const nodes = { rows: 'source_node', columns: 'peer_node', width: 24 } as const;
const byNodes = (vector: string): string => `max by (source_node, peer_node) (${vector})`;

export const clusterNetworkBoard = (): Dashboard =>
  board({
    uid: 'keelson-network-cluster',
    title: 'Keelson / Network of one cluster',
    description: 'Who sees whom, node by node. Reads the Prometheus of the cluster itself: these series do not leave it.',
    tags: ['network'],
    clustersOf: 'net_exporter_build_info',
    rows: [
      {
        title: 'Verdicts',
        panels: [
          table({ title: 'What the pods conclude', description: 'Each pod for itself; the rules make a blame of what most agree on.', unit: 'short', expr: `max by (source_node, source_zone, verdict, subject, detail) (net_exporter_verdict{${inClusters},subject!=""})`, columns: { source_node: 'Says', source_zone: 'In zone', verdict: 'Verdict', subject: 'About', detail: 'How' }, value: 'Holds', steps: noneIsGood, none: 'all is well' }),
        ],
      },
      {
        title: 'Node × node',
        panels: [
          matrix({ title: 'Loss', description: 'Part of the datagrams of the last minute, of the worse size, from the node of the row to that of the column and back, that did not come back. A row or a column that stands out is the node; a block is a pair of zones. Empty: not watched.', unit: 'percentunit', expr: byNodes(`net_exporter_peer_loss_ratio{${inClusters}}`), ...nodes, steps: lossSteps, none: 'no pod reports' }),
          matrix({ title: 'Round trip', description: 'Median round trip of small datagrams in the last round.', unit: 's', expr: byNodes(`net_exporter_peer_round_trip_seconds{${inClusters}}`), ...nodes, steps: tripSteps, none: 'no pod reports' }),
        ],
      },
      {
        title: 'Zone × zone',
        panels: [
          matrix({ title: 'Loss between zones', description: 'Part of the small datagrams of the last five minutes that did not come back.', unit: 'percentunit', expr: `sum by (source_zone, peer_zone) (rate(net_exporter_zone_datagrams_lost_total{${inClusters},size="small"}[5m])) / sum by (source_zone, peer_zone) (rate(net_exporter_zone_datagrams_sent_total{${inClusters},size="small"}[5m]))`, ...zones, steps: lossSteps, none: 'no pod reports' }),
          matrix({ title: 'Loss of large datagrams', description: 'The same for datagrams near the MTU: where only these are lost, packets of that size do not get through. Runbook: LargePacketsLost.', unit: 'percentunit', expr: `sum by (source_zone, peer_zone) (rate(net_exporter_zone_datagrams_lost_total{${inClusters},size="large"}[5m])) / sum by (source_zone, peer_zone) (rate(net_exporter_zone_datagrams_sent_total{${inClusters},size="large"}[5m]))`, ...zones, steps: lossSteps, none: 'no pod reports' }),
          matrix({ title: 'Round trip between zones', description: '95th percentile of the round trips of the last five minutes.', unit: 's', expr: `histogram_quantile(0.95, sum by (source_zone, peer_zone, le) (rate(net_exporter_zone_round_trip_seconds_bucket{${inClusters}}[5m])))`, ...zones, steps: tripSteps, none: 'no pod reports' }),
        ],
      },
      {
        title: 'Names, clocks, targets',
        panels: [
          lines({ title: 'DNS by result', description: 'Queries a second by server, protocol and what became of them, without those that were answered.', unit: 'reqps', expr: `sum by (server, proto, rcode) (rate(net_exporter_dns_results_total{${inClusters},rcode!="NOERROR"}[5m]))`, legend: '{{server}} {{proto}} {{rcode}}', none: 'all were answered' }),
          lines({ title: 'DNS servers, slowest answer', description: 'Over all nodes. One line above the others is a bad server.', unit: 's', expr: `max by (server, role, proto) (net_exporter_dns_latency_seconds{${inClusters}})`, legend: '{{server}} {{role}} {{proto}}', none: 'no pod reports' }),
          lines({ title: 'Clocks', description: 'By how much each node is behind the median of its NTP servers. Runbook: ClockOff.', unit: 's', expr: `max by (source_node) (net_exporter_clock_offset_seconds{${inClusters}})`, legend: '{{source_node}}', none: 'no NTP server is asked' }),
          lines({ title: 'Targets that answer', description: 'Part of the nodes from which each configured target answers.', unit: 'percentunit', expr: `avg by (target) (net_exporter_target_up{${inClusters}})`, legend: '{{target}}', none: 'no target is configured' }),
          lines({ title: 'Rounds begin late by', description: 'How much later than planned rounds begin: a node that has no CPU for it measures itself.', unit: 's', expr: `max by (probe) (net_exporter_probe_lag_seconds{${inClusters}})`, legend: '{{probe}}', none: 'no pod reports' }),
          lines({ title: 'Connections to peers that fail', description: 'By kind, over all nodes. Refused and reset are answers: there the network works.', unit: 'cps', expr: `sum by (kind) (rate(net_exporter_peer_errors_total{${inClusters}}[5m]))`, legend: '{{kind}}', none: 'none failed' }),
        ],
      },
    ],
  });
