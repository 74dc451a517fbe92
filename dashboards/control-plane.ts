/** API server, etcd, controller manager and scheduler of the chosen clusters. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { clusterColumn, of, orNone } from './queries.ts';
import { errorRatio, fullness, noneIsGood, noneIsVital, plain } from './steps.ts';

const noEtcd = 'etcd is not scraped';
const perNode = '{{cluster_id}} {{node}}';

export const controlPlaneBoard = (): Dashboard =>
  board({
    uid: 'keelson-control-plane',
    title: 'Keelson / Control plane',
    description: 'API server, etcd, controller manager and scheduler.',
    tags: ['control-plane'],
    clustersOf: 'keelson:control_plane_up:count',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'API servers', description: 'That answer the Prometheus of their cluster.', unit: 'short', expr: `sum(${of('keelson:control_plane_up:count', 'component="apiserver",')})`, steps: [{ from: null, color: 'red' }, { from: 1, color: 'green' }], none: 'no report' }),
          stat({ title: 'Errors', description: 'Part of the requests that end with 5xx, in the worst cluster. Runbook: ApiServerErrorsBurnBudget.', unit: 'percentunit', expr: `max(${of('keelson:apiserver_errors:ratio', 'window="5m",')})`, steps: errorRatio, none: 'no report' }),
          stat({ title: 'Slowest of a hundred', description: 'In the worst cluster. Runbook: ApiServerSlow.', unit: 's', expr: `max(${of('keelson:apiserver_latency_seconds:p99')})`, steps: [{ from: null, color: 'green' }, { from: 1, color: 'orange' }, { from: 5, color: 'red' }], none: 'no report' }),
          stat({ title: 'APIs behind which nobody is', description: 'Aggregated APIs that do not answer: discovery and deletion of namespaces hang on them. Runbook: AggregatedApiDown.', unit: 'short', expr: orNone(`count(${of('keelson:aggregated_api_down:info')})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Longest without a leader', description: 'Seconds since controller manager, scheduler or cloud controller renewed its lease.', unit: 's', expr: `max(${of('keelson:leader_lease_age_seconds:max')})`, steps: [{ from: null, color: 'green' }, { from: 60, color: 'orange' }, { from: 300, color: 'red' }], none: 'no report' }),
          stat({ title: 'etcd without a leader', description: 'Members that know none. Runbook: EtcdNoLeader.', unit: 'short', expr: `sum(${of('keelson:etcd_leaderless:count')})`, steps: noneIsVital, none: noEtcd }),
        ],
      },
      {
        title: 'API server',
        panels: [
          lines({ title: 'Requests', description: 'A second.', unit: 'reqps', expr: of('keelson:apiserver_requests:rate5m'), legend: '{{cluster_id}}', none: 'no report' }),
          lines({ title: 'Errors by window', description: 'Part of the requests that end with 5xx; a long and a short window together decide on a page.', unit: 'percentunit', expr: of('keelson:apiserver_errors:ratio'), legend: '{{cluster_id}} {{window}}', none: 'no report', steps: errorRatio }),
          lines({ title: 'Time to answer', description: '99th percentile of reads and writes, webhooks apart.', unit: 's', expr: of('keelson:apiserver_latency_seconds:p99'), legend: '{{cluster_id}} {{kind}}', none: 'no report' }),
          lines({ title: 'At once', description: 'Requests in work in the busiest API server.', unit: 'short', expr: of('keelson:apiserver_inflight:max'), legend: '{{cluster_id}} {{request_kind}}', none: 'no report' }),
          lines({ title: 'Turned away', description: 'Requests a second, by priority level. Runbook: ApiServerRejectsRequests.', unit: 'reqps', expr: of('keelson:apiserver_rejected:rate'), legend: '{{cluster_id}} {{priority_level}}', none: 'none' }),
          lines({ title: 'Memory', description: 'Of the largest API server.', unit: 'bytes', expr: of('keelson:apiserver_memory_bytes:max'), legend: '{{cluster_id}}', none: 'no report' }),
          lines({ title: 'Objects', description: 'Of the resources with most.', unit: 'short', expr: of('keelson:apiserver_objects:max'), legend: '{{cluster_id}} {{resource}}', none: 'no report' }),
          lines({ title: 'Webhooks', description: '99th percentile of the time that each takes. Runbook: WebhookSlow.', unit: 's', expr: of('keelson:apiserver_webhook_seconds:p99'), legend: '{{cluster_id}} {{webhook}}', none: 'no webhook is called' }),
          table({ title: 'Webhooks that fail', description: 'Calls a second that did not come back, and what became of the request. Runbooks: WebhookFails, WebhookBypassed.', unit: 'reqps', expr: of('keelson:apiserver_webhook_failures:rate'), columns: { ...clusterColumn, webhook: 'Webhook', effect: 'The request was' }, value: 'Failures', steps: noneIsGood, none: 'none', width: 12 }),
          table({ title: 'Aggregated APIs that do not answer', description: 'Runbook: AggregatedApiDown.', unit: 'short', expr: of('keelson:aggregated_api_down:info'), columns: { ...clusterColumn, name: 'API' }, value: 'Down', steps: noneIsGood, none: 'all answer', width: 12 }),
          table({ title: 'Versions', description: 'API servers by version: more than one is an upgrade on its way.', unit: 'short', expr: of('keelson:kubernetes_version:count'), columns: { ...clusterColumn, git_version: 'Version' }, value: 'API servers', steps: plain, none: 'no report', width: 12 }),
          table({ title: 'Parts that answer', description: 'API servers, controller managers and schedulers that answer the Prometheus of their cluster.', unit: 'short', expr: of('keelson:control_plane_up:count'), columns: { ...clusterColumn, component: 'Component' }, value: 'Answer', steps: plain, none: 'no report', width: 12 }),
        ],
      },
      {
        title: 'Controllers',
        panels: [
          lines({ title: 'Since the lease was renewed', description: 'A line that rises is a component that does not work.', unit: 's', expr: of('keelson:leader_lease_age_seconds:max'), legend: '{{cluster_id}} {{lease}}', none: 'no report' }),
          lines({ title: 'Keys that wait', description: 'For controllers of the controller manager, all of ten minutes. Runbook: ControllersBehind.', unit: 'short', expr: of('keelson:controller_queue:max'), legend: '{{cluster_id}} {{name}}', none: 'none, or not scraped' }),
          lines({ title: 'Requests of components that fail', description: 'Part of what each asks of the API server. Runbook: KubeClientErrors.', unit: 'percentunit', expr: of('keelson:kube_client_errors:ratio'), legend: '{{cluster_id}} {{component}}', none: 'none' }),
        ],
      },
      {
        title: 'etcd, as the API servers see it',
        panels: [
          lines({ title: 'Database', description: 'Size of the largest, free pages included.', unit: 'bytes', expr: of('keelson:etcd_database_bytes:max'), legend: '{{cluster_id}}', none: 'no report' }),
          lines({ title: 'Requests to etcd', description: 'A second.', unit: 'reqps', expr: of('keelson:etcd_requests:rate5m'), legend: '{{cluster_id}}', none: 'no report' }),
          lines({ title: 'Requests to etcd that fail', description: 'Part of them.', unit: 'percentunit', expr: of('keelson:etcd_request_errors:ratio5m'), legend: '{{cluster_id}}', none: 'no report', steps: errorRatio }),
          lines({ title: 'Time of a request to etcd', description: 'Mean. A slow disk shows here first.', unit: 's', expr: of('keelson:etcd_request_seconds:mean5m'), legend: '{{cluster_id}}', none: 'no report' }),
        ],
      },
      {
        title: 'etcd, as it sees itself',
        panels: [
          lines({ title: 'Members', description: 'Those that there should be, and those that answer. Runbook: EtcdMemberDown.', unit: 'short', expr: of('keelson:etcd_members:count'), legend: '{{cluster_id}} {{state}}', none: noEtcd }),
          lines({ title: 'Changes of the leader', description: 'In a quarter of an hour: a slow disk or network.', unit: 'short', expr: of('keelson:etcd_leader_changes:increase'), legend: '{{cluster_id}}', none: noEtcd }),
          lines({ title: 'Disk: keep a write', description: '99th percentile of fsync. Above 10 ms members lose their leader under load.', unit: 's', expr: of('keelson:etcd_fsync_seconds:p99'), legend: perNode, none: noEtcd }),
          lines({ title: 'Disk: commit', description: '99th percentile of commits of the database.', unit: 's', expr: of('keelson:etcd_commit_seconds:p99'), legend: perNode, none: noEtcd }),
          lines({ title: 'Between members', description: '99th percentile of the round trips.', unit: 's', expr: of('keelson:etcd_peer_seconds:p99'), legend: perNode, none: 'one member, or not scraped' }),
          lines({ title: 'Writes that were refused', description: 'In a quarter of an hour.', unit: 'short', expr: of('keelson:etcd_proposals_failed:increase'), legend: '{{cluster_id}}', none: noEtcd }),
          lines({ title: 'Quota', description: 'Size of the database in parts of its quota. Runbook: EtcdDatabaseNearQuota.', unit: 'percentunit', expr: of('keelson:etcd_database:ratio'), legend: perNode, none: noEtcd, steps: fullness }),
        ],
      },
    ],
  });
