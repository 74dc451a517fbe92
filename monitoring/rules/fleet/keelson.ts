/** Keelson's own processes, Apps and the controllers of Cluster API beside them; read where they run, in the management cluster. */
import { alertsIn, clusterText as cluster, type Rule } from '../model.ts';

const alert = alertsIn('keelson', { hiddenBy: [], isFleetWide: true });
const app = alertsIn('apps', { hiddenBy: ['cloud', 'controlPlane', 'lifecycle'] });
const operator = 'keelson-operator';
const which = '{{ $labels.controller }} of {{ $labels.job }}';

export const keelsonAlerts: readonly Rule[] = [
  alert({
    alert: 'OperatorDown', for: '5m', severity: 'page',
    // It was scraped within a day, and no replica answers now: also when there is no pod, and so no target, any more.
    expr: `group by (job) (last_over_time(up{job="${operator}"}[1d])) unless on (job) (up{job="${operator}"} == 1)`,
    summary: 'no replica of the Keelson operator answers',
    description: 'No replica of the Keelson operator has answered for five minutes: clusters get no components, no certificates, no credentials, and no clean-up. What runs goes on.',
    impact: 'whoever makes, changes or deletes a cluster or an App',
  }),
  alert({
    alert: 'OperatorNotLeading', for: '5m', severity: 'notify', expr: `sum by (job) (leader_election_master_status{job="${operator}"}) != 1`,
    summary: '{{ $value }} replicas of the Keelson operator lead, not one',
    description: '{{ $value }} replicas of the Keelson operator hold its Lease. With none nothing is done; with two the same is done twice.',
  }),
  alert({
    alert: 'ReconcilesFail', for: '30m', severity: 'notify',
    expr: 'sum by (job, controller) (rate(controller_runtime_reconcile_errors_total[15m])) / sum by (job, controller) (rate(controller_runtime_reconcile_total[15m])) > 0.5',
    summary: `{{ humanizePercentage $value }} of the reconciles of ${which} fail`,
    description: `For half an hour {{ humanizePercentage $value }} of what the controller ${which} tried has failed: its objects stay as they are.`,
  }),
  alert({
    alert: 'QueueStuck', for: '15m', severity: 'notify', expr: 'max by (job, name) (min_over_time(workqueue_depth{job=~"keelson-.*|capi-.*"}[10m])) > 50',
    summary: '{{ $value }} objects wait for the controller {{ $labels.name }} of {{ $labels.job }}',
    description: 'At least {{ $value }} objects have waited for the controller {{ $labels.name }} of {{ $labels.job }} all the time: it hangs, or does not keep up.',
  }),
  alert({
    alert: 'CachesNotRefreshed', for: '15m', severity: 'notify', expr: 'sum by (job, name) (rate(reflector_failures_total[10m])) > 0.05',
    summary: '{{ $labels.job }} cannot watch {{ $labels.name }}',
    description: '{{ $labels.job }} fails to list or watch {{ $labels.name }} again and again and works with what it saw last.',
  }),
  alert({
    alert: 'TopologyHooksFail', for: '10m', severity: 'notify', expr: 'sum by (hook) (rate(keelson_topology_hook_answers_total{outcome="error"}[5m])) > 0.01',
    summary: 'The topology extension fails on {{ $labels.hook }}',
    description: 'The topology extension meets a fault of its own {{ humanize $value }} times a second when Cluster API calls {{ $labels.hook }}. The clusters concerned stand still.',
  }),
  alert({
    alert: 'TopologyHooksSlow', for: '15m', severity: 'notify', expr: 'histogram_quantile(0.99, sum by (hook, le) (rate(keelson_topology_hook_duration_seconds_bucket[10m]))) > 2',
    summary: 'The topology extension takes {{ humanizeDuration $value }} for {{ $labels.hook }}',
    description: 'One in a hundred calls of {{ $labels.hook }} takes {{ humanizeDuration $value }}; at its timeout, ten seconds, Cluster API counts it as failed.',
  }),
  alert({
    alert: 'TopologyCertificateExpires', for: '15m', severity: 'notify', expr: 'min by (job) (keelson_topology_certificate_expiry_timestamp_seconds) - time() < 7 * 86400',
    summary: 'The serving certificate of the topology extension {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}',
    description: 'The operator renews the serving certificate of the topology extension at two thirds of its life, and has not. When it expires Cluster API trusts no answer of it, and every cluster stands still.',
  }),
  app({
    alert: 'AppNotReady', for: '30m', severity: 'notify',
    expr: 'max by (cluster_id, organization, namespace, component, reason) (label_replace(keelson_app_ready{reason!~"LeftOut|WaitingForCluster|WaitingForDependency"} == 0, "namespace", "$1", "exported_namespace", "(.+)"))',
    summary: `${cluster}: {{ $labels.component }} is not Ready: {{ $labels.reason }}`,
    description: `The App of {{ $labels.component }} for cluster ${cluster} (namespace {{ $labels.namespace }}) has not been Ready for half an hour: {{ $labels.reason }}.`,
  }),
  app({
    alert: 'AppDrifted', for: '1h', severity: 'ticket',
    expr: 'max by (cluster_id, organization, namespace, app, component) (label_replace(keelson_app_drifted_fields, "namespace", "$1", "exported_namespace", "(.+)")) > 0',
    summary: `${cluster}: {{ $value }} fields of {{ $labels.component }} are not as its release says`,
    description: `In cluster ${cluster} {{ $value }} fields of what App {{ $labels.namespace }}/{{ $labels.app }} installed were changed by somebody else. The next upgrade overwrites them, or fails on them.`,
  }),
];
