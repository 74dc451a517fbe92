/** What Kubernetes says of its nodes. */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { named, withZone, worst } from '../parts.ts';

const alert = alertsIn('nodes');
const node = '{{ $labels.node }}';
const inZone = '{{ if $labels.zone }} (zone {{ $labels.zone }}){{ end }}';

/** Changes of readiness in half an hour: three times away and back. */
const flaps = 6;

export const conditionRecords: readonly Rule[] = [
  record({
    record: 'keelson:node_not_ready:info', labels: ['node', 'zone'], maxSeries: named,
    expr: worst(withZone('max by (node) (kube_node_status_condition{condition="Ready",status="true"} == bool 0) == 1')),
    help: `1 for each node that is not Ready; at most ${named}.`,
  }),
  record({
    record: 'keelson:node_pressure:info', labels: ['node', 'condition'], maxSeries: named,
    expr: worst('max by (node, condition) (kube_node_status_condition{condition=~"(Memory|Disk|PID)Pressure",status="true"}) == 1'),
    help: `1 for each node that is short of memory, disk or processes, by what it says itself; at most ${named}.`,
  }),
  record({
    record: 'keelson:node_readiness_changes:count', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (changes(kube_node_status_condition{condition="Ready",status="true"}[30m])) > 2'),
    help: `How often nodes became Ready or NotReady in half an hour, from three times on; at most ${named}.`,
  }),
  record({
    record: 'keelson:node_unschedulable:info', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (kube_node_spec_unschedulable) == 1'),
    help: `1 for each node that is cordoned; at most ${named}.`,
  }),
  record({ record: 'keelson:nodes:count', labels: ['ready'], maxSeries: 2, expr: 'count_values("ready", max by (node) (kube_node_status_condition{condition="Ready",status="true"}))', help: 'Nodes that are Ready (1) and that are not (0).' }),
];

export const conditionAlerts: readonly Rule[] = [
  alert({
    alert: 'NodeNotReady', for: '10m', detectWithin: '15m', severity: 'page', hiddenBy: ['zone', 'cloud', 'controlPlane', 'blindness', 'lifecycle'], expr: 'keelson:node_not_ready:info == 1',
    summary: `${cluster}: node ${node}${inZone} is not Ready`,
    description: `The kubelet of node ${node}${inZone} of cluster ${cluster} has not reported for ten minutes, or says that it cannot run pods. A health check should have replaced the machine by now, and has not.`,
    impact: 'whoever had pods there; the next such node may have no place for them',
  }),
  alert({
    alert: 'NodesNotReady', for: '5m', detectWithin: '10m', severity: 'page', hiddenBy: ['zone', 'cloud', 'controlPlane', 'blindness', 'lifecycle'],
    expr: 'sum by (cluster_id, organization, region) (keelson:nodes:count{ready="0"}) / sum by (cluster_id, organization, region) (keelson:nodes:count) > 0.3',
    summary: `${cluster}: {{ humanizePercentage $value }} of the nodes are not Ready`,
    description: `{{ humanizePercentage $value }} of the nodes of cluster ${cluster} do not report. From a third on, Cluster API's health checks stop replacing machines, because the fault is more likely elsewhere.`,
    impact: 'most workloads of the cluster',
  }),
  alert({
    alert: 'NodePressure', for: '10m', severity: 'notify', hiddenBy: ['node', 'blindness', 'lifecycle'], expr: 'keelson:node_pressure:info == 1',
    summary: `${cluster}: node ${node} says {{ $labels.condition }}`,
    description: `Node ${node} of cluster ${cluster} has said {{ $labels.condition }} for ten minutes: the kubelet evicts pods there and takes no new ones.`,
  }),
  alert({
    alert: 'NodeReadinessFlaps', for: '5m', severity: 'notify', hiddenBy: ['node', 'zone', 'controlPlane', 'blindness', 'lifecycle'], expr: `keelson:node_readiness_changes:count > ${flaps - 1}`,
    summary: `${cluster}: node ${node} went and came {{ $value }} times in half an hour`,
    description: `Node ${node} of cluster ${cluster} changed between Ready and NotReady {{ $value }} times in half an hour. Its pods are taken out of Services and put back each time, and no health check replaces it.`,
  }),
  alert({
    alert: 'NodeCordonedTooLong', for: '24h', severity: 'ticket', expr: 'keelson:node_unschedulable:info == 1',
    summary: `${cluster}: node ${node} has been cordoned for a day`,
    description: `Node ${node} of cluster ${cluster} takes no pods since somebody, or a drain that did not end, cordoned it a day ago. It is paid for and not used, and the room it was to give is missing.`,
  }),
];
