/** What the components of the bundle write. */
import { component, type ForeignComponent } from './family.ts';

const stateReference = 'https://github.com/kubernetes/kube-state-metrics/tree/v2.18.0/docs/metrics';

export const bundleComponents: readonly ForeignComponent[] = [
  component('kube-state-metrics', 'v2.18.0', stateReference, [
    ['kube_node_status_condition', 'gauge', 'node condition status', 'Conditions of nodes; 1 for the status they have.', '15 per node'],
    ['kube_node_status_allocatable', 'gauge', 'node resource unit', 'What a node gives to pods.', '6 per node'],
    ['kube_node_spec_unschedulable', 'gauge', 'node', 'Whether a node is cordoned.', '1 per node'],
    ['kube_node_labels', 'gauge', 'node label_topology_kubernetes_io_zone', 'Labels of nodes that the chart lets through.', '1 per node'],
    ['kube_pod_status_phase', 'gauge', 'namespace pod uid phase', 'Phases of pods; 1 for the one they have.', '5 per pod'],
    ['kube_pod_status_unschedulable', 'gauge', 'namespace pod uid', 'Pods that no node takes.', 'few'],
    ['kube_pod_container_resource_requests', 'gauge', 'namespace pod uid container node resource unit', 'Requests of containers.', '2 per container'],
    ['kube_pod_container_status_waiting_reason', 'gauge', 'namespace pod uid container reason', 'Why a container waits.', 'few'],
    ['kube_deployment_spec_replicas', 'gauge', 'namespace deployment', 'Replicas that are wanted.', '1 per Deployment'],
    ['kube_deployment_status_replicas_available', 'gauge', 'namespace deployment', 'Replicas that are available.', '1 per Deployment'],
    ['kube_daemonset_status_desired_number_scheduled', 'gauge', 'namespace daemonset', 'Nodes that should have a pod.', '1 per DaemonSet'],
    ['kube_daemonset_status_number_available', 'gauge', 'namespace daemonset', 'Nodes whose pod is available.', '1 per DaemonSet'],
    ['kube_statefulset_replicas', 'gauge', 'namespace statefulset', 'Replicas that are wanted.', '1 per StatefulSet'],
    ['kube_statefulset_status_replicas_ready', 'gauge', 'namespace statefulset', 'Replicas that are ready.', '1 per StatefulSet'],
    ['kube_job_status_failed', 'gauge', 'namespace job_name reason', 'Pods of a job that failed.', '1 per Job'],
    ['kube_persistentvolumeclaim_status_phase', 'gauge', 'namespace persistentvolumeclaim phase', 'Phases of claims; 1 for the one they have.', '3 per claim'],
    ['kube_resourcequota', 'gauge', 'namespace resourcequota resource type', 'Quotas, hard and used.', '2 per resource'],
    ['kube_state_metrics_list_total', 'counter', 'resource result', 'Lists by what became of them (telemetry port).', 'tens'],
  ]),
  component('node-exporter', '1.12.1', 'https://github.com/prometheus/node_exporter/tree/v1.12.1', [
    ['node_filesystem_avail_bytes', 'gauge', 'device fstype mountpoint device_error', 'Room that is left.', 'tens'],
    ['node_filesystem_size_bytes', 'gauge', 'device fstype mountpoint device_error', 'Size.', 'tens'],
    ['node_filesystem_files', 'gauge', 'device fstype mountpoint device_error', 'Inodes.', 'tens'],
    ['node_filesystem_files_free', 'gauge', 'device fstype mountpoint device_error', 'Inodes that are left.', 'tens'],
    ['node_filesystem_readonly', 'gauge', 'device fstype mountpoint device_error', 'Whether it is read-only.', 'tens'],
    ['node_memory_MemAvailable_bytes', 'gauge', '', 'Memory that could still be given away.', '1'],
    ['node_memory_MemTotal_bytes', 'gauge', '', 'Memory.', '1'],
    ['node_load5', 'gauge', '', 'Processes that want to run, over five minutes.', '1'],
    ['node_cpu_seconds_total', 'counter', 'cpu mode', 'Seconds of each core in each mode.', '8 per core'],
    ['node_nf_conntrack_entries', 'gauge', '', 'Connections that are tracked.', '1'],
    ['node_nf_conntrack_entries_limit', 'gauge', '', 'Connections that can be.', '1'],
    ['node_filefd_allocated', 'gauge', '', 'File handles in use.', '1'],
    ['node_filefd_maximum', 'gauge', '', 'File handles there can be.', '1'],
    ['node_vmstat_oom_kill', 'counter', '', 'Processes that the kernel killed for memory.', '1'],
    ['node_network_receive_errs_total', 'counter', 'device', 'Received packets with errors.', 'devices'],
    ['node_network_transmit_errs_total', 'counter', 'device', 'Sent packets with errors.', 'devices'],
  ]),
  component('coredns', '1.14', 'https://coredns.io/plugins/metrics/', [
    ['coredns_panics_total', 'counter', '', 'Faults of its own.', '1'],
    ['coredns_forward_healthcheck_broken_total', 'counter', '', 'Queries that found no outer server healthy.', '1'],
  ]),
  component('openstack-cloud-controller-manager', 'v1.36', 'https://github.com/kubernetes/cloud-provider-openstack/blob/master/docs/metrics.md', [
    ['openstack_api_requests_total', 'counter', 'request', 'Calls to OpenStack; Cluster API Provider OpenStack has it too.', 'tens'],
    ['openstack_api_request_errors_total', 'counter', 'request', 'Those that failed.', 'tens'],
  ]),
  component('cinder-csi', 'v1.36', 'https://github.com/kubernetes-csi/csi-lib-utils/blob/master/metrics/metrics.go', [
    ['csi_sidecar_operations_seconds', 'histogram', 'driver_name method_name grpc_status_code', 'Calls of the sidecars to the volume driver.', 'tens'],
  ]),
  component('cilium', 'v1.20', 'https://docs.cilium.io/en/stable/observability/metrics/', [
    ['cilium_bpf_map_pressure', 'gauge', 'map_name', 'Part of a table in the kernel that is in use.', 'tens'],
    ['cilium_unreachable_nodes', 'gauge', '', 'Nodes whose health endpoint does not answer.', '1'],
    ['cilium_policy_change_total', 'counter', 'outcome', 'Changes of policies.', '2'],
  ]),
  component('kyverno', 'v1.19', 'https://kyverno.io/docs/monitoring/', [
    ['kyverno_policy_results_total', 'counter', 'policy_name rule_name rule_result rule_type resource_kind resource_namespace', 'Results of rules.', 'hundreds'],
  ]),
];
