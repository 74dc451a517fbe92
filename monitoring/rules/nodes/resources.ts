/** What node-exporter measures: disks, memory, tables of the kernel. */
import { alertsIn, clusterText as cluster, record, type Rule } from '../model.ts';
import { least, named, worst } from '../parts.ts';

const alert = alertsIn('nodes');
const node = '{{ $labels.node }}';
const disk = 'fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs"';

/** Part of a file system that is left. The kubelet evicts pods below 0.1 of nodefs (its default of evictionHard), which frees some of it again. */
const left = { notify: 0.12, page: 0.04 } as const;
const inodesLeft = 0.05;
/** Part of the memory that could still be given away (MemAvailable): below it the kernel begins to look for room. */
const memoryLeft = 0.05;
/** Part of the connections that the kernel can track; beyond the table new ones are dropped without a word. */
const tracked = { notify: 0.75, page: 0.92 } as const;

export const resourceRecords: readonly Rule[] = [
  record({
    record: 'keelson:node_filesystem_free:ratio', labels: ['node', 'mountpoint'], maxSeries: named,
    expr: least(`min by (node, mountpoint) (node_filesystem_avail_bytes{${disk}} / node_filesystem_size_bytes{${disk}})`),
    help: `Part of each file system of the nodes that is free; the ${named} fullest.`,
  }),
  record({
    record: 'keelson:node_filesystem_inodes_free:ratio', labels: ['node', 'mountpoint'], maxSeries: named,
    expr: least(`min by (node, mountpoint) (node_filesystem_files_free{${disk}} / node_filesystem_files{${disk}} < 0.2)`),
    help: `Part of the inodes of each file system that is free, below a fifth; the ${named} fullest.`,
  }),
  record({
    record: 'keelson:node_filesystem_readonly:info', labels: ['node', 'mountpoint'], maxSeries: named,
    expr: worst(`max by (node, mountpoint) (node_filesystem_readonly{${disk},mountpoint=~"/|/var|/var/lib/(kubelet|containerd|etcd)"}) == 1`),
    help: `1 for each file system of a node that should be writable and is not; at most ${named}.`,
  }),
  record({
    record: 'keelson:node_memory_available:ratio', labels: ['node'], maxSeries: named,
    expr: least('min by (node) (node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)'),
    help: `Part of the memory of each node that could still be given away; the ${named} least.`,
  }),
  record({
    record: 'keelson:node_load:ratio', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (node_load5 / on (node) group_left () count by (node) (node_cpu_seconds_total{mode="idle"}))'),
    help: `Processes that want to run, over five minutes, per core; the ${named} highest.`,
  }),
  record({
    record: 'keelson:node_conntrack:ratio', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (node_nf_conntrack_entries / node_nf_conntrack_entries_limit) > 0.5'),
    help: `Part of the connection table of each node that is in use, from half on; the ${named} fullest.`,
  }),
  record({
    record: 'keelson:node_file_descriptors:ratio', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (node_filefd_allocated / node_filefd_maximum) > 0.5'),
    help: `Part of the file handles of each node that is in use, from half on; the ${named} most.`,
  }),
  record({
    record: 'keelson:node_oom_kills:increase', labels: ['node'], maxSeries: named,
    expr: worst('max by (node) (increase(node_vmstat_oom_kill[15m])) > 0'),
    help: `Processes that the kernel killed for memory in a quarter of an hour; the ${named} most.`,
  }),
  record({
    record: 'keelson:node_network_errors:rate', labels: ['node', 'device'], maxSeries: named,
    expr: worst('max by (node, device) (rate(node_network_receive_errs_total[5m]) + rate(node_network_transmit_errs_total[5m])) > 0.1'),
    help: `Packets per second that a network card lost to errors; the ${named} most.`,
  }),
];

const filling = (severity: 'notify' | 'page', holds: string) => alert({
  alert: 'NodeDiskFull', for: holds, severity, hiddenBy: ['node', 'blindness'], expr: `keelson:node_filesystem_free:ratio < ${left[severity]}`,
  summary: `${cluster}: {{ humanizePercentage $value }} of {{ $labels.mountpoint }} on ${node} are free`,
  description: `File system {{ $labels.mountpoint }} of node ${node} of cluster ${cluster} has {{ humanizePercentage $value }} left. When it is full the kubelet evicts pods, images are not pulled, and on a control plane etcd stops writing.`,
  impact: 'pods of that node; the whole cluster when it is a control plane node',
});
const tracking = (severity: 'notify' | 'page', holds: string) => alert({
  alert: 'NodeConntrackFull', for: holds, severity, hiddenBy: ['node', 'blindness'], expr: `keelson:node_conntrack:ratio > ${tracked[severity]}`,
  summary: `${cluster}: the connection table of ${node} is {{ humanizePercentage $value }} full`,
  description: `The kernel of node ${node} of cluster ${cluster} tracks {{ humanizePercentage $value }} of the connections it can. Beyond that new connections are dropped, at random, of everybody on the node.`,
  impact: 'every pod of the node that opens connections',
});

