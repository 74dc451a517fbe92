/** Do organizations have what was declared, and no more than they may? Read where the operator runs: the management cluster's Prometheus scrapes it. */
import type { RuleGroup } from './model.ts';

export const organizationAlerts: RuleGroup = {
  name: 'keelson-organization-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'OrganizationOverQuota', for: '10m', severity: 'notify', area: 'keelson', team: 'platform', isFleetWide: true,
      // Not "by pod": standbys and leader read the same objects.
      expr: 'max by (organization, resource) (keelson_organization_used) > max by (organization, resource) (keelson_organization_quota)',
      summary: 'organization {{ $labels.organization }} has more {{ $labels.resource }} than its quota allows',
      description: 'The clusters of organization {{ $labels.organization }} take {{ $value }} of {{ $labels.resource }} (memory in MiB), which is more than its quota. Machines were scaled past the Cluster, two replicas of the extension admitted something at the same instant, or the quota was lowered. Nothing is taken away; nothing more is admitted.',
    },
    {
      kind: 'alert', alert: 'OrganizationNotReady', for: '15m', severity: 'notify', area: 'keelson', team: 'platform', isFleetWide: true,
      expr: 'max by (organization, condition, reason) (keelson_organization_condition{condition=~"Ready|IdentitiesReady",reason!~"NoIdentity|ClustersLive|DeletingClusters|DeletingNamespace"}) == 0',
      summary: 'organization {{ $labels.organization }}: {{ $labels.condition }} is False, {{ $labels.reason }}',
      description: 'Organization {{ $labels.organization }} is not as it was declared for a quarter of an hour: {{ $labels.reason }}. Its members may lack rights that they should have, or its clusters the credentials that were declared. What runs goes on.',
    },
  ],
};
