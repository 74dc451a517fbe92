/** Is the network watched from every node? */
import { federationJob } from '../../federation.ts';
import type { Alert, Rule } from '../model.ts';
import { blamed, clusterText as cluster } from './views.ts';

/** Rounds of the mesh are made every 15 s. */
const staleSeconds = 120;

const watching = `(max by (node) (net_exporter_probe_last_round_timestamp_seconds{probe="mesh"}) > time() - ${staleSeconds} unless on (node) net_exporter_source_up{source="peers"} == 0)`;
/** Every node has a kubelet that is scraped, or is meant to be. One that is unreachable has a page of its own. */
const unwatched = `count(max by (node) (up{job="kubelet"}) unless on (node) ${watching} unless on (node) ${blamed('node', 'unreachable')}) or 0 * max(up{job="kubelet"})`;

/** In clusters of ours every node has an exporter. The management cluster has one where the bundle is for it too, or somebody installed it: then it was there within a day. */
const unwatchedNodes = 'keelson:net_nodes_unwatched:count';
const watchedByNobody = `${unwatchedNodes}{cluster_type="management_cluster"} unless on () max_over_time(up{job="net-exporter"}[1d])`;

export const networkCoverageRecords: readonly Rule[] = [
  { kind: 'record', record: unwatchedNodes, labels: [], maxSeries: 1, since: '0.1.0', expr: unwatched, help: 'Nodes from which nobody looks at the network: no exporter, one that does not probe, or one that does not know its peers.' },
];

export const networkCoverageAlerts: readonly Alert[] = [
  {
    kind: 'alert', alert: 'NetworkNotWatched', for: '15m', detectWithin: '20m', severity: 'notify', area: 'network', team: 'platform',
    expr: `${unwatchedNodes} > 0 unless (${watchedByNobody}) or (up{job="${federationJob}"} == 1 unless on (cluster_id) ${unwatchedNodes}) * 0`,
    summary: `${cluster}: {{ if eq $value 0.0 }}no report on the network{{ else }}the network is not watched from {{ $value }} nodes{{ end }}`,
    description: `In cluster ${cluster} {{ if eq $value 0.0 }}nothing reports on the network{{ else }}{{ $value }} nodes have no net-exporter that looks at its peers{{ end }}. A fault there is noticed by users first.`,
  },
];
