/** The watcher itself: what arrives from every cluster, how old it is, whether rules are evaluated in time and messages are sent. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { federationJob, federationLimits, prometheusUp } from '../monitoring/federation.ts';
import { probeJob } from '../monitoring/fleet.ts';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { clusterColumn, of, orNone } from './queries.ts';
import { allIsGood, errorRatio, fullness, noneIsVital, plain } from './steps.ts';

const job = `job="${federationJob}",`;
const heartbeat = 'keelson:heartbeat_timestamp:max';
const apiDown = `max by (cluster_id) (${of('probe_success', `job="${probeJob}",`)}) == 0`;

export const monitoringBoard = (): Dashboard =>
  board({
    uid: 'keelson-monitoring',
    title: 'Keelson / Monitoring',
    description: 'What arrives from every cluster, how old it is, and whether messages are sent.',
    tags: ['monitoring'],
    clustersOf: 'keelson_cluster_info',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'API down', description: 'Clusters whose API server does not answer. Runbook: ClusterApiDown.', unit: 'short', expr: orNone(`count(${apiDown})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Path down', description: 'Clusters whose API answers and whose metrics do not arrive. Runbook: FederationPathDown.', unit: 'short', expr: orNone(`count((max by (cluster_id) (${of('up', job)}) == 0) unless on (cluster_id) ${apiDown})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Prometheus down', description: 'Clusters whose federation proxy answers, and whose Prometheus does not. Runbook: ClusterPrometheusDown.', unit: 'short', expr: orNone(`count(${of(prometheusUp)} == 0)`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Oldest report', description: 'Since when the cluster that is furthest behind has not recorded anything. Runbook: ClusterHeartbeatMissing.', unit: 's', expr: `time() - min(${of(heartbeat)})`, steps: [{ from: null, color: 'green' }, { from: 180, color: 'orange' }, { from: 300, color: 'red' }], none: 'no cluster reports' }),
          stat({ title: 'Alertmanagers', description: 'Replicas that see each other, of the fewest that one sees.', unit: 'short', expr: 'min(alertmanager_cluster_members)', steps: plain, none: 'not scraped' }),
          stat({ title: 'Messages that fail', description: 'Part of the messages to receivers. Runbook: NotificationsFail.', unit: 'percentunit', expr: '(sum(rate(alertmanager_notifications_failed_total[5m])) / (sum(rate(alertmanager_notifications_total[5m])) > 0)) or vector(0)', steps: [{ from: null, color: 'green' }, { from: 0.01, color: 'red' }], none: '0' }),
        ],
      },
      {
        title: 'What arrives',
        panels: [
          table({ title: 'Series of a cluster', description: `A scrape with more than ${federationLimits.samples} is refused. Runbook: FederationNearLimit.`, unit: 'short', expr: `max by (cluster_id) (${of('scrape_samples_post_metric_relabeling', job)})`, columns: clusterColumn, value: 'Series', steps: [{ from: null, color: 'green' }, { from: 0.8 * federationLimits.samples, color: 'orange' }, { from: federationLimits.samples, color: 'red' }], none: 'nothing arrives', width: 12 }),
          table({ title: 'Targets that do not answer', description: 'Part of each scrape job in a cluster that answers, where it is not all. Runbook: TargetsDown.', unit: 'percentunit', expr: `${of('keelson:up:ratio')} < 1`, columns: { ...clusterColumn, scrape_job: 'Job' }, value: 'Answer', steps: allIsGood, none: 'all answer', width: 12 }),
          table({ title: 'Tokens', description: 'Until the token of each cluster is due for renewal; below zero, renewal fails.', unit: 'dtdurations', expr: `max by (cluster_id) (${of('keelson_cluster_token_renewal_timestamp_seconds')}) - time()`, columns: clusterColumn, value: 'Due in', steps: [{ from: null, color: 'red' }, { from: 0, color: 'green' }], none: 'no cluster is federated', width: 12 }),
          table({ title: 'Why the API does not answer', description: 'By what the last probe met.', unit: 'short', expr: `max by (cluster_id, reason) (${of('keelson_cluster_api_failure')})`, columns: { ...clusterColumn, reason: 'Reason' }, value: 'Fails', steps: noneIsVital, none: 'all answer', width: 12 }),
          lines({ title: 'Time of a scrape', description: 'Through the API server of the cluster. It is refused after ten seconds.', unit: 's', expr: `max by (cluster_id) (${of('scrape_duration_seconds', job)})`, legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Time of a probe', description: 'Of /readyz, connection and TLS included.', unit: 's', expr: `max by (cluster_id) (${of('probe_duration_seconds', `job="${probeJob}",`)})`, legend: '{{cluster_id}}', none: 'nothing is probed' }),
          lines({ title: 'Age of reports', description: 'Since each cluster recorded last. A line that rises is a Prometheus that stands still.', unit: 's', expr: `time() - max by (cluster_id) (${of(heartbeat)})`, legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Series in a cluster\'s Prometheus', description: 'How large it should be.', unit: 'short', expr: of('keelson:prometheus_series:max'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Memory of a cluster\'s Prometheus', description: 'Its limit is in the chart workload-monitoring.', unit: 'bytes', expr: of('keelson:prometheus_memory_bytes:max'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Samples of a cluster\'s Prometheus', description: 'A second.', unit: 'short', expr: of('keelson:prometheus_samples:rate5m'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Time of a cluster\'s rules', description: 'Of the slowest group, in parts of its interval. Runbook: PrometheusOverloaded.', unit: 'percentunit', expr: of('keelson:prometheus_rule_time:ratio'), legend: '{{cluster_id}}', none: 'nothing arrives', steps: fullness }),
        ],
      },
      {
        title: 'Faults of a cluster\'s Prometheus',
        panels: [
          lines({ title: 'Evaluations that fail', description: 'In a quarter of an hour. Runbook: PrometheusRulesFail.', unit: 'short', expr: of('keelson:prometheus_rule_failures:increase'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Evaluations that were left out', description: 'In a quarter of an hour. Runbook: PrometheusOverloaded.', unit: 'short', expr: of('keelson:prometheus_missed_evaluations:increase'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Scrapes refused for their size', description: 'In a quarter of an hour. Runbook: PrometheusTargetTooLarge.', unit: 'short', expr: of('keelson:prometheus_rejected_scrapes:increase'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Failures of storage', description: 'Runbook: PrometheusStorageFails.', unit: 'short', expr: of('keelson:prometheus_storage_failures:increase'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Configuration taken over', description: '0: the last one was refused. Runbook: PrometheusConfigurationRefused.', unit: 'short', expr: of('keelson:prometheus_config:min'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
          lines({ title: 'Reconciles of prometheus-operator that fail', description: 'A second. Runbook: PrometheusOperatorFails.', unit: 'ops', expr: of('keelson:prometheus_operator_errors:rate'), legend: '{{cluster_id}}', none: 'nothing arrives' }),
        ],
      },
      {
        title: 'Here',
        panels: [
          lines({ title: 'Time of the fleet\'s rules', description: 'By replica: of the slowest group, in parts of its interval.', unit: 'percentunit', expr: 'max by (pod, instance) (prometheus_rule_group_last_duration_seconds / on (instance, rule_group) prometheus_rule_group_interval_seconds)', legend: '{{pod}} {{instance}}', none: 'not scraped', steps: fullness }),
          lines({ title: 'Series here', description: 'By replica.', unit: 'short', expr: 'max by (pod, instance) (prometheus_tsdb_head_series)', legend: '{{pod}} {{instance}}', none: 'not scraped' }),
          lines({ title: 'Alerts', description: 'In Alertmanager, by state.', unit: 'short', expr: 'max by (state) (alertmanager_alerts)', legend: '{{state}}', none: 'not scraped' }),
          lines({ title: 'Messages', description: 'A second, by kind of receiver.', unit: 'ops', expr: 'sum by (integration) (rate(alertmanager_notifications_total[5m]))', legend: '{{integration}}', none: 'not scraped' }),
          lines({ title: 'Messages that fail, by reason', description: 'A second. Runbook: NotificationsFail.', unit: 'ops', expr: 'sum by (integration, reason) (rate(alertmanager_notifications_failed_total[5m]))', legend: '{{integration}} {{reason}}', none: 'not scraped' }),
          lines({ title: 'Alerts that an Alertmanager does not take', description: 'Part of those that a Prometheus here sends. Runbook: AlertsNotDelivered.', unit: 'percentunit', expr: 'max by (alertmanager) (rate(prometheus_notifications_errors_total[5m])) / (max by (alertmanager) (rate(prometheus_notifications_sent_total[5m])) > 0)', legend: '{{alertmanager}}', none: 'no alert was sent', steps: errorRatio }),
          lines({ title: 'Configuration of Alertmanager', description: '1: its last configuration was taken over; 0: refused. Runbook: AlertmanagerConfigurationRefused.', unit: 'short', expr: 'min by (pod, instance) (alertmanager_config_last_reload_successful)', legend: '{{pod}} {{instance}}', none: 'not scraped' }),
          lines({ title: 'Waiting to be stored for long', description: 'Samples that remote write has not sent yet.', unit: 'short', expr: 'max by (remote_name) (prometheus_remote_storage_samples_pending)', legend: '{{remote_name}}', none: 'remote write is not set up' }),
        ],
      },
    ],
  });
