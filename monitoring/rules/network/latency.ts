/** Round trips between zones against what they were in this cluster: no figure fits a cluster in one room and one over three cities. */
import type { Alert, Rule } from '../model.ts';
import { blamed, clusterText as cluster, most, own, zonePairs } from './views.ts';

const pair = ['source_zone', 'peer_zone'] as const;
/** A cluster's Prometheus keeps six hours where nobody says otherwise (charts/workload-monitoring). */
const baseline = { over: '4h', before: '30m' } as const;
/** Slow: so many times the baseline, and at least so many seconds more. */
const slow = { times: 3, extraSeconds: 0.002 } as const;

const now = own('keelson:net_round_trip_seconds:p50');
const before = own('keelson:net_round_trip_baseline_seconds:p50');
const zonesOf = (label: 'source_zone' | 'peer_zone'): string => `label_replace(${blamed('node', 'slow|unreachable')}, "${label}", "$1", "zone", "(.*)")`;

export const latencyRecords: readonly Rule[] = [
  {
    kind: 'record', record: 'keelson:net_round_trip_seconds:p50', labels: pair, maxSeries: zonePairs, since: '0.1.0',
    expr: `topk(${zonePairs}, histogram_quantile(0.5, sum by (source_zone, peer_zone, le) (rate(net_exporter_zone_round_trip_seconds_bucket[2m]))))`,
    help: 'Median round trip of small datagrams from one zone to the other.',
  },
  {
    kind: 'record', record: 'keelson:net_round_trip_baseline_seconds:p50', labels: pair, maxSeries: zonePairs, since: '0.1.0',
    expr: `max by (source_zone, peer_zone) (avg_over_time(${now}[${baseline.over}] offset ${baseline.before}))`,
    help: `The same, as it was on average over ${baseline.over} up to ${baseline.before} ago.`,
  },
  {
    kind: 'record', record: 'keelson:net_zone_pair_blame:ratio', set: { fault: 'slow' }, labels: [...pair, 'fault'], maxSeries: zonePairs, since: '0.1.0',
    expr: `max by (source_zone, peer_zone) (${now} > bool ${slow.times} * ${before} and ${now} - ${before} > ${slow.extraSeconds} unless on (source_zone) ${zonesOf('source_zone')} unless on (peer_zone) ${zonesOf('peer_zone')})`,
    help: `1 where the median round trip is more than ${slow.times} times its baseline and ${slow.extraSeconds * 1000} ms longer, and no node of the two zones is to blame.`,
  },
];

export const latencyAlerts: readonly Alert[] = [
  {
    kind: 'alert', alert: 'NetworkSlow', for: '3m', keepFiringFor: '5m', detectWithin: '7m', severity: 'notify', area: 'network', team: 'platform',
    expr: `keelson:net_node_blame:ratio{fault="slow"} > ${most} or keelson:net_zone_pair_blame:ratio{fault="slow"} > ${most}`,
    summary: `${cluster}: the way {{ if $labels.node }}to {{ $labels.node }}{{ else }}from zone {{ $labels.source_zone }} to zone {{ $labels.peer_zone }}{{ end }} is far slower than it was`,
    description: `Round trips {{ if $labels.node }}to {{ $labels.node }}{{ else }}from zone {{ $labels.source_zone }} to zone {{ $labels.peer_zone }}{{ end }} of cluster ${cluster} take several times what they took before. etcd elects new leaders when its members are slow to each other.`,
  },
];