export const resourceAlerts: readonly Rule[] = [
  filling('notify', '30m'), filling('page', '10m'),
  alert({
    alert: 'NodeInodesFull', for: '15m', severity: 'notify', hiddenBy: ['node', 'blindness'], expr: `keelson:node_filesystem_inodes_free:ratio < ${inodesLeft}`,
    summary: `${cluster}: {{ humanizePercentage $value }} of the inodes of {{ $labels.mountpoint }} on ${node} are free`,
    description: `File system {{ $labels.mountpoint }} of node ${node} of cluster ${cluster} has room but hardly any inodes: no new file can be made there soon, and no container started.`,
  }),
  alert({
    alert: 'NodeDiskReadOnly', for: '2m', detectWithin: '6m', severity: 'page', hiddenBy: ['node', 'blindness'], expr: 'keelson:node_filesystem_readonly:info == 1',
    summary: `${cluster}: {{ $labels.mountpoint }} on ${node} is read-only`,
    description: `The kernel of node ${node} of cluster ${cluster} has made {{ $labels.mountpoint }} read-only, which it does after errors of the disk. Nothing there can be written; the node still looks Ready.`,
    impact: 'pods of that node; etcd loses a member when it is a control plane node',
  }),
  alert({
    alert: 'NodeMemoryLow', for: '15m', severity: 'notify', hiddenBy: ['node', 'blindness'], expr: `keelson:node_memory_available:ratio < ${memoryLeft}`,
    summary: `${cluster}: {{ humanizePercentage $value }} of the memory of ${node} are left`,
    description: `Node ${node} of cluster ${cluster} has {{ humanizePercentage $value }} of its memory left. The kubelet evicts what exceeds its requests; before that everything there is slow.`,
  }),
  alert({
    alert: 'NodeOverloaded', for: '30m', severity: 'notify', hiddenBy: ['node', 'blindness', 'lifecycle'], expr: 'keelson:node_load:ratio > 3',
    summary: `${cluster}: ${node} has {{ humanize $value }} runnable processes per core`,
    description: `On node ${node} of cluster ${cluster} {{ humanize $value }} processes per core have wanted to run for half an hour. Probes time out and pods are restarted that are well.`,
  }),
  tracking('notify', '15m'), tracking('page', '3m'),
  alert({
    alert: 'NodeFileDescriptorsLow', for: '15m', severity: 'notify', hiddenBy: ['node', 'blindness'], expr: 'keelson:node_file_descriptors:ratio > 0.8',
    summary: `${cluster}: {{ humanizePercentage $value }} of the file handles of ${node} are in use`,
    description: `On node ${node} of cluster ${cluster} {{ humanizePercentage $value }} of all file handles are open. At the end nothing can open a file or a connection, the kubelet neither.`,
  }),
  alert({
    alert: 'NodeOutOfMemoryKills', for: '0s', severity: 'ticket', hiddenBy: ['node', 'blindness'], expr: 'keelson:node_oom_kills:increase > 2',
    summary: `${cluster}: the kernel of ${node} killed {{ humanize $value }} processes for memory in a quarter of an hour`,
    description: `On node ${node} of cluster ${cluster} the kernel killed {{ humanize $value }} processes in a quarter of an hour: containers reach their limits, or the node's requests promise more than it has.`,
  }),
  alert({
    alert: 'NodeNetworkCardErrors', for: '15m', severity: 'notify', hiddenBy: ['node', 'blindness'], expr: 'keelson:node_network_errors:rate > 1',
    summary: `${cluster}: {{ $labels.device }} of ${node} loses {{ humanize $value }} packets a second to errors`,
    description: `The network card {{ $labels.device }} of node ${node} of cluster ${cluster} has had {{ humanize $value }} errors a second for a quarter of an hour: the virtual card, or the hypervisor under it.`,
  }),
];
