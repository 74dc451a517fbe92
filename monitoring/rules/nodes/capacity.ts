/** Is there room: for the pods of today, and for those of a node that fails? */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';

const alert = alertsIn('nodes', { hiddenBy: ['blindness', 'lifecycle', 'cloud', 'controlPlane'] });

/** Requests of pods that are placed, against what is left when the largest schedulable node is gone. */
const requested = (resource: 'cpu' | 'memory'): string => {
  const allocatable = `(max by (node) (kube_node_status_allocatable{resource="${resource}"}) unless on (node) max by (node) (kube_node_spec_unschedulable) == 1)`;
  const placed = `sum(kube_pod_container_resource_requests{resource="${resource}",node!=""} and on (namespace, pod) kube_pod_status_phase{phase=~"Pending|Running"} == 1)`;
  return `${placed} / (sum${allocatable} - max${allocatable} > 0)`;
};

export const capacityRecords: readonly Rule[] = [
  ...(['cpu', 'memory'] as const).map((resource) => record({
    record: 'keelson:capacity_requested:ratio', set: { resource }, labels: ['resource'], maxSeries: 1, expr: requested(resource),
    help: `Requested ${resource} in parts of what the nodes have without the largest of them.`,
  })),
  record({
    record: 'keelson:pods_unschedulable:count', labels: [], maxSeries: 1, expr: 'sum(kube_pod_status_unschedulable) or 0 * sum(kube_node_status_condition{condition="Ready",status="true"})',
    help: 'Pods that no node takes.',
  }),
];

export const capacityAlerts: readonly Rule[] = [
  alert({
    alert: 'ClusterCapacityLow', for: '30m', severity: 'ticket', expr: 'keelson:capacity_requested:ratio > 1',
    summary: `${cluster}: without its largest node it has no room for the {{ $labels.resource }} that is requested`,
    description: `The pods of cluster ${cluster} request {{ humanizePercentage $value }} of the {{ $labels.resource }} that its nodes have without the largest one. When a node fails, or is replaced by an upgrade, some pods find no place.`,
  }),
  alert({
    alert: 'PodsUnschedulable', for: '30m', severity: 'notify', expr: 'keelson:pods_unschedulable:count > 0',
    summary: `${cluster}: {{ $value }} pods find no node`,
    description: `In cluster ${cluster} {{ $value }} pods have waited for half an hour for a node that takes them: no room, a taint, a volume in another zone, or a selector that nothing matches.`,
  }),
];
