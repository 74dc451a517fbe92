/**
 * What runs on every cluster: every Deployment, DaemonSet and StatefulSet of the platform's namespaces, by its own name, so
 * that a component that is added to the bundle is watched from the first day. What each is for: catalogue/components.ts.
 */
import { essentialWorkloads } from '../../catalogue/components.ts';
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { least, named, platformNamespaces, relabel, worst } from '../parts.ts';

const alert = alertsIn('components', { hiddenBy: ['node', 'zone', 'cloud', 'controlPlane', 'blindness', 'lifecycle'] });
const ours = `namespace=~"${platformNamespaces}"`;
const what = '{{ $labels.namespace }}/{{ $labels.workload }}';
const pod = '{{ $labels.namespace }}/{{ $labels.pod }}';

const part = (available: string, wanted: string, kind: string): string => relabel(`${available}{${ours}} / (${wanted}{${ours}} > 0)`, 'workload', kind);

export const componentRecords: readonly Rule[] = [
  record({
    record: 'keelson:component_available:ratio', labels: ['namespace', 'workload'], maxSeries: 2 * named,
    expr: least(`min by (namespace, workload) (${part('kube_deployment_status_replicas_available', 'kube_deployment_spec_replicas', 'deployment')} or ${part('kube_daemonset_status_number_available', 'kube_daemonset_status_desired_number_scheduled', 'daemonset')} or ${part('kube_statefulset_status_replicas_ready', 'kube_statefulset_replicas', 'statefulset')}) < 1`, 2 * named),
    help: `Part of the replicas of each workload of the platform that is available, where it is not all; the ${2 * named} least.`,
  }),
  record({
    record: 'keelson:component_containers_waiting:info', labels: ['namespace', 'pod', 'reason'], maxSeries: named,
    expr: worst(`max by (namespace, pod, reason) (max_over_time(kube_pod_container_status_waiting_reason{${ours},reason=~"CrashLoopBackOff|ImagePullBackOff|ErrImagePull|CreateContainerConfigError|CreateContainerError|InvalidImageName"}[5m])) == 1`),
    help: `1 for each pod of the platform with a container that cannot run, and why; at most ${named}.`,
  }),
  record({
    record: 'keelson:component_jobs_failed:info', labels: ['namespace', 'job_name'], maxSeries: named,
    expr: worst(`max by (namespace, job_name) (kube_job_status_failed{${ours}} > 0)`), help: `Pods of each job of the platform that failed; at most ${named} jobs.`,
  }),
  record({ record: 'keelson:kube_state_metrics_errors:ratio', labels: [], maxSeries: 1, expr: 'sum(rate(kube_state_metrics_list_total{result="error"}[5m])) / sum(rate(kube_state_metrics_list_total[5m])) or 0 * max(up{job="kube-state-metrics"})', help: 'Part of the lists of kube-state-metrics that fail.' }),
];

export const componentAlerts: readonly Rule[] = [
  alert({
    alert: 'ComponentDown', for: '5m', severity: 'page', expr: `keelson:component_available:ratio{workload=~"${essentialWorkloads.join('|')}"} == 0`,
    summary: `${cluster}: no replica of ${what} is available`,
    description: `None of the replicas of ${what} of cluster ${cluster} has been available for five minutes, and the cluster does not do without it.`,
    impact: 'what the component does for everybody: see the table in its runbook',
  }),
  alert({
    alert: 'ComponentDegraded', for: '15m', severity: 'notify', expr: 'keelson:component_available:ratio < 1',
    summary: `${cluster}: {{ humanizePercentage $value }} of the replicas of ${what} are available`,
    description: `Of the replicas of ${what} of cluster ${cluster} {{ humanizePercentage $value }} have been available for a quarter of an hour, not all of them.`,
  }),
  alert({
    alert: 'ComponentPodCannotRun', for: '15m', severity: 'notify', expr: 'keelson:component_containers_waiting:info == 1',
    summary: `${cluster}: ${pod} does not run: {{ $labels.reason }}`,
    description: `A container of pod ${pod} of cluster ${cluster} cannot run, for a quarter of an hour: {{ $labels.reason }}.`,
  }),
  alert({
    alert: 'ComponentJobFailed', for: '15m', severity: 'ticket', expr: 'keelson:component_jobs_failed:info > 0',
    summary: `${cluster}: job {{ $labels.namespace }}/{{ $labels.job_name }} failed`,
    description: `{{ $value }} pods of the job {{ $labels.namespace }}/{{ $labels.job_name }} of cluster ${cluster} failed, and what it was to do was not done.`,
  }),
  alert({
    alert: 'ObjectStateNotSeen', for: '15m', severity: 'notify', expr: 'keelson:kube_state_metrics_errors:ratio > 0.01',
    summary: `${cluster}: kube-state-metrics cannot list {{ humanizePercentage $value }} of what it shows`,
    description: `kube-state-metrics of cluster ${cluster} may not, or cannot, read part of the objects it speaks of. Alerts on nodes, pods and volumes judge by what it saw last.`,
  }),
];
