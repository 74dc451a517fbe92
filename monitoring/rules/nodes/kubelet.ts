/** The kubelets: do they answer, start pods in time, and renew their certificates? */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { named, worst } from '../parts.ts';

const alert = alertsIn('kubelet', { hiddenBy: ['node', 'zone', 'controlPlane', 'blindness', 'lifecycle'] });
const node = '{{ $labels.node }}';

export const kubeletRecords: readonly Rule[] = [
  record({
    record: 'keelson:kubelet_down:info', labels: ['node'], maxSeries: named, expr: worst('max by (node) (up{job="kubelet"} == bool 0) == 1'),
    help: `1 for each node whose kubelet does not answer the cluster's Prometheus; at most ${named}.`,
  }),
  record({
    record: 'keelson:kubelet_relist_seconds:p99', labels: ['node'], maxSeries: named,
    expr: worst('histogram_quantile(0.99, sum by (node, le) (rate(kubelet_pleg_relist_duration_seconds_bucket[5m]))) > 1'),
    help: `How long a kubelet takes to ask the runtime for its containers, 99th percentile, from a second on; the ${named} slowest.`,
  }),
  record({
    record: 'keelson:kubelet_pod_start_seconds:p99', labels: ['node'], maxSeries: named,
    expr: worst('histogram_quantile(0.99, sum by (node, le) (rate(kubelet_pod_start_sli_duration_seconds_bucket[30m]))) > 5'),
    help: `How long pods take to start without the pull of their images, 99th percentile, from five seconds on; the ${named} slowest nodes.`,
  }),
  record({
    record: 'keelson:kubelet_runtime_errors:ratio', labels: ['node'], maxSeries: named,
    expr: worst('sum by (node) (rate(kubelet_runtime_operations_errors_total[10m])) / sum by (node) (rate(kubelet_runtime_operations_total[10m])) > 0.01'),
    help: `Part of the calls to the container runtime that fail, from a hundredth on; the ${named} worst nodes.`,
  }),
  record({
    record: 'keelson:kubelet_certificate_renew_errors:increase', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (increase(kubelet_certificate_manager_client_expiration_renew_errors[30m])) > 0'),
    help: `Failed renewals of a kubelet's client certificate in half an hour; at most ${named} nodes.`,
  }),
  record({
    record: 'keelson:kubelet_pods:ratio', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (kubelet_running_pods) / on (node) max by (node) (kube_node_status_allocatable{resource="pods"}) > 0.5'),
    help: `Pods of a node in parts of what it takes, from half on; the ${named} fullest.`,
  }),
];

export const kubeletAlerts: readonly Rule[] = [
  alert({
    alert: 'KubeletDown', for: '10m', severity: 'notify', expr: 'keelson:kubelet_down:info == 1',
    summary: `${cluster}: the kubelet of ${node} does not answer`,
    description: `The kubelet of node ${node} of cluster ${cluster} does not answer the cluster's Prometheus. When it does not reach the API server either, NodeNotReady follows; else only its metrics are lost, and with them what pods there use.`,
  }),
  alert({
    alert: 'KubeletSlow', for: '10m', severity: 'notify', expr: 'keelson:kubelet_relist_seconds:p99 > 10',
    summary: `${cluster}: the kubelet of ${node} takes {{ humanizeDuration $value }} to see its containers`,
    description: `The kubelet of node ${node} of cluster ${cluster} takes {{ humanizeDuration $value }} to ask the runtime what runs: the runtime or the disk under it is overloaded. Beyond three minutes the node turns NotReady.`,
  }),
  alert({
    alert: 'PodsStartSlowly', for: '15m', severity: 'notify', expr: 'keelson:kubelet_pod_start_seconds:p99 > 60',
    summary: `${cluster}: pods take {{ humanizeDuration $value }} to start on ${node}`,
    description: `One in a hundred pods on node ${node} of cluster ${cluster} takes {{ humanizeDuration $value }} to start, images apart: roll-outs and restarts take minutes where they should take seconds.`,
  }),
  alert({
    alert: 'ContainerRuntimeErrors', for: '15m', severity: 'notify', expr: 'keelson:kubelet_runtime_errors:ratio > 0.1',
    summary: `${cluster}: {{ humanizePercentage $value }} of the calls to the container runtime of ${node} fail`,
    description: `{{ humanizePercentage $value }} of what the kubelet of node ${node} of cluster ${cluster} asks of its container runtime fails: pods there do not start, or do not end.`,
  }),
  alert({
    alert: 'KubeletCertificateNotRenewed', for: '15m', severity: 'notify', expr: 'keelson:kubelet_certificate_renew_errors:increase > 1',
    summary: `${cluster}: the kubelet of ${node} cannot renew its client certificate`,
    description: `The kubelet of node ${node} of cluster ${cluster} asks for a new client certificate and gets none. When the old one expires it is cut off from the API server, and the node is lost.`,
  }),
  alert({
    alert: 'NodePodsFull', for: '15m', severity: 'ticket', expr: 'keelson:kubelet_pods:ratio > 0.95',
    summary: `${cluster}: ${node} runs {{ humanizePercentage $value }} of the pods it takes`,
    description: `Node ${node} of cluster ${cluster} runs {{ humanizePercentage $value }} of the pods it may run. The next ones do not start there, whatever room it has.`,
  }),
];
