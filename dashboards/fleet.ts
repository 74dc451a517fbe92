/** All clusters on one page: which are not well, and which nobody sees. The page to open first. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { federationJob } from '../monitoring/federation.ts';
import { probeJob } from '../monitoring/fleet.ts';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { clusterColumn, of, orNone } from './queries.ts';
import { allIsGood, errorRatio, fullness, noneIsGood, noneIsVital, plain } from './steps.ts';

const known = `max by (cluster_id) (${of('keelson_cluster_info')})`;
const observed = `max by (cluster_id) (${of('up', `job="${federationJob}",`)}) == 1`;
/** Conditions that are False when all is well. */
const unusual = 'RollingOut|Remediating|ScalingUp|ScalingDown|Deleting|Paused';

export const fleetBoard = (): Dashboard =>
  board({
    uid: 'keelson-fleet',
    title: 'Keelson / Fleet',
    description: 'All clusters: which are not well, and which nobody sees.',
    tags: ['fleet'],
    clustersOf: 'keelson_cluster_info',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'Clusters', description: 'Clusters in the care of Keelson.', unit: 'short', expr: `count(${known})`, steps: plain, none: 'the operator says nothing' }),
          stat({ title: 'Pages', description: 'Alerts of severity page that fire. The table below names them.', unit: 'short', expr: orNone(`count(max by (alertname, cluster_id) (${of('ALERTS', 'alertstate="firing",severity="page",')}))`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Not available', description: 'Clusters that Cluster API does not call available.', unit: 'short', expr: orNone(`count(max by (cluster_id) (${of('keelson_cluster_condition', 'type="Available",status!="True",')}))`), steps: noneIsVital, none: '0' }),
          stat({ title: 'API does not answer', description: 'Clusters whose API server did not answer the last probe from the management cluster. Runbook: ClusterApiDown.', unit: 'short', expr: orNone(`count(max by (cluster_id) (${of('probe_success', `job="${probeJob}",`)}) == 0)`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Not observed', description: 'Clusters that should exist and of which no metrics arrive: their own alerts cannot fire.', unit: 'short', expr: orNone(`count(${known} unless on (cluster_id) ${observed})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Being changed', description: 'Clusters that are created, upgraded or deleted now. Board: life cycle.', unit: 'short', expr: orNone(`count(max by (cluster_id) (${of('keelson_cluster_info', 'phase!="running",')}))`), steps: plain, none: '0' }),
        ],
      },
      {
        title: 'Which',
        panels: [
          table({ title: 'What fires', description: 'Alerts that fire, by cluster. Each has a runbook of its name.', unit: 'short', expr: `max by (cluster_id, alertname, severity) (${of('ALERTS', 'alertstate="firing",severity!="none",')})`, columns: { ...clusterColumn, alertname: 'Alert', severity: 'Severity' }, value: 'Fires', steps: noneIsGood, none: 'nothing fires', width: 12 }),
          table({ title: 'Conditions that do not hold', description: 'With the reason that Cluster API or Keelson gives.', unit: 'short', expr: `max by (cluster_id, type, status, reason) (${of('keelson_cluster_condition', `type!~"${unusual}",status!="True",`)})`, columns: { ...clusterColumn, type: 'Condition', status: 'Is', reason: 'Reason' }, value: 'Holds not', steps: noneIsGood, none: 'all hold', width: 12 }),
          table({ title: 'Zones that do not answer', description: 'Part of what watches a zone from outside that does not reach it, in each cluster. Runbook: CloudZoneDown.', unit: 'percentunit', expr: of('keelson:net_zone_blame:ratio'), columns: { ...clusterColumn, zone: 'Zone' }, value: 'Blamed', steps: [{ from: null, color: 'green' }, { from: 0.5, color: 'red' }], none: 'all answer', width: 12 }),
          table({ title: 'Cloud API errors', description: 'Part of the calls to OpenStack that fail, by cluster and who calls there. Runbook: CloudCallsFail.', unit: 'percentunit', expr: of('keelson:openstack_errors:ratio'), columns: { ...clusterColumn, component: 'Caller' }, value: 'Fail', steps: errorRatio, none: 'none fails, or nothing is scraped', width: 12 }),
          table({ title: 'Each cluster', description: 'What there should be.', unit: 'short', expr: `max by (cluster_id, organization, environment, phase, version) (${of('keelson_cluster_info')})`, columns: { ...clusterColumn, organization: 'Organization', environment: 'Environment', phase: 'Phase', version: 'Kubernetes' }, value: 'There', steps: plain, none: 'the operator says nothing', width: 12 }),
          table({ title: 'Nodes that are Ready', description: 'Part of the nodes of each cluster. Board: nodes.', unit: 'percentunit', expr: `sum by (cluster_id) (${of('keelson:nodes:count', 'ready="1",')}) / sum by (cluster_id) (${of('keelson:nodes:count')})`, columns: clusterColumn, value: 'Ready', steps: allIsGood, none: 'no cluster reports', width: 12 }),
        ],
      },
      {
        title: 'Over time',
        panels: [
          lines({ title: 'Errors of the API servers', description: 'Part of the requests of each cluster that end with 5xx. Board: control plane.', unit: 'percentunit', expr: of('keelson:apiserver_errors:ratio', 'window="5m",'), legend: '{{cluster_id}}', none: 'no cluster reports', steps: errorRatio }),
          lines({ title: 'Room', description: 'What pods ask for, in parts of what the nodes have without the largest of them: above one, the pods of a node that fails find no place.', unit: 'percentunit', expr: of('keelson:capacity_requested:ratio'), legend: '{{cluster_id}} {{resource}}', none: 'no cluster reports', steps: fullness }),
          lines({ title: 'In use', description: 'Part of what the nodes of each cluster offer that is used.', unit: 'percentunit', expr: `${of('keelson:used:sum')} / on (cluster_id, resource) ${of('keelson:allocatable:sum')}`, legend: '{{cluster_id}} {{resource}}', none: 'no cluster reports', steps: fullness }),
          lines({ title: 'Nodes', description: 'Nodes of each cluster.', unit: 'short', expr: `sum by (cluster_id) (${of('keelson:nodes:count')})`, legend: '{{cluster_id}}', none: 'no cluster reports' }),
        ],
      },
    ],
  });
