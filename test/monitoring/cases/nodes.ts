/** Nodes, kubelets, room. */
import { alertCase as on, type Case } from './case.ts';

const ready = (node: string, value: number): Record<string, number> => ({ [`kube_node_status_condition{condition="Ready",status="true",node="${node}"}`]: value });
const fs = (free: number, more = '', mount = '/'): Record<string, number> => ({ [`node_filesystem_avail_bytes{node="w1",mountpoint="${mount}",fstype="ext4",device="vda"${more}}`]: free * 1000, [`node_filesystem_size_bytes{node="w1",mountpoint="${mount}",fstype="ext4",device="vda"${more}}`]: 1000 });
const of = (family: string, limit: string, value: number): Record<string, number> => ({ [`${family}{node="w1"}`]: value * 1000, [`${limit}{node="w1"}`]: 1000 });
/** A histogram whose observations are all between two bounds. */
const slow = (family: string, labels: string, below: number, above: number): Record<string, string | number> => ({ [`${family}_bucket{${labels},le="${below}"}`]: 0, [`${family}_bucket{${labels},le="${above}"}`]: '0+60', [`${family}_bucket{${labels},le="+Inf"}`]: '0+60' });
const nodesOf = (bad: number, all = 10): Record<string, number> => Object.assign({}, ...Array.from({ length: all }, (_, i) => ready(`w${i}`, i < bad ? 0 : 1))) as Record<string, number>;
/** As it arrives from a cluster. */
const federated = (id: string, bad: number, good: number): Record<string, number> => Object.fromEntries([['0', bad], ['1', good]].map(([isReady, count]) => [`keelson:nodes:count{cluster_id="${id}",organization="acme",ready="${isReady}"}`, Number(count)]));
const requests = (cores: number): Record<string, number> => ({
  'kube_node_status_allocatable{node="a",resource="cpu"}': 4, 'kube_node_status_allocatable{node="b",resource="cpu"}': 4, 'kube_node_status_allocatable{node="c",resource="cpu"}': 8,
  'kube_pod_container_resource_requests{namespace="n",pod="p",container="c",node="a",resource="cpu"}': cores, 'kube_pod_status_phase{namespace="n",pod="p",phase="Running"}': 1,
  // Done: its requests do not count.
  'kube_pod_container_resource_requests{namespace="n",pod="q",container="c",node="a",resource="cpu"}': 4, 'kube_pod_status_phase{namespace="n",pod="q",phase="Succeeded"}': 1, 'kube_pod_status_phase{namespace="n",pod="q",phase="Running"}': 0,
});

