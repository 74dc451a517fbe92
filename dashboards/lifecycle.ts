/** Clusters on their way: Cluster API, OpenStack, Apps, and Keelson's own operator and extension. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { quotaUsed } from '../monitoring/rules/fleet/cloud.ts';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { clusterColumn, of, orNone } from './queries.ts';
import { errorRatio, fullness, noneIsGood, noneIsVital, plain } from './steps.ts';

const age = (more: string): string => `time() - max by (cluster_id, phase) (${of('keelson_cluster_phase_since_timestamp_seconds', more)})`;
const machines = (state: string): string => `sum by (cluster_id, role) (max by (cluster_id, role, state) (${of('keelson_cluster_machines', `state="${state}",`)}))`;
const apps = `${of('keelson_app_ready')} == 0`;

export const lifecycleBoard = (): Dashboard =>
  board({
    uid: 'keelson-lifecycle',
    title: 'Keelson / Life cycle',
    description: 'Clusters that are made, changed and deleted: Cluster API, OpenStack, Apps, and what drives them.',
    tags: ['lifecycle'],
    clustersOf: 'keelson_cluster_info',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'Being changed', description: 'Clusters that are created, upgraded or deleted.', unit: 'short', expr: orNone(`count(max by (cluster_id) (${of('keelson_cluster_info', 'phase=~"creating|upgrading|deleting",')}))`), steps: plain, none: '0' }),
          stat({ title: 'Longest on its way', description: 'Since when the one that takes longest is created, upgraded or deleted. After 45 minutes it pages.', unit: 'dtdurations', expr: orNone(`max(${age('phase=~"creating|upgrading|deleting",')})`), steps: [{ from: null, color: 'green' }, { from: 1800, color: 'orange' }, { from: 2700, color: 'red' }], none: '0' }),
          stat({ title: 'Machines that lack', description: 'Machines that there should be and that are not Ready.', unit: 'short', expr: `sum(${machines('desired')}) - sum(${machines('ready')})`, steps: noneIsGood, none: 'no report' }),
          stat({ title: 'Apps not Ready', description: 'Components of clusters. The table names them. Runbook: AppNotReady.', unit: 'short', expr: orNone(`count(max by (cluster_id, component) (${apps}))`), steps: noneIsGood, none: '0' }),
          stat({ title: 'Leaders', description: 'Replicas of the operator that lead: one.', unit: 'short', expr: 'sum(leader_election_master_status)', steps: [{ from: null, color: 'red' }, { from: 1, color: 'green' }, { from: 2, color: 'red' }], none: 'the operator is not scraped' }),
          stat({ title: 'Clusters that stand still', description: 'Classes for which the topology extension does not answer, because it would answer otherwise. Runbook: ClusterClassOutputChanged.', unit: 'short', expr: orNone('sum(max by (class) (keelson_topology_class_mismatch))'), steps: noneIsVital, none: '0' }),
        ],
      },
      {
        title: 'Which',
        panels: [
          table({ title: 'Phases', description: 'For how long each cluster has been in its phase.', unit: 'dtdurations', expr: age(''), columns: { ...clusterColumn, phase: 'Phase' }, value: 'For', steps: plain, none: 'the operator says nothing', width: 12 }),
          table({ title: 'Conditions', description: 'What Cluster API and Keelson say of each cluster.', unit: 'short', expr: `max by (cluster_id, type, status, reason) (${of('keelson_cluster_condition', 'status!="True",')})`, columns: { ...clusterColumn, type: 'Condition', status: 'Is', reason: 'Reason' }, value: 'Holds', steps: plain, none: 'no report', width: 12 }),
          table({ title: 'Machines', description: 'By role and state.', unit: 'short', expr: `max by (cluster_id, role, state) (${of('keelson_cluster_machines')})`, columns: { ...clusterColumn, role: 'Role', state: 'State' }, value: 'Machines', steps: plain, none: 'no report', width: 12 }),
          table({ title: 'Apps that are not Ready', description: 'And why. Runbook: AppNotReady.', unit: 'short', expr: `max by (cluster_id, component, reason) (${apps}) + 1`, columns: { ...clusterColumn, component: 'Component', reason: 'Reason' }, value: 'Waits', steps: noneIsGood, none: 'all are', width: 12 }),
        ],
      },
      {
        title: 'What drives them',
        panels: [
          lines({ title: 'Processes that answer', description: 'Replicas of the operator and of the topology extension. Runbooks: OperatorDown, TopologyExtensionDown.', unit: 'short', expr: 'sum by (job) (up{job=~"keelson-operator|keelson-topology-extension",cluster_id=~"$cluster|"})', legend: '{{job}}', none: 'not scraped' }),
          lines({ title: 'Reconciles that fail', description: 'A second, by controller: of Keelson, and of Cluster API where it is scraped. Runbook: ReconcilesFail.', unit: 'ops', expr: 'sum by (job, controller) (rate(controller_runtime_reconcile_errors_total[5m]))', legend: '{{job}} {{controller}}', none: 'not scraped' }),
          lines({ title: 'Keys that wait', description: 'By controller. Runbook: QueueStuck.', unit: 'short', expr: 'max by (job, name) (workqueue_depth)', legend: '{{job}} {{name}}', none: 'not scraped' }),
          lines({ title: 'Requests to API servers', description: 'Of Keelson, a second, by status; <error> is no answer.', unit: 'reqps', expr: 'sum by (code) (rate(rest_client_requests_total[5m]))', legend: '{{code}}', none: 'not scraped' }),
          lines({ title: 'Answers of the topology extension', description: 'A second, by hook and outcome. An error is a fault of ours. Runbook: TopologyHooksFail.', unit: 'reqps', expr: 'sum by (hook, outcome) (rate(keelson_topology_hook_answers_total[5m]))', legend: '{{hook}} {{outcome}}', none: 'nothing was asked' }),
          lines({ title: 'Calls to OpenStack that fail', description: 'Part of them, by who calls, in each cluster.', unit: 'percentunit', expr: of('keelson:openstack_errors:ratio'), legend: '{{cluster_id}} {{component}}', none: 'not scraped', steps: errorRatio }),
          table({ title: 'Quotas of OpenStack', description: 'Part of each quota of each project that is used, from half on. Runbook: CloudQuotaNearEnd.', unit: 'percentunit', expr: `${quotaUsed} > 0.5`, columns: { organization: 'Organization', region: 'Region', service: 'Service', resource: 'Resource', project: 'Project' }, value: 'Used', steps: fullness, none: 'none is half used', width: 12 }),
          lines({ title: 'Machines that are ready', description: 'By role.', unit: 'short', expr: machines('ready'), legend: '{{cluster_id}} {{role}}', none: 'no report' }),
        ],
      },
    ],
  });
