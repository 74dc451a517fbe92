/** What components say of themselves, where "it runs" is not enough. */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { named, relabel, worst } from '../parts.ts';

const alert = alertsIn('components', { hiddenBy: ['controlPlane', 'cloud', 'blindness', 'lifecycle'] });

export const bundleRecords: readonly Rule[] = [
  record({
    record: 'keelson:openstack_errors:ratio', labels: ['component'], maxSeries: 4,
    expr: `max by (component) (${relabel('sum by (job) (rate(openstack_api_request_errors_total[10m])) / sum by (job) (rate(openstack_api_requests_total[10m]))', 'component', 'job')})`,
    help: 'Part of the calls of each component to OpenStack that fail.',
  }),
  record({
    record: 'keelson:csi_errors:ratio', labels: ['method'], maxSeries: named,
    expr: worst(`max by (method) (${relabel('sum by (method_name) (rate(csi_sidecar_operations_seconds_count{grpc_status_code!="OK"}[15m])) / sum by (method_name) (rate(csi_sidecar_operations_seconds_count[15m]))', 'method', 'method_name')}) > 0`),
    help: `Part of the calls to the volume driver that fail, by method; the ${named} worst.`,
  }),
  record({ record: 'keelson:coredns_forward_errors:rate', labels: [], maxSeries: 1, expr: 'sum(rate(coredns_forward_healthcheck_broken_total[5m])) or 0 * max(up{job="coredns"})', help: 'Queries per second that found none of the outer DNS servers healthy.' }),
  record({ record: 'keelson:coredns_panics:increase', labels: [], maxSeries: 1, expr: 'sum(increase(coredns_panics_total[15m]))', help: 'Panics of CoreDNS in a quarter of an hour.' }),
  record({ record: 'keelson:cilium_map_pressure:ratio', labels: ['map_name'], maxSeries: 5, expr: worst('max by (map_name) (cilium_bpf_map_pressure) > 0.5', 5), help: 'Part of each table of Cilium in the kernel that is in use, on the fullest node, from half on.' }),
  record({ record: 'keelson:cilium_policy_errors:count', labels: [], maxSeries: 1, expr: 'sum(increase(cilium_policy_change_total{outcome="fail"}[15m]))', help: 'Network policies that Cilium could not put into force, in a quarter of an hour.' }),
];

export const bundleAlerts: readonly Rule[] = [
  alert({
    alert: 'CloudCallsFail', for: '15m', severity: 'notify', expr: 'keelson:openstack_errors:ratio > 0.2',
    summary: `${cluster}: {{ humanizePercentage $value }} of the calls of {{ $labels.component }} to OpenStack fail`,
    description: `{{ humanizePercentage $value }} of what {{ $labels.component }} of cluster ${cluster} asks of OpenStack fails: load balancers, volumes or addresses of nodes are not made.`,
  }),
  alert({
    alert: 'VolumeCallsFail', for: '15m', severity: 'notify', expr: 'keelson:csi_errors:ratio > 0.3',
    summary: `${cluster}: {{ humanizePercentage $value }} of {{ $labels.method }} fail`,
    description: `{{ humanizePercentage $value }} of the calls {{ $labels.method }} to the volume driver of cluster ${cluster} fail: pods with volumes do not start, or do not move.`,
  }),
  alert({
    alert: 'DnsForwardersBroken', for: '5m', severity: 'notify', expr: 'keelson:coredns_forward_errors:rate > 0.1',
    summary: `${cluster}: CoreDNS finds no outer DNS server healthy`,
    description: `CoreDNS of cluster ${cluster} gives {{ humanize $value }} queries a second to outer DNS servers although none answers. Names inside the cluster work; all others do not.`,
  }),
  alert({
    alert: 'CoreDnsPanics', for: '0s', severity: 'notify', expr: 'keelson:coredns_panics:increase > 0',
    summary: `${cluster}: CoreDNS panicked {{ humanize $value }} times in a quarter of an hour`,
    description: `CoreDNS of cluster ${cluster} met a fault of its own {{ humanize $value }} times in a quarter of an hour; each time a query was lost.`,
  }),
  alert({
    alert: 'CiliumMapFull', for: '10m', severity: 'page', expr: 'keelson:cilium_map_pressure:ratio > 0.9',
    summary: `${cluster}: Cilium's table {{ $labels.map_name }} is {{ humanizePercentage $value }} full`,
    description: `On a node of cluster ${cluster} Cilium's table {{ $labels.map_name }} is {{ humanizePercentage $value }} full. Beyond that new connections, Services or policies have no place in the kernel and do not work.`,
    impact: 'new connections of the node; new Services and policies',
  }),
  alert({
    alert: 'NetworkPolicyNotApplied', for: '5m', severity: 'notify', expr: 'keelson:cilium_policy_errors:count > 0',
    summary: `${cluster}: Cilium could not put {{ humanize $value }} network policies into force`,
    description: `Cilium of cluster ${cluster} refused {{ humanize $value }} changes of network policies in a quarter of an hour: what was to be allowed is not, or what was to be closed is open.`,
  }),
];
