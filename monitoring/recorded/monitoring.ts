/** The cluster's own Prometheus at work: what boards show beside what alerts read (rules/fleet). */
import type { Record, RuleGroup } from '../rules/model.ts';
import { recorded } from './expressions.ts';

const one = (record: `keelson:${string}:${string}`, expr: string, help: string): Record => recorded({ record, expr, maxSeries: 1, forPeople: 'board: monitoring', help });

export const prometheusLoadRecords: RuleGroup = {
  name: 'keelson-prometheus-load',
  place: 'workload',
  rules: [
    one('keelson:prometheus_samples:rate5m', 'max(rate(prometheus_tsdb_head_samples_appended_total{type="float"}[5m]))', 'Samples a second that the cluster\'s Prometheus takes.'),
    one('keelson:prometheus_memory_bytes:max', 'max(process_resident_memory_bytes and on (instance) prometheus_build_info)', 'Its memory.'),
    one('keelson:prometheus_rule_time:ratio', 'max(prometheus_rule_group_last_duration_seconds / on (instance, rule_group) prometheus_rule_group_interval_seconds)', 'Part of its interval that the slowest group of rules takes.'),
  ],
};
