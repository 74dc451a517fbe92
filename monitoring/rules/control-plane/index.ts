/** The rules on the control plane. */
import type { RuleGroup } from '../model.ts';
import { apiserverAlerts, apiserverRecords } from './apiserver.ts';
import { controllerAlerts, controllerRecords } from './controllers.ts';
import { etcdAlerts, etcdRecords } from './etcd.ts';

export const controlPlaneRecords: RuleGroup = { name: 'keelson-control-plane', place: 'workload', rules: [...etcdRecords, ...apiserverRecords, ...controllerRecords] };
export const controlPlaneAlerts: RuleGroup = { name: 'keelson-control-plane-alerts', place: 'management', rules: [...etcdAlerts, ...apiserverAlerts, ...controllerAlerts] };
