/** Nodes at work, by name where they stand out: what boards show beside what alerts read (rules/nodes). From kube-state-metrics and node-exporter. */
import type { RuleGroup } from '../rules/model.ts';
import { highest, named, recorded } from './expressions.ts';

const board = 'boards: nodes, fleet';

export const nodeUseRecords: RuleGroup = {
  name: 'keelson-node-use',
  place: 'workload',
  rules: [
    recorded({ record: 'keelson:kubelet_version:count', expr: 'topk(5, count by (kubelet_version) (kube_node_info))', labels: ['kubelet_version'], maxSeries: 5, forPeople: board, help: 'Nodes by the version of their kubelet.' }),
    recorded({ record: 'keelson:node_cpu_used:ratio', expr: highest(['node'], '1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'), labels: ['node'], maxSeries: named, forPeople: board, help: `Part of the CPU time of a node that was not idle; the ${named} highest.` }),
    recorded({ record: 'keelson:node_memory_used:ratio', expr: highest(['node'], '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes'), labels: ['node'], maxSeries: named, forPeople: board, help: `Part of the memory of a node that is not available; the ${named} highest.` }),
    recorded({ record: 'keelson:node_disk_busy:ratio', expr: highest(['node'], 'max by (node) (rate(node_disk_io_time_seconds_total[5m]))'), labels: ['node'], maxSeries: named, forPeople: board, help: `Part of the time in which the busiest disk of a node works; the ${named} highest.` }),
    recorded({
      record: 'keelson:node_filesystem_used:ratio', labels: ['node', 'mountpoint'], maxSeries: named, forPeople: board,
      // Images and other read-only mounts are full by design.
      expr: highest(['node', 'mountpoint'], '(1 - node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|squashfs|nsfs"} / node_filesystem_size_bytes{fstype!~"tmpfs|ramfs|squashfs|nsfs"}) and node_filesystem_readonly == 0'),
      help: `Part of a file system that is used; the ${named} fullest.`,
    }),
  ],
};