export const nodeCases: readonly Case[] = [
  on('NodeNotReady', 'page', { ...ready('w1', 0), ...ready('w2', 1), 'kube_node_labels{node="w1",label_topology_kubernetes_io_zone="az1"}': 1 }, { ...ready('w1', 1), 'kube_node_status_condition{condition="DiskPressure",status="true",node="w1"}': 0 }),
  on('NodesNotReady', 'page', { ...nodesOf(4, 11), ...federated('demo', 4, 7), ...federated('well', 0, 100) }, { ...nodesOf(3), ...federated('demo', 3, 7) }),
  on('NodePressure', 'notify', { 'kube_node_status_condition{condition="DiskPressure",status="true",node="w1"}': 1 }, { 'kube_node_status_condition{condition="DiskPressure",status="true",node="w1"}': 0, 'kube_node_status_condition{condition="DiskPressure",status="false",node="w1"}': 1, 'kube_node_status_condition{condition="Ready",status="true",node="w1"}': 1 }),
  on('NodeReadinessFlaps', 'notify', { 'kube_node_status_condition{condition="Ready",status="true",node="w1"}': '1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3' }, { 'kube_node_status_condition{condition="Ready",status="true",node="w1"}': '1x5 0x5 1x5 0x5 1x5 0x5 1x60' }, 26),
  on('NodeCordonedTooLong', 'ticket', { 'kube_node_spec_unschedulable{node="w1"}': 1 }, { 'kube_node_spec_unschedulable{node="w1"}': 0 }),
  on('NodeDiskFull', 'notify', fs(0.11), fs(0.125)),
  on('NodeDiskFull', 'page', fs(0.038), fs(0.045)),
  on('NodeInodesFull', 'notify', { 'node_filesystem_files_free{node="w1",mountpoint="/",fstype="ext4",device="vda"}': 48, 'node_filesystem_files{node="w1",mountpoint="/",fstype="ext4",device="vda"}': 1000 }, { 'node_filesystem_files_free{node="w1",mountpoint="/",fstype="ext4",device="vda"}': 52, 'node_filesystem_files{node="w1",mountpoint="/",fstype="ext4",device="vda"}': 1000 }),
  on('NodeDiskReadOnly', 'page', { 'node_filesystem_readonly{node="w1",mountpoint="/var",fstype="ext4",device="vda"}': 1 }, { 'node_filesystem_readonly{node="w1",mountpoint="/boot",fstype="ext4",device="vda"}': 1, 'node_filesystem_readonly{node="w1",mountpoint="/var",fstype="ext4",device="vda"}': 0, 'node_filesystem_readonly{node="w1",mountpoint="/",fstype="tmpfs",device="tmpfs"}': 1 }),
  on('NodeMemoryLow', 'notify', of('node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes', 0.048), of('node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes', 0.052)),
  on('NodeOverloaded', 'notify', { 'node_load5{node="w1"}': 6.3, 'node_cpu_seconds_total{node="w1",cpu="0",mode="idle"}': '0+60', 'node_cpu_seconds_total{node="w1",cpu="1",mode="idle"}': '0+60' }, { 'node_load5{node="w1"}': 5.9, 'node_cpu_seconds_total{node="w1",cpu="0",mode="idle"}': '0+60', 'node_cpu_seconds_total{node="w1",cpu="1",mode="idle"}': '0+60', 'node_cpu_seconds_total{node="w1",cpu="1",mode="user"}': '0+60' }),
  on('NodeConntrackFull', 'notify', of('node_nf_conntrack_entries', 'node_nf_conntrack_entries_limit', 0.78), of('node_nf_conntrack_entries', 'node_nf_conntrack_entries_limit', 0.73)),
  on('NodeConntrackFull', 'page', of('node_nf_conntrack_entries', 'node_nf_conntrack_entries_limit', 0.94), of('node_nf_conntrack_entries', 'node_nf_conntrack_entries_limit', 0.9)),
  on('NodeFileDescriptorsLow', 'notify', of('node_filefd_allocated', 'node_filefd_maximum', 0.83), of('node_filefd_allocated', 'node_filefd_maximum', 0.77)),
  on('NodeOutOfMemoryKills', 'ticket', { 'node_vmstat_oom_kill{node="w1"}': '0x5 3x60' }, { 'node_vmstat_oom_kill{node="w1"}': '0x5 1x60' }, 8),
  on('NodeNetworkCardErrors', 'notify', { 'node_network_receive_errs_total{node="w1",device="eth0"}': '0+40', 'node_network_transmit_errs_total{node="w1",device="eth0"}': '0+25' }, { 'node_network_receive_errs_total{node="w1",device="eth0"}': '0+35', 'node_network_transmit_errs_total{node="w1",device="eth0"}': '0+22' }, 9),
  on('KubeletDown', 'notify', { 'up{job="kubelet",node="w1",instance="10.0.0.1:10250"}': 0, 'up{job="kubelet",node="w2",instance="10.0.0.2:10250"}': 1 }, { 'up{job="kubelet",node="w1",instance="10.0.0.1:10250"}': 1, 'up{job="node-exporter",node="w1",instance="10.0.0.1:9100"}': 0 }),
  on('KubeletSlow', 'notify', slow('kubelet_pleg_relist_duration_seconds', 'node="w1"', 10, 10.5), slow('kubelet_pleg_relist_duration_seconds', 'node="w1"', 9, 9.9)),
  on('PodsStartSlowly', 'notify', slow('kubelet_pod_start_sli_duration_seconds', 'node="w1"', 60, 65), slow('kubelet_pod_start_sli_duration_seconds', 'node="w1"', 50, 59)),
  on('ContainerRuntimeErrors', 'notify', { 'kubelet_runtime_operations_errors_total{node="w1",operation_type="run_podsandbox"}': '0+11', 'kubelet_runtime_operations_total{node="w1",operation_type="run_podsandbox"}': '0+60', 'kubelet_runtime_operations_total{node="w1",operation_type="list"}': '0+40' }, { 'kubelet_runtime_operations_errors_total{node="w1",operation_type="run_podsandbox"}': '0+9', 'kubelet_runtime_operations_total{node="w1",operation_type="run_podsandbox"}': '0+60', 'kubelet_runtime_operations_total{node="w1",operation_type="list"}': '0+40' }),
  on('KubeletCertificateNotRenewed', 'notify', { 'kubelet_certificate_manager_client_expiration_renew_errors{node="w1"}': '0+0.2' }, { 'kubelet_certificate_manager_client_expiration_renew_errors{node="w1"}': '0x5 1x90' }, 14),
  on('NodePodsFull', 'ticket', { 'kubelet_running_pods{node="w1"}': 106, 'kube_node_status_allocatable{node="w1",resource="pods"}': 110 }, { 'kubelet_running_pods{node="w1"}': 104, 'kube_node_status_allocatable{node="w1",resource="pods"}': 110 }),
  on('ClusterCapacityLow', 'ticket', requests(8.4), requests(7.9)),
  on('PodsUnschedulable', 'notify', { 'kube_pod_status_unschedulable{namespace="n",pod="p"}': 1 }, { 'kube_pod_status_unschedulable{namespace="n",pod="p"}': 0, ...ready('w1', 1) }),
];
