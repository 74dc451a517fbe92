/** The rules on the fleet as a whole: the life of clusters, their clouds, their reports, and Keelson itself. */
import type { RuleGroup } from '../model.ts';
import { cloudAlerts } from './cloud.ts';
import { federationAlerts, federationRecords } from './federation.ts';
import { keelsonAlerts } from './keelson.ts';
import { lifecycleAlerts } from './lifecycle.ts';
import { monitoringAlerts, monitoringRecords } from './monitoring.ts';

export const fleetRecords: RuleGroup = { name: 'keelson-monitoring', place: 'workload', rules: [...federationRecords, ...monitoringRecords] };
export const fleetAlerts: RuleGroup = { name: 'keelson-fleet-alerts', place: 'management', intervalSeconds: 15, rules: [...lifecycleAlerts, ...cloudAlerts, ...federationAlerts, ...monitoringAlerts, ...keelsonAlerts] };
