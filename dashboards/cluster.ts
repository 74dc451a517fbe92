/** One cluster: what a page links to. Components, pods, storage, policies, names; the parts with a board of their own are one figure here. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { days } from '../monitoring/rules/certificates/expiry.ts';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { clusterColumn, of, orNone } from './queries.ts';
import { allIsGood, errorRatio, fullness, noneIsGood, noneIsVital } from './steps.ts';

const day = 86_400;
const inNamespace = { ...clusterColumn, namespace: 'Namespace' };
const noDns = 'CoreDNS is not scraped';

export const clusterBoard = (): Dashboard =>
  board({
    uid: 'keelson-cluster',
    title: 'Keelson / Cluster',
    description: 'One cluster: its components, pods, storage, policies and names.',
    tags: ['cluster'],
    clustersOf: 'keelson:nodes:count',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'Nodes not Ready', description: 'Board: nodes. Runbook: NodeNotReady.', unit: 'short', expr: orNone(`sum(${of('keelson:nodes:count', 'ready="0",')})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'API servers', description: 'API servers that answer the Prometheus of the cluster. Board: control plane.', unit: 'short', expr: `sum(${of('keelson:control_plane_up:count', 'component="apiserver",')})`, steps: [{ from: null, color: 'red' }, { from: 1, color: 'green' }], none: 'no report' }),
          stat({ title: 'Components that lack pods', description: 'Workloads of the platform that are not fully there. The table names them. Runbook: ComponentDegraded.', unit: 'short', expr: orNone(`count(${of('keelson:component_available:ratio')})`), steps: noneIsGood, none: '0' }),
          stat({ title: 'Containers that do not start', description: 'CrashLoopBackOff, ImagePullBackOff and the like, in all namespaces.', unit: 'short', expr: `(${orNone(`sum(${of('keelson:component_containers_waiting:info')})`)}) + (${orNone(`sum(${of('keelson:tenant_containers_waiting:count')})`)})`, steps: noneIsGood, none: '0' }),
          stat({ title: 'First certificate expires in', description: 'Board: certificates.', unit: 'dtdurations', expr: `min(${of('keelson:cert_not_after_timestamp:min')}) - time()`, steps: [{ from: null, color: 'red' }, { from: days.page * day, color: 'orange' }, { from: days.notify * day, color: 'green' }], none: 'none is watched' }),
          stat({ title: 'Nodes that nobody reaches', description: 'Board: network.', unit: 'short', expr: orNone(`count(${of('keelson:net_node_blame:ratio', 'fault="unreachable",')} > 0.5)`), steps: noneIsVital, none: '0' }),
        ],
      },
      {
        title: 'Components and workloads',
        panels: [
          table({ title: 'Components that lack pods, by name', description: 'Part of the pods of each workload of the platform that is available, where it is not all. Runbook: ComponentDegraded.', unit: 'percentunit', expr: of('keelson:component_available:ratio'), columns: { ...inNamespace, workload: 'Workload' }, value: 'Available', steps: allIsGood, none: 'all have theirs', width: 12 }),
          table({ title: 'Workloads of tenants that lack pods', description: 'The ten lowest of each kind.', unit: 'percentunit', expr: of('keelson:workload_available:ratio'), columns: { ...inNamespace, workload: 'Workload', kind: 'Kind' }, value: 'Available', steps: allIsGood, none: 'all have theirs', width: 12 }),
          table({ title: 'Pods of the platform that cannot run', description: 'And why. Runbook: ComponentPodCannotRun.', unit: 'short', expr: of('keelson:component_containers_waiting:info'), columns: { ...inNamespace, pod: 'Pod', reason: 'Reason' }, value: 'Waits', steps: noneIsGood, none: 'all run', width: 12 }),
          table({ title: 'Containers of tenants that cannot run', description: 'By namespace and reason. Runbook: ContainersCannotRun.', unit: 'short', expr: of('keelson:tenant_containers_waiting:count'), columns: { ...inNamespace, reason: 'Reason' }, value: 'Containers', steps: noneIsGood, none: 'all run', width: 12 }),
          table({ title: 'Containers that restart', description: 'More than twice in the last hour.', unit: 'short', expr: of('keelson:container_restarts:increase1h'), columns: { ...inNamespace, pod: 'Pod', container: 'Container' }, value: 'Restarts', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'Jobs of the platform that failed', description: 'Runbook: ComponentJobFailed.', unit: 'short', expr: of('keelson:component_jobs_failed:info'), columns: { ...inNamespace, job_name: 'Job' }, value: 'Pods', steps: noneIsGood, none: 'none', width: 12 }),
          lines({ title: 'Pods by phase', description: 'Pending that stays is a lack of room, of an image or of a volume.', unit: 'short', expr: of('keelson:pods:count'), legend: '{{cluster_id}} {{phase}}', none: 'no report' }),
          lines({ title: 'Pods that are not ready', description: 'Running and not ready, by namespace.', unit: 'short', expr: of('keelson:pods_not_ready:count'), legend: '{{cluster_id}} {{namespace}}', none: 'all are' }),
          lines({ title: 'Pods that wait', description: 'In phase Pending, by namespace.', unit: 'short', expr: of('keelson:pods_pending:count'), legend: '{{cluster_id}} {{namespace}}', none: 'none' }),
          lines({ title: 'Pods that no node takes', description: 'Runbook: PodsUnschedulable.', unit: 'short', expr: of('keelson:pods_unschedulable:count'), legend: '{{cluster_id}}', none: 'no report' }),
        ],
      },
      {
        title: 'Room and storage',
        panels: [
          lines({ title: 'Asked for', description: 'Part of what the nodes offer that pods ask for.', unit: 'percentunit', expr: `${of('keelson:requested:sum')} / on (cluster_id, resource) ${of('keelson:allocatable:sum')}`, legend: '{{cluster_id}} {{resource}}', none: 'no report', steps: fullness }),
          lines({ title: 'Asked for, without the largest node', description: 'The same if the largest node were lost: above one its pods find no place. Runbook: ClusterCapacityLow.', unit: 'percentunit', expr: of('keelson:capacity_requested:ratio'), legend: '{{cluster_id}} {{resource}}', none: 'no report', steps: fullness }),
          lines({ title: 'In use', description: 'Part of what the nodes offer that is used.', unit: 'percentunit', expr: `${of('keelson:used:sum')} / on (cluster_id, resource) ${of('keelson:allocatable:sum')}`, legend: '{{cluster_id}} {{resource}}', none: 'no report', steps: fullness }),
          lines({ title: 'Limits', description: 'What pods may take at most, as part of what the nodes offer; above one they can exhaust them.', unit: 'percentunit', expr: `${of('keelson:limited:sum')} / on (cluster_id, resource) ${of('keelson:allocatable:sum')}`, legend: '{{cluster_id}} {{resource}}', none: 'no pod has limits' }),
          table({ title: 'Volumes that fill', description: 'Part that is free, below a fifth. Runbooks: PlatformVolumeFull, VolumeFull.', unit: 'percentunit', expr: of('keelson:volume_free:ratio'), columns: { ...inNamespace, persistentvolumeclaim: 'Claim', whose: 'Whose' }, value: 'Free', steps: [{ from: null, color: 'red' }, { from: 0.05, color: 'orange' }], none: 'all have room', width: 12 }),
          table({ title: 'Claims without a volume', description: 'Runbook: VolumeClaimWaits.', unit: 'short', expr: of('keelson:volume_claims_pending:info'), columns: { ...inNamespace, persistentvolumeclaim: 'Claim', phase: 'Phase' }, value: 'Waits', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'Quotas near their end', description: 'Part that is used, from 0.8 on. Runbook: NamespaceQuotaFull.', unit: 'percentunit', expr: of('keelson:namespace_quota_used:ratio'), columns: { ...inNamespace, resource: 'Resource' }, value: 'Used', steps: fullness, none: 'none', width: 12 }),
          table({ title: 'Disruption budgets that let nothing go', description: 'A drain, and so an upgrade, waits for these.', unit: 'short', expr: of('keelson:disruption_blocked:info'), columns: { ...inNamespace, poddisruptionbudget: 'Budget' }, value: 'Blocks', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'Autoscalers at their end', description: 'They want as many pods as they may, or more.', unit: 'short', expr: of('keelson:autoscaler_at_most:info'), columns: { ...inNamespace, horizontalpodautoscaler: 'Autoscaler' }, value: 'At most', steps: noneIsGood, none: 'none', width: 12 }),
        ],
      },
      {
        title: 'Network and cloud',
        panels: [
          lines({ title: 'Tables of Cilium', description: 'Part in use on the fullest node, from half on: when one is full, connections are refused. Runbook: CiliumMapFull.', unit: 'percentunit', expr: of('keelson:cilium_map_pressure:ratio'), legend: '{{cluster_id}} {{map_name}}', none: 'none is half full, or Cilium is not scraped', steps: fullness }),
          lines({ title: 'Calls to OpenStack that fail', description: 'Part of them, by who calls. Runbook: CloudCallsFail.', unit: 'percentunit', expr: of('keelson:openstack_errors:ratio'), legend: '{{cluster_id}} {{component}}', none: 'not scraped', steps: errorRatio }),
          lines({ title: 'Calls to the volume driver that fail', description: 'Part of them, by call. Runbook: VolumeCallsFail.', unit: 'percentunit', expr: of('keelson:csi_errors:ratio'), legend: '{{cluster_id}} {{method}}', none: 'not scraped', steps: errorRatio }),
        ],
      },
      {
        title: 'Policies and names',
        panels: [
          lines({ title: 'What policies refuse', description: 'Requests a second, by policy. Runbook: PolicyDenials.', unit: 'reqps', expr: of('keelson:policy_denials:rate'), legend: '{{cluster_id}} {{policy}}', none: 'nothing' }),
          lines({ title: 'What policies cannot judge', description: 'Requests a second: refused or let through, as failurePolicy says. Runbook: PolicyCannotJudge.', unit: 'reqps', expr: of('keelson:policy_errors:rate'), legend: '{{cluster_id}} {{policy}}', none: 'nothing' }),
          lines({ title: 'Queries to CoreDNS', description: 'A second.', unit: 'reqps', expr: of('keelson:coredns_requests:rate5m'), legend: '{{cluster_id}}', none: noDns }),
          lines({ title: 'SERVFAIL of CoreDNS', description: 'Part of the queries.', unit: 'percentunit', expr: of('keelson:coredns_servfail:ratio5m'), legend: '{{cluster_id}}', none: noDns }),
          lines({ title: 'CoreDNS, slowest of a hundred', description: '99th percentile of the time for a query.', unit: 's', expr: of('keelson:coredns_request_seconds:p99'), legend: '{{cluster_id}}', none: noDns }),
          lines({ title: 'Cache of CoreDNS', description: 'Part of the queries that it answers.', unit: 'percentunit', expr: of('keelson:coredns_cache_hits:ratio5m'), legend: '{{cluster_id}}', none: noDns }),
          lines({ title: 'Outer DNS servers', description: 'Queries a second that found none of them healthy. Runbook: DnsForwardersBroken.', unit: 'reqps', expr: of('keelson:coredns_forward_errors:rate'), legend: '{{cluster_id}}', none: noDns }),
        ],
      },
    ],
  });
