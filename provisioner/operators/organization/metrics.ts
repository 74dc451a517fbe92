/** What the metrics of the process say of organizations: read from the cache at each scrape. */
import type { Registry } from 'prom-client';
import { organizationIdentitiesReady, organizationReady, organizationWithinQuota } from '../../api/conditions.ts';
import type { Organization } from './organization-object.ts';
import { findCondition } from '../../kube/index.ts';
import { allowedBy, amountNames } from '../../preflight/footprint.ts';
import { scrapedGauge } from '../scraped-gauge.ts';

export function registerOrganizationMetrics(registry: Registry, organizations: { items(): Organization[] }): void {
  scrapedGauge(registry, { name: 'keelson_organization_condition', help: '1 where the condition of the Organization is True, 0 where it is False, absent where nothing is known yet.', labels: ['organization', 'condition', 'reason'] }, function* () {
    for (const { metadata, status } of organizations.items()) {
      for (const { type } of [organizationReady, organizationIdentitiesReady, organizationWithinQuota]) {
        const condition = findCondition(status?.conditions, type);
        if (condition && condition.status !== 'Unknown') yield [{ organization: metadata.name, condition: type, reason: condition.reason }, condition.status === 'True' ? 1 : 0] as const;
      }
    }
  });
  scrapedGauge(registry, { name: 'keelson_organization_used', help: 'What the clusters of an organization take: clusters, machines, cores, memory in MiB, loadBalancers.', labels: ['organization', 'resource'] }, function* () {
    for (const { metadata, status } of organizations.items()) {
      if (!status?.used) continue;
      const used = allowedBy(status.used);
      for (const resource of amountNames) yield [{ organization: metadata.name, resource }, used[resource] ?? 0] as const;
    }
  });
  scrapedGauge(registry, { name: 'keelson_organization_quota', help: 'What they may take; absent where unbounded.', labels: ['organization', 'resource'] }, function* () {
    for (const { metadata, spec } of organizations.items()) {
      for (const [resource, allowed] of Object.entries(allowedBy(spec.quota))) yield [{ organization: metadata.name, resource }, allowed] as const;
    }
  });
  scrapedGauge(registry, { name: 'keelson_organization_contact_info', help: 'Where mail to an organization goes; always 1.', labels: ['organization', 'email'] }, function* () {
    for (const { metadata, spec } of organizations.items()) if (spec.contact?.email) yield [{ organization: metadata.name, email: spec.contact.email }, 1] as const;
  });
}
