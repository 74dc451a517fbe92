/** Controller manager and scheduler: does one of each work, and does it keep up? */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { missing, named, ownControlPlane, relabel, worst } from '../parts.ts';

const alert = alertsIn('control-plane', { hiddenBy: ['controlPlane', 'zone', 'cloud', 'blindness', 'lifecycle'] });
/** Jobs of the workload Prometheus (charts/workload-monitoring). */
const jobs = 'kube-controller-manager|kube-scheduler|apiserver';

export const controllerRecords: readonly Rule[] = [
  record({
    record: 'keelson:control_plane_up:count', labels: ['component'], maxSeries: 3,
    expr: `sum by (component) (${relabel(`up{job=~"${jobs}"}`, 'component', 'job')})`,
    help: 'How many of each component of the control plane answer.',
  }),
  record({
    record: 'keelson:controller_queue:max', labels: ['name'], maxSeries: named,
    expr: worst('max by (name) (min_over_time(workqueue_depth{job="kube-controller-manager"}[10m])) > 20'),
    help: `Keys that have waited for controllers of the controller manager all of ten minutes, from 20 on; the ${named} most.`,
  }),
  record({ record: 'keelson:kube_client_errors:ratio', labels: ['component'], maxSeries: named, expr: worst(`max by (component) (${relabel('sum by (job) (rate(rest_client_requests_total{code=~"5..|<error>"}[10m])) / sum by (job) (rate(rest_client_requests_total[10m]))', 'component', 'job')}) > 0.01`), help: `Part of the requests of each component to the API server that fail, from a hundredth on; the ${named} worst.` }),
  record({ record: 'keelson:kube_versions:count', labels: [], maxSeries: 1, expr: 'count(count by (minor) (kubernetes_build_info{job=~"apiserver|kubelet"}))', help: 'Minor versions of Kubernetes that run in the cluster.' }),
];

const down = (alertname: string, component: string, holds: string, what: { summary: string; description: string; impact: string }) => alert({
  alert: alertname, for: holds, severity: 'page',
  expr: `keelson:control_plane_up:count{component="${component}"} == 0 or ${missing(`keelson:control_plane_up:count{component="${component}"}`, ownControlPlane)}`,
  ...what,
});

export const controllerAlerts: readonly Rule[] = [
  down('ControllerManagerDown', 'kube-controller-manager', '10m', {
    summary: `${cluster}: no kube-controller-manager answers`,
    description: `No kube-controller-manager of cluster ${cluster} has answered for ten minutes: pods of dead nodes are not replaced, roll-outs stand still, Services keep old endpoints, certificates are not signed.`,
    impact: 'every change in the cluster; what runs goes on',
  }),
  down('SchedulerDown', 'kube-scheduler', '10m', {
    summary: `${cluster}: no kube-scheduler answers`,
    description: `No kube-scheduler of cluster ${cluster} has answered for ten minutes: no new pod gets a node, also none that replaces another.`,
    impact: 'every pod that starts; what runs goes on',
  }),
  alert({
    alert: 'ControllersBehind', for: '10m', severity: 'notify', expr: 'keelson:controller_queue:max > 100',
    summary: `${cluster}: {{ $value }} objects wait for the controller {{ $labels.name }}`,
    description: `The controller {{ $labels.name }} of cluster ${cluster} has had at least {{ $value }} objects waiting for ten minutes and does not catch up.`,
  }),
  alert({
    alert: 'KubeClientErrors', for: '15m', severity: 'notify', expr: 'keelson:kube_client_errors:ratio > 0.05',
    summary: `${cluster}: {{ humanizePercentage $value }} of the requests of {{ $labels.component }} to the API fail`,
    description: `{{ humanizePercentage $value }} of what {{ $labels.component }} of cluster ${cluster} asks the API server fails: the way there, or the server, is at fault.`,
  }),
  alert({
    alert: 'KubernetesVersionsDiffer', for: '4h', severity: 'ticket', expr: 'keelson:kube_versions:count > 1',
    summary: `${cluster}: {{ $value }} minor versions of Kubernetes run side by side`,
    description: `In cluster ${cluster} {{ $value }} minor versions of Kubernetes have run side by side for four hours: an upgrade has not ended, or nodes were left out.`,
  }),
];
