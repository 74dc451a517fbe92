/** What Prometheus and Alertmanager write about themselves and about what they scrape. */
import { identityLabels } from '../federation.ts';
import { component, type ForeignComponent } from './family.ts';

const identity = identityLabels.join(' ');

export const watcherComponents: readonly ForeignComponent[] = [
  component('scrape', '3.16.0', 'https://prometheus.io/docs/concepts/jobs_instances/', [
    ['up', 'gauge', identity, 'Whether a target answered.', '1 per target'],
    ['scrape_samples_post_metric_relabeling', 'gauge', identity, 'Samples of a target that were kept.', '1 per target'],
    ['scrape_duration_seconds', 'gauge', identity, 'Time that a scrape took.', '1 per target'],
  ]),
  component('prometheus', '3.16.0', 'https://github.com/prometheus/prometheus/tree/main/documentation/prometheus-mixin', [
    ['ALERTS', 'gauge', 'alertname alertstate severity team area cluster_id', 'Alerts that fire or are about to.', 'alerts'],
    ['prometheus_build_info', 'gauge', 'version branch revision goversion goos goarch tags', 'Version.', '1'],
    ['prometheus_rule_group_last_duration_seconds', 'gauge', 'rule_group', 'Time of the last evaluation of a group.', 'groups'],
    ['prometheus_rule_group_interval_seconds', 'gauge', 'rule_group', 'Time between evaluations of a group.', 'groups'],
    ['prometheus_rule_evaluation_failures_total', 'counter', 'rule_group', 'Evaluations that failed.', 'groups'],
    ['prometheus_rule_group_iterations_missed_total', 'counter', 'rule_group', 'Evaluations that were left out.', 'groups'],
    ['prometheus_target_scrapes_exceeded_sample_limit_total', 'counter', '', 'Scrapes refused for their size.', '1'],
    ['prometheus_tsdb_head_samples_appended_total', 'counter', 'type', 'Samples that were taken in.', '2'],
    ['prometheus_tsdb_compactions_failed_total', 'counter', '', 'Failed compactions.', '1'],
    ['prometheus_tsdb_head_series', 'gauge', '', 'Series in memory.', '1'],
    ['prometheus_config_last_reload_successful', 'gauge', '', 'Whether the last configuration was taken over.', '1'],
    ['prometheus_notifications_errors_total', 'counter', 'alertmanager', 'Alerts that an Alertmanager did not take.', 'Alertmanagers'],
    ['prometheus_notifications_sent_total', 'counter', 'alertmanager', 'Alerts that were sent.', 'Alertmanagers'],
    ['prometheus_notifications_dropped_total', 'counter', 'alertmanager', 'Alerts that were given up.', 'Alertmanagers'],
    ['prometheus_notifications_queue_length', 'gauge', 'alertmanager', 'Alerts that wait to be sent.', 'Alertmanagers'],
    ['prometheus_notifications_alertmanagers_discovered', 'gauge', '', 'Alertmanagers that it knows.', '1'],
    ['prometheus_remote_storage_samples_pending', 'gauge', 'remote_name url', 'Samples that wait for a remote write.', 'remotes'],
  ]),
  component('prometheus-operator', '0.85.0', 'https://prometheus-operator.dev', [
    ['prometheus_operator_reconcile_errors_total', 'counter', 'controller', 'Failed reconciles.', 'tens'],
  ]),
  component('alertmanager', '0.31.1', 'https://github.com/prometheus/alertmanager/tree/main/doc/alertmanager-mixin', [
    ['alertmanager_notifications_total', 'counter', 'integration', 'Messages.', 'integrations'],
    ['alertmanager_notifications_failed_total', 'counter', 'integration reason', 'Messages that could not be sent.', 'integrations'],
    ['alertmanager_alerts', 'gauge', 'state', 'Alerts.', '3'],
    ['alertmanager_silences', 'gauge', 'state', 'Silences.', '3'],
    ['alertmanager_config_last_reload_successful', 'gauge', '', 'Whether the last configuration was taken over.', '1'],
    ['alertmanager_cluster_members', 'gauge', '', 'Replicas that it sees.', '1'],
  ]),
];
