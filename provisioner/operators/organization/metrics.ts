/** What the metrics of the process say of organizations: read from the cache at each scrape. */
import { Gauge, type Registry } from 'prom-client';
import { organizationIdentitiesReady, organizationReady, organizationWithinQuota } from '../../api/conditions.ts';
import type { Organization } from './organization-object.ts';
import { findCondition } from '../../kube/index.ts';
import { allowedBy, amountNames } from '../../preflight/footprint.ts';

export function registerOrganizationMetrics(registry: Registry, organizations: { items(): Organization[] }): void {
  new Gauge({
    name: 'keelson_organization_condition', help: '1 where the condition of the Organization is True, 0 where it is False, absent where nothing is known yet.', labelNames: ['organization', 'condition', 'reason'], registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, status } of organizations.items()) {
        for (const { type } of [organizationReady, organizationIdentitiesReady, organizationWithinQuota]) {
          const condition = findCondition(status?.conditions, type);
          if (condition && condition.status !== 'Unknown') this.set({ organization: metadata.name, condition: type, reason: condition.reason }, condition.status === 'True' ? 1 : 0);
        }
      }
    },
  });
  new Gauge({
    name: 'keelson_organization_used', help: 'What the clusters of an organization take: clusters, machines, cores, memory in MiB, loadBalancers.', labelNames: ['organization', 'resource'], registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, status } of organizations.items()) {
        if (!status?.used) continue;
        const used = allowedBy(status.used);
        for (const resource of amountNames) this.set({ organization: metadata.name, resource }, used[resource] ?? 0);
      }
    },
  });
  new Gauge({
    name: 'keelson_organization_quota', help: 'What they may take; absent where unbounded.', labelNames: ['organization', 'resource'], registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, spec } of organizations.items()) {
        for (const [resource, allowed] of Object.entries(allowedBy(spec.quota))) this.set({ organization: metadata.name, resource }, allowed);
      }
    },
  });
  new Gauge({
    name: 'keelson_organization_contact_info', help: 'Where mail to an organization goes; always 1.', labelNames: ['organization', 'email'], registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, spec } of organizations.items()) if (spec.contact?.email) this.set({ organization: metadata.name, email: spec.contact.email }, 1);
    },
  });
}
