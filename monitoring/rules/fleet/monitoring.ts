/** Is the watcher well: Prometheus and Alertmanager of the management cluster, and the Prometheus of each cluster? */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';

const everywhere = alertsIn('monitoring', { hiddenBy: ['blindness', 'lifecycle'] });
const here = alertsIn('monitoring', { hiddenBy: [], isFleetWide: true });
const increase = (name: string, metric: string, help: string) => record({ record: `keelson:${name}:increase`, labels: [], maxSeries: 1, expr: `sum(increase(${metric}[15m]))`, help });

export const monitoringRecords: readonly Rule[] = [
  increase('prometheus_rule_failures', 'prometheus_rule_evaluation_failures_total', 'Evaluations of rules that failed in a quarter of an hour.'),
  increase('prometheus_missed_evaluations', 'prometheus_rule_group_iterations_missed_total', 'Evaluations of rules that were left out because the former took too long, in a quarter of an hour.'),
  increase('prometheus_rejected_scrapes', 'prometheus_target_scrapes_exceeded_sample_limit_total', 'Scrapes that were refused because a target sent too much, in a quarter of an hour.'),
  increase('prometheus_storage_failures', 'prometheus_tsdb_compactions_failed_total', 'Failed compactions of the store in a quarter of an hour.'),
  record({ record: 'keelson:prometheus_config:min', labels: [], maxSeries: 1, expr: 'min(prometheus_config_last_reload_successful)', help: 'Whether the last configuration was taken over (1) or refused (0).' }),
  record({ record: 'keelson:prometheus_series:max', labels: [], maxSeries: 1, expr: 'max(prometheus_tsdb_head_series)', help: 'Series in the memory of the Prometheus.', forPeople: 'how large a cluster\'s Prometheus should be' }),
  record({ record: 'keelson:prometheus_operator_errors:rate', labels: [], maxSeries: 1, expr: 'sum(rate(prometheus_operator_reconcile_errors_total[15m]))', help: 'Failed reconciles of prometheus-operator per second.' }),
];

