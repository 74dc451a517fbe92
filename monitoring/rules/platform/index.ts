/** The rules on what the platform runs on every cluster, and on what tenants run there. */
import type { RuleGroup } from '../model.ts';
import { bundleAlerts, bundleRecords } from './bundle.ts';
import { componentAlerts, componentRecords } from './components.ts';
import { policyAlerts, tenantAlerts, tenantRecords } from './tenants.ts';

export const platformRecords: RuleGroup = { name: 'keelson-platform', place: 'workload', rules: [...componentRecords, ...bundleRecords, ...tenantRecords] };
export const platformAlerts: RuleGroup = { name: 'keelson-platform-alerts', place: 'management', rules: [...componentAlerts, ...bundleAlerts, ...tenantAlerts, ...policyAlerts] };
