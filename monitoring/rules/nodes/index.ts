/** The rules on nodes, kubelets and the room they give. */
import type { RuleGroup } from '../model.ts';
import { capacityAlerts, capacityRecords } from './capacity.ts';
import { conditionAlerts, conditionRecords } from './conditions.ts';
import { kubeletAlerts, kubeletRecords } from './kubelet.ts';
import { resourceAlerts, resourceRecords } from './resources.ts';

export const nodeRecords: RuleGroup = { name: 'keelson-nodes', place: 'workload', rules: [...conditionRecords, ...resourceRecords, ...kubeletRecords, ...capacityRecords] };
export const nodeAlerts: RuleGroup = { name: 'keelson-node-alerts', place: 'management', rules: [...conditionAlerts, ...resourceAlerts, ...kubeletAlerts, ...capacityAlerts] };