export const monitoringAlerts: readonly Rule[] = [
  everywhere({
    alert: 'PrometheusRulesFail', for: '10m', severity: 'notify', expr: 'keelson:prometheus_rule_failures:increase > 2',
    summary: `${cluster}: {{ humanize $value }} evaluations of rules failed in a quarter of an hour`,
    description: `The Prometheus of cluster ${cluster} could not evaluate rules {{ humanize $value }} times in a quarter of an hour. What they record or alert on is not seen.`,
  }),
  everywhere({
    alert: 'PrometheusOverloaded', for: '15m', severity: 'notify', expr: 'keelson:prometheus_missed_evaluations:increase > 2',
    summary: `${cluster}: Prometheus left out {{ humanize $value }} evaluations in a quarter of an hour`,
    description: `The Prometheus of cluster ${cluster} takes longer for its rules than the time between two evaluations, and leaves some out: alerts come late or never.`,
  }),
  everywhere({
    alert: 'PrometheusTargetTooLarge', for: '15m', severity: 'notify', expr: 'keelson:prometheus_rejected_scrapes:increase > 2',
    summary: `${cluster}: {{ humanize $value }} scrapes were refused because a target sends too much`,
    description: `The Prometheus of cluster ${cluster} refused {{ humanize $value }} scrapes in a quarter of an hour, because a target sends more samples than its limit. Nothing of that target is stored.`,
  }),
  everywhere({
    alert: 'PrometheusStorageFails', for: '5m', severity: 'notify', expr: 'keelson:prometheus_storage_failures:increase > 0',
    summary: `${cluster}: Prometheus could not compact its store`,
    description: `The Prometheus of cluster ${cluster} failed to compact its store {{ humanize $value }} times in a quarter of an hour: the disk is full or broken, and soon it cannot write.`,
  }),
  everywhere({
    alert: 'PrometheusConfigurationRefused', for: '10m', severity: 'notify', expr: 'keelson:prometheus_config:min == 0',
    summary: `${cluster}: Prometheus refuses its configuration`,
    description: `The Prometheus of cluster ${cluster} has refused its last configuration and goes on with the one before: new scrapes and rules are not there.`,
  }),
  everywhere({
    alert: 'PrometheusOperatorFails', for: '15m', severity: 'notify', expr: 'keelson:prometheus_operator_errors:rate > 0.05',
    summary: `${cluster}: prometheus-operator fails again and again`,
    description: `prometheus-operator of cluster ${cluster} fails {{ humanize $value }} times a second: what is to be watched, and by which rules, is not taken over.`,
  }),
  here({
    alert: 'AlertsNotDelivered', for: '5m', severity: 'page', expr: 'max by (alertmanager) (rate(prometheus_notifications_errors_total[5m])) / max by (alertmanager) (rate(prometheus_notifications_sent_total[5m])) > 0.1',
    summary: 'The management Prometheus cannot give {{ humanizePercentage $value }} of its alerts to {{ $labels.alertmanager }}',
    description: 'The management Prometheus fails to give {{ humanizePercentage $value }} of its alerts to Alertmanager {{ $labels.alertmanager }}. When it fails with all replicas, nobody is told of anything.',
    impact: 'whoever is on call: pages may be lost',
  }),
  here({
    alert: 'NotificationsFail', for: '5m', severity: 'page', expr: 'sum by (integration) (rate(alertmanager_notifications_failed_total[5m])) / sum by (integration) (rate(alertmanager_notifications_total[5m])) > 0.05',
    summary: 'Alertmanager cannot send {{ humanizePercentage $value }} of its messages by {{ $labels.integration }}',
    description: 'Alertmanager fails to send {{ humanizePercentage $value }} of its messages by {{ $labels.integration }}: the receiver, its address or its key. This page comes over the second way.',
    impact: 'whoever is on call: pages may be lost',
  }),
  here({
    alert: 'AlertmanagerConfigurationRefused', for: '5m', severity: 'page', expr: 'min by (job) (alertmanager_config_last_reload_successful) == 0',
    summary: 'Alertmanager refuses its configuration',
    description: 'Alertmanager has refused its last configuration and goes on with the one before; after a restart it would not start.',
    impact: 'nobody yet: routes are those of before; after a restart nobody is told of anything',
  }),
  here({
    alert: 'AlertmanagersDisagree', for: '10m', severity: 'notify', expr: 'min by (job) (alertmanager_cluster_members) < on (job) count by (job) (alertmanager_cluster_members)',
    summary: 'The Alertmanagers do not see one another: one sees {{ $value }}',
    description: 'A replica of Alertmanager sees {{ $value }} of its kind, and there are more: messages are sent twice, and silences hold in one of them only.',
  }),
  here({
    alert: 'AlertmanagerNotReached', for: '5m', severity: 'notify', expr: 'max by (alertmanager) (keelson_alertmanager_reached) == 0',
    summary: 'The operator cannot bring silences to Alertmanager {{ $labels.alertmanager }}',
    description: 'Alertmanager {{ $labels.alertmanager }} does not answer the Keelson operator, or refuses what it is given. Silences and maintenance windows that are new do not hold there, and ones that were deleted still do.',
  }),
  here({
    alert: 'SilenceNotDelivered', for: '10m', severity: 'notify', expr: 'max by (silence_kind, silence_namespace, silence, reason) (keelson_silence_ready{reason=~"NotDelivered|NoAlertmanager"} == 0)',
    summary: '{{ $labels.silence_kind }} {{ $labels.silence_namespace }}/{{ $labels.silence }} is not in every Alertmanager: {{ $labels.reason }}',
    description: 'For ten minutes {{ $labels.silence_kind }} {{ $labels.silence_namespace }}/{{ $labels.silence }} has not been in every Alertmanager ({{ $labels.reason }}): people are told of what it should keep from them.',
  }),
  here({
    alert: 'Watchdog', for: '0s', severity: 'none', expr: 'vector(1)',
    summary: 'Alerts go all the way',
    description: 'This alert always fires. It is sent to an external heartbeat every minute, which raises the alarm when it stays away: then Prometheus, Alertmanager or the way between them is gone.',
  }),
];
