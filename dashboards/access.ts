/** Tenants and their access: who is in which cluster, whether rights are what was given, what organizations take of what they may. Names of people are in events and objects, never here. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from './board.ts';
import { lines, stat, table } from './panel.ts';
import { orNone } from './queries.ts';
import { fullness, noneIsGood, noneIsVital, plain } from './steps.ts';

/** The operator names a cluster by namespace and name here, as its ClusterAccess does; standbys and leader read the same objects. */
const open = (more = ''): string => `max by (cluster_namespace, cluster, role) (keelson_cluster_access_open{cluster=~"$cluster"${more}})`;
const waiting = 'max by (cluster_namespace, cluster) (keelson_cluster_access_waiting{cluster=~"$cluster"})';
const notApplied = 'min by (cluster_namespace, cluster) (keelson_access_rights_applied{cluster=~"$cluster"}) == 0';
const taken = 'max by (organization, resource) (keelson_organization_used) / (max by (organization, resource) (keelson_organization_quota) > 0)';
const troubled = 'max by (organization, condition, reason) (keelson_organization_condition{reason!="NoIdentity"}) == 0';
const clusterColumns = { cluster_namespace: 'Namespace', cluster: 'Cluster' } as const;
const controllers = 'cluster-access|access-rights|access-binding|organization|organization-usage';

export const accessBoard = (): Dashboard =>
  board({
    uid: 'keelson-access',
    title: 'Keelson / Access and organizations',
    description: 'Logins to workload clusters, rights in them, and what organizations take of what they may.',
    tags: ['access'],
    clustersOf: 'keelson_cluster_info',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'Logged in', description: 'Logins by ClusterAccess that are open.', unit: 'short', expr: orNone(`sum(${open()})`), steps: plain, none: '0' }),
          stat({ title: 'As cluster-admin', description: 'Of them as cluster-admin; each ends within the hour. Runbook: ClusterAdminAccess.', unit: 'short', expr: orNone(`sum(${open(',role="cluster-admin"')})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Logins that wait', description: 'Neither issued nor refused; a second is usual. Runbook: ClusterAccessNotIssued.', unit: 'short', expr: orNone(`sum(${waiting})`), steps: noneIsGood, none: '0' }),
          stat({ title: 'Clusters with other rights', description: 'Where the last try to write rights failed: new ones do not arrive, old ones still hold. Runbook: AccessRightsNotApplied.', unit: 'short', expr: orNone(`count(${notApplied})`), steps: noneIsVital, none: '0' }),
          stat({ title: 'Organizations in trouble', description: 'A condition is False; the table names it. Runbook: OrganizationNotReady.', unit: 'short', expr: orNone(`count(count by (organization) (${troubled}))`), steps: noneIsGood, none: '0' }),
          stat({ title: 'Over their quota', description: 'Organizations that have more than they may. Runbook: OrganizationOverQuota.', unit: 'short', expr: orNone(`count(count by (organization) (${taken} > 1))`), steps: noneIsGood, none: '0' }),
        ],
      },
      {
        title: 'Logins and rights',
        panels: [
          table({ title: 'Open logins', description: 'By cluster and role. Who and why: kubectl get clusteraccess -n NAMESPACE.', unit: 'short', expr: open(), columns: { ...clusterColumns, role: 'Role' }, value: 'Open', steps: plain, none: 'none', width: 12 }),
          table({ title: 'Where rights are not what was given', description: 'Runbook: AccessRightsNotApplied.', unit: 'short', expr: `${notApplied} + 1`, columns: clusterColumns, value: 'Fails', steps: noneIsVital, none: 'nowhere', width: 12 }),
          lines({ title: 'Logins that were refused', description: 'A minute, by namespace and reason; what admission refuses is not among them. Runbook: ClusterAccessRefusedOften.', unit: 'short', expr: 'sum by (cluster_namespace, reason) (rate(keelson_cluster_access_refused_total[5m])) * 60', legend: '{{cluster_namespace}} {{reason}}', none: 'none' }),
          lines({ title: 'Logins that are open', description: 'By role.', unit: 'short', expr: `sum by (role) (${open()})`, legend: '{{role}}', none: 'none' }),
        ],
      },
      {
        title: 'Organizations',
        panels: [
          table({ title: 'What is taken of what may be', description: 'From 1 on nothing more is admitted. The hard limit is the quota of the project.', unit: 'percentunit', expr: taken, columns: { organization: 'Organization', resource: 'Resource' }, value: 'Taken', steps: fullness, none: 'no organization has a quota', width: 12 }),
          table({ title: 'Conditions that are False', description: 'Runbook: OrganizationNotReady.', unit: 'short', expr: `${troubled} + 1`, columns: { organization: 'Organization', condition: 'Condition', reason: 'Reason' }, value: 'Holds', steps: noneIsGood, none: 'none', width: 12 }),
          lines({ title: 'Keys that wait', description: 'Of the controllers of access and organizations: rights that are on their way. Runbook: QueueStuck.', unit: 'short', expr: `max by (name) (workqueue_depth{name=~"${controllers}"})`, legend: '{{name}}', none: 'not scraped' }),
          lines({ title: 'Reconciles that fail', description: 'A second, of the same controllers. Runbook: ReconcilesFail.', unit: 'ops', expr: `sum by (controller) (rate(controller_runtime_reconcile_errors_total{controller=~"${controllers}"}[5m]))`, legend: '{{controller}}', none: 'not scraped' }),
        ],
      },
    ],
  });
