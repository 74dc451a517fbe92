/** Logins to workload clusters and rights in them: who is in as cluster-admin, and what does not come or does not go. */
import type { RuleGroup } from './model.ts';

const of = '{{ $labels.cluster_namespace }}/{{ $labels.cluster }}';

export const accessAlerts: RuleGroup = {
  name: 'keelson-access-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'ClusterAdminAccess', for: '0s', keepFiringFor: '5m', severity: 'notify', area: 'keelson', team: 'platform', isFleetWide: true,
      expr: 'max by (cluster_namespace, cluster) (keelson_cluster_access_open{role="cluster-admin"}) > 0',
      summary: `somebody is logged in to cluster ${of} as cluster-admin`,
      description: `A ClusterAccess with the role cluster-admin is open for cluster ${of}. It ends within the hour by itself. Its requester and reason are in the object and in the events of the Cluster.`,
    },
    {
      kind: 'alert', alert: 'ClusterAccessNotIssued', for: '15m', severity: 'notify', area: 'keelson', team: 'platform', isFleetWide: true,
      expr: 'max by (cluster_namespace, cluster) (keelson_cluster_access_waiting) > 0',
      summary: `logins to cluster ${of} are not issued`,
      description: `For a quarter of an hour a ClusterAccess for cluster ${of} has been neither issued nor refused. People who have no other way in cannot reach their cluster.`,
    },
    {
      kind: 'alert', alert: 'ClusterAccessRefusedOften', for: '0s', keepFiringFor: '15m', severity: 'notify', area: 'keelson', team: 'platform', isFleetWide: true,
      expr: 'sum by (cluster_namespace) (increase(keelson_cluster_access_refused_total[15m])) > 30',
      summary: 'many logins are refused in {{ $labels.cluster_namespace }}',
      description: 'More than thirty requests for access in {{ $labels.cluster_namespace }} were refused within a quarter of an hour: a script that does not give up, or somebody who tries what they may not have.',
    },
    {
      kind: 'alert', alert: 'AccessRightsNotApplied', for: '10m', severity: 'notify', area: 'keelson', team: 'platform', isFleetWide: true,
      expr: 'min by (cluster_namespace, cluster) (keelson_access_rights_applied) == 0',
      summary: `rights in cluster ${of} are not what was given`,
      description: `For ten minutes the operator has not been able to write rights into cluster ${of}. New rights do not arrive there, and ones that were taken away still hold.`,
    },
  ],
};
