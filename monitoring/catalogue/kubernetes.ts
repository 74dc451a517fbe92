/** What Kubernetes' own programs write. */
import { component, type ForeignComponent } from './family.ts';

const reference = 'https://kubernetes.io/docs/reference/instrumentation/metrics/';
const version = 'v1.36.3';

export const kubernetesComponents: readonly ForeignComponent[] = [
  component('kube-apiserver', version, reference, [
    ['apiserver_request_total', 'counter', 'code verb resource subresource group version scope component dry_run', 'Requests by what became of them.', 'thousands'],
    ['apiserver_request_sli_duration_seconds', 'histogram', 'verb resource subresource group version scope component', 'Time to answer, without webhooks and waiting for a priority.', 'ten thousands'],
    ['apiserver_current_inflight_requests', 'gauge', 'request_kind', 'Requests that are worked on.', '2'],
    ['apiserver_flowcontrol_rejected_requests_total', 'counter', 'flow_schema priority_level reason', 'Requests turned away by priority and fairness.', 'tens'],
    ['apiserver_admission_webhook_rejection_count', 'counter', 'name operation type error_type rejection_code', 'Requests refused by admission webhooks.', 'tens'],
    ['apiserver_admission_webhook_fail_open_count', 'counter', 'name type', 'Requests let through because a webhook did not answer.', 'tens'],
    ['apiserver_admission_webhook_admission_duration_seconds', 'histogram', 'name operation type rejected', 'Time that admission webhooks take.', 'hundreds'],
    ['apiserver_validating_admission_policy_check_total', 'counter', 'policy policy_binding enforcement_action error_type', 'Judgements of ValidatingAdmissionPolicies.', 'tens'],
    ['aggregator_unavailable_apiservice', 'gauge', 'name', 'Aggregated APIs that do not answer (1).', 'tens'],
    ['apiserver_audit_error_total', 'counter', 'plugin', 'Audit events that could not be written.', '1'],
    ['apiserver_storage_objects', 'gauge', 'resource', 'Objects in etcd; until 1.33.', 'hundreds'],
    ['apiserver_resource_objects', 'gauge', 'group resource', 'Objects in etcd; from 1.34 on.', 'hundreds'],
    ['apiserver_storage_size_bytes', 'gauge', 'storage_cluster_id', 'Size of the database of etcd, as the API server sees it.', '1'],
    ['etcd_requests_total', 'counter', 'operation group resource', 'Requests to etcd.', 'hundreds'],
    ['etcd_request_errors_total', 'counter', 'operation group resource', 'Those that failed.', 'tens'],
    ['etcd_request_duration_seconds', 'histogram', 'operation group resource', 'Time that they take.', 'thousands'],
    ['process_resident_memory_bytes', 'gauge', '', 'Memory; all programs of Kubernetes have it, and Prometheus.', '1'],
    ['kubernetes_build_info', 'gauge', 'major minor git_version git_commit git_tree_state build_date go_version compiler platform', 'Version of a program of Kubernetes.', '1'],
  ]),
  component('etcd', '3.6', 'https://etcd.io/docs/v3.6/metrics/', [
    ['etcd_server_has_leader', 'gauge', '', 'Whether the member knows a leader.', '1'],
    ['etcd_server_leader_changes_seen_total', 'counter', '', 'Changes of the leader.', '1'],
    ['etcd_server_proposals_failed_total', 'counter', '', 'Writes that failed.', '1'],
    ['etcd_server_quota_backend_bytes', 'gauge', '', 'Quota of the database.', '1'],
    ['etcd_mvcc_db_total_size_in_bytes', 'gauge', '', 'Size of the database file.', '1'],
    ['etcd_mvcc_db_total_size_in_use_in_bytes', 'gauge', '', 'Part of it that holds data.', '1'],
    ['etcd_disk_wal_fsync_duration_seconds', 'histogram', '', 'Time to put the log on disk.', 'tens'],
    ['etcd_disk_backend_commit_duration_seconds', 'histogram', '', 'Time to commit to the database.', 'tens'],
    ['etcd_network_peer_round_trip_time_seconds', 'histogram', 'To', 'Round trip to each peer; none in a cluster of one.', 'tens'],
  ]),
  component('kubelet', version, reference, [
    ['kubelet_pleg_relist_duration_seconds', 'histogram', '', 'Time to ask the runtime for its containers.', 'tens'],
    ['kubelet_pod_start_sli_duration_seconds', 'histogram', '', 'Time to start a pod, without the pull of images.', 'tens'],
    ['kubelet_runtime_operations_total', 'counter', 'operation_type', 'Calls to the container runtime.', 'tens'],
    ['kubelet_runtime_operations_errors_total', 'counter', 'operation_type', 'Those that failed.', 'tens'],
    ['kubelet_certificate_manager_client_expiration_renew_errors', 'counter', '', 'Failed renewals of the client certificate.', '1'],
    ['kubelet_running_pods', 'gauge', '', 'Pods that run.', '1'],
    ['kubelet_volume_stats_available_bytes', 'gauge', 'namespace persistentvolumeclaim', 'Room that is left on a volume.', 'volumes of the node'],
    ['kubelet_volume_stats_capacity_bytes', 'gauge', 'namespace persistentvolumeclaim', 'Size of a volume.', 'volumes of the node'],
  ]),
  component('kube-controller-manager', version, reference, [
    ['workqueue_depth', 'gauge', 'name', 'Keys that wait for a controller; kube-scheduler, Keelson and Cluster API have it too.', 'tens'],
    ['rest_client_requests_total', 'counter', 'code host method', 'Requests to the API server; all programs of Kubernetes have it.', 'tens'],
  ]),
  component('kube-scheduler', version, reference, [
    ['scheduler_pending_pods', 'gauge', 'queue', 'Pods that wait, by queue.', '4'],
  ]),
];
