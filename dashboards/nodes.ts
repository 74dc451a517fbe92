/** Nodes of the chosen clusters: how many are well, and by name the ten that stand out in each respect. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { clusterColumn, of, orNone } from './queries.ts';
import { fullness, noneIsGood, noneIsVital, plain } from './steps.ts';

const node = { ...clusterColumn, node: 'Node' };
const mount = { ...node, mountpoint: 'Mount point' };
const perNode = '{{cluster_id}} {{node}}';
const none = 'no node-exporter reports';
const low = [{ from: null, color: 'red' }, { from: 0.1, color: 'orange' }, { from: 0.2, color: 'green' }] as const;

export const nodesBoard = (): Dashboard =>
  board({
    uid: 'keelson-nodes',
    title: 'Keelson / Nodes',
    description: 'Nodes that are not well, and those that are used most.',
    tags: ['nodes'],
    clustersOf: 'keelson:nodes:count',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'Nodes', description: 'All of them.', unit: 'short', expr: `sum(${of('keelson:nodes:count')})`, steps: plain, none: 'no report' }),
          stat({ title: 'Not Ready', description: 'The table names them. Runbook: NodeNotReady.', unit: 'short', expr: orNone(`sum(${of('keelson:nodes:count', 'ready="0",')})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Cordoned', description: 'Take no new pods because somebody said so; at most ten are counted of a cluster.', unit: 'short', expr: orNone(`count(${of('keelson:node_unschedulable:info')})`), steps: noneIsGood, none: '0' }),
          stat({ title: 'Kubelet silent', description: 'Nodes whose kubelet does not answer its scrape; at most ten of a cluster. Runbook: KubeletDown.', unit: 'short', expr: orNone(`count(${of('keelson:kubelet_down:info')})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Fullest file system', description: 'Of all nodes.', unit: 'percentunit', expr: `max(${of('keelson:node_filesystem_used:ratio')})`, steps: fullness, none }),
          stat({ title: 'Busiest node', description: 'Part of its CPU time that was not idle.', unit: 'percentunit', expr: `max(${of('keelson:node_cpu_used:ratio')})`, steps: fullness, none }),
        ],
      },
      {
        title: 'Which',
        panels: [
          table({ title: 'Nodes that are not Ready', description: 'At most ten of a cluster. Runbook: NodeNotReady.', unit: 'short', expr: of('keelson:node_not_ready:info'), columns: { ...node, zone: 'Zone' }, value: 'Not Ready', steps: noneIsVital, none: 'all are', width: 12 }),
          table({ title: 'Nodes under pressure', description: 'Of memory, disk or process ids: their pods are evicted. Runbook: NodePressure.', unit: 'short', expr: of('keelson:node_pressure:info'), columns: { ...node, condition: 'Condition' }, value: 'Holds', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'Kubelets that are silent', description: 'Runbook: KubeletDown.', unit: 'short', expr: of('keelson:kubelet_down:info'), columns: node, value: 'Silent', steps: noneIsVital, none: 'all answer', width: 12 }),
          table({ title: 'Nodes that come and go', description: 'Changes of readiness in half an hour. Runbook: NodeReadinessFlaps.', unit: 'short', expr: of('keelson:node_readiness_changes:count'), columns: node, value: 'Changes', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'File systems', description: 'The ten fullest of a cluster.', unit: 'percentunit', expr: of('keelson:node_filesystem_used:ratio'), columns: mount, value: 'Used', steps: fullness, none, width: 12 }),
          table({ title: 'Room that is left', description: 'Of the file systems with least. Runbook: NodeDiskFull.', unit: 'percentunit', expr: of('keelson:node_filesystem_free:ratio'), columns: mount, value: 'Left', steps: low, none: 'all have enough', width: 12 }),
          table({ title: 'Memory that is left', description: 'Of the nodes with least. Runbook: NodeMemoryLow.', unit: 'percentunit', expr: of('keelson:node_memory_available:ratio'), columns: node, value: 'Left', steps: low, none: 'all have enough', width: 12 }),
          table({ title: 'Inodes that are left', description: 'Of the file systems with fewest.', unit: 'percentunit', expr: of('keelson:node_filesystem_inodes_free:ratio'), columns: mount, value: 'Left', steps: low, none: 'all have enough', width: 12 }),
          table({ title: 'File systems that became read-only', description: 'The kernel does so after errors of the disk.', unit: 'short', expr: of('keelson:node_filesystem_readonly:info'), columns: mount, value: 'Read-only', steps: noneIsVital, none: 'none', width: 12 }),
          table({ title: 'Cordoned nodes', description: 'Runbook: NodeCordonedTooLong.', unit: 'short', expr: of('keelson:node_unschedulable:info'), columns: node, value: 'Cordoned', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'Versions of kubelets', description: 'More than one is an upgrade on its way.', unit: 'short', expr: of('keelson:kubelet_version:count'), columns: { ...clusterColumn, kubelet_version: 'Version' }, value: 'Nodes', steps: plain, none: 'no report', width: 12 }),
        ],
      },
      {
        title: 'Used most',
        panels: [
          lines({ title: 'CPU', description: 'Part of the time that was not idle.', unit: 'percentunit', expr: of('keelson:node_cpu_used:ratio'), legend: perNode, none, steps: fullness }),
          lines({ title: 'Load per core', description: 'Of five minutes.', unit: 'short', expr: of('keelson:node_load:ratio'), legend: perNode, none: 'none is high' }),
          lines({ title: 'Memory', description: 'Part that is not available.', unit: 'percentunit', expr: of('keelson:node_memory_used:ratio'), legend: perNode, none, steps: fullness }),
          lines({ title: 'Disks', description: 'Part of the time in which the busiest disk works.', unit: 'percentunit', expr: of('keelson:node_disk_busy:ratio'), legend: perNode, none }),
          lines({ title: 'Connections that are tracked', description: 'Part of the table; new connections are dropped when it is full.', unit: 'percentunit', expr: of('keelson:node_conntrack:ratio'), legend: perNode, none: 'none is near its end', steps: fullness }),
          lines({ title: 'Errors of network cards', description: 'A second.', unit: 'ops', expr: of('keelson:node_network_errors:rate'), legend: '{{cluster_id}} {{node}} {{device}}', none: 'none' }),
          lines({ title: 'File handles', description: 'Part of those that the kernel gives.', unit: 'percentunit', expr: of('keelson:node_file_descriptors:ratio'), legend: perNode, none: 'none is near its end', steps: fullness }),
          lines({ title: 'Killed for memory', description: 'Processes that the kernel killed.', unit: 'short', expr: of('keelson:node_oom_kills:increase'), legend: perNode, none: 'none' }),
        ],
      },
      {
        title: 'Kubelets',
        panels: [
          lines({ title: 'Pods', description: 'Of those that a node takes, from half on. Runbook: NodePodsFull.', unit: 'percentunit', expr: of('keelson:kubelet_pods:ratio'), legend: perNode, none: 'none is half full', steps: fullness }),
          lines({ title: 'Look at all containers', description: '99th percentile, from a second on. Runbook: KubeletSlow.', unit: 's', expr: of('keelson:kubelet_relist_seconds:p99'), legend: perNode, none: 'none is slow' }),
          lines({ title: 'Start of pods', description: '99th percentile without pulls, from five seconds on. Runbook: PodsStartSlowly.', unit: 's', expr: of('keelson:kubelet_pod_start_seconds:p99'), legend: perNode, none: 'none is slow' }),
          lines({ title: 'Errors of the runtime', description: 'Part of the calls. Runbook: ContainerRuntimeErrors.', unit: 'percentunit', expr: of('keelson:kubelet_runtime_errors:ratio'), legend: perNode, none: 'none' }),
        ],
      },
    ],
  });
