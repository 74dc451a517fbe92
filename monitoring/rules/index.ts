/** All rules, in the order in which they are rendered. */
import { recordedGroups } from '../recorded/index.ts';
import { accessAlerts } from './access.ts';
import { coverageAlerts, coverageRecords } from './certificates/coverage.ts';
import { expiryAlerts, expiryRecords } from './certificates/expiry.ts';
import { issuingAlerts, issuingRecords } from './certificates/issuing.ts';
import { servedAlerts, servedRecords } from './certificates/served.ts';
import { controlPlaneAlerts, controlPlaneRecords } from './control-plane/index.ts';
import { fleetAlerts, fleetRecords } from './fleet/index.ts';
import type { Alert, Place, Record, RuleGroup } from './model.ts';
import { networkAlerts, networkRecords } from './network/index.ts';
import { nodeAlerts, nodeRecords } from './nodes/index.ts';
import { organizationAlerts } from './organizations.ts';
import { platformAlerts, platformRecords } from './platform/index.ts';
import { topologyAlerts } from './topology.ts';
import { upAlerts, upRecords } from './up.ts';

/** What a cluster needs that has only the chart cert-exporter. */
export const certificateGroups: readonly RuleGroup[] = [expiryRecords, issuingRecords, servedRecords, coverageRecords, expiryAlerts, issuingAlerts, servedAlerts, coverageAlerts];

/** What a cluster needs that has only the chart net-exporter. */
export const networkGroups: readonly RuleGroup[] = [networkRecords, networkAlerts];

export const ruleGroups: readonly RuleGroup[] = [
  expiryRecords, issuingRecords, servedRecords, coverageRecords, networkRecords, upRecords, nodeRecords, controlPlaneRecords, platformRecords, fleetRecords, ...recordedGroups,
  expiryAlerts, issuingAlerts, servedAlerts, coverageAlerts, networkAlerts, upAlerts, topologyAlerts, accessAlerts, organizationAlerts, nodeAlerts, controlPlaneAlerts, platformAlerts, fleetAlerts,
];

/** The groups that a Prometheus of this kind evaluates: the management one records its own cluster too. */
export function groupsFor(place: Place): readonly RuleGroup[] {
  return place === 'management' ? ruleGroups : ruleGroups.filter((group) => group.place === 'workload');
}

export function alertsOf(groups: readonly RuleGroup[]): Alert[] {
  return groups.flatMap(({ rules }) => rules.filter((rule) => rule.kind === 'alert'));
}

export function recordsOf(groups: readonly RuleGroup[]): Record[] {
  return groups.flatMap(({ rules }) => rules.filter((rule) => rule.kind === 'record'));
}
