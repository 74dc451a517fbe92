/**
 * The control plane's load: what boards show beside what alerts read (rules/control-plane). etcd as the API servers see it
 * and leases as kube-state-metrics does need no access to what listens on 127.0.0.1 of the control plane nodes only.
 */
import type { Record, RuleGroup } from '../rules/model.ts';
import { orZero, recorded } from './expressions.ts';

const board = 'board: control plane';
const here = 'up{job="apiserver"}';
const one = (record: `keelson:${string}:${string}`, expr: string, help: string): Record => recorded({ record, expr, maxSeries: 1, forPeople: board, help });

export const controlPlaneLoadRecords: RuleGroup = {
  name: 'keelson-control-plane-load',
  place: 'workload',
  rules: [
    one('keelson:apiserver_requests:rate5m', 'sum(rate(apiserver_request_total[5m]))', 'Requests a second to the API servers.'),
    recorded({ record: 'keelson:apiserver_inflight:max', expr: 'max by (request_kind) (apiserver_current_inflight_requests)', labels: ['request_kind'], maxSeries: 2, forPeople: board, help: 'Requests that are worked on at once, in the busiest API server.' }),
    one('keelson:apiserver_memory_bytes:max', 'max(process_resident_memory_bytes{job="apiserver"})', 'Memory of the largest API server.'),
    recorded({ record: 'keelson:kubernetes_version:count', expr: 'topk(3, count by (git_version) (kubernetes_build_info{job="apiserver"}))', labels: ['git_version'], maxSeries: 3, forPeople: board, help: 'API servers by version.' }),
    one('keelson:etcd_database_bytes:max', 'max(apiserver_storage_size_bytes)', 'Size of the largest database of etcd, free pages included.'),
    one('keelson:etcd_requests:rate5m', 'sum(rate(etcd_requests_total[5m]))', 'Requests a second of the API servers to etcd.'),
    one('keelson:etcd_request_errors:ratio5m', `(${orZero('sum(rate(etcd_request_errors_total[5m]))', here)}) / (sum(rate(etcd_requests_total[5m])) > 0)`, 'Part of them that failed.'),
    one('keelson:etcd_request_seconds:mean5m', 'sum(rate(etcd_request_duration_seconds_sum[5m])) / (sum(rate(etcd_request_duration_seconds_count[5m])) > 0)', 'How long they took on average.'),
    recorded({
      record: 'keelson:leader_lease_age_seconds:max', labels: ['lease'], maxSeries: 3, forPeople: board,
      expr: 'max by (lease) (time() - kube_lease_renew_time{lease=~"kube-controller-manager|kube-scheduler|cloud-controller-manager"})',
      help: 'Seconds since whoever leads renewed its lease: nobody works when it is long.',
    }),
  ],
};
