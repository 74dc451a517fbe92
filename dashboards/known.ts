/** Which metrics boards of the fleet may read, and with which labels: what arrives where all clusters come together. */
import { prometheusUp, identityLabels } from '../monitoring/federation.ts';
import { fleetFamilies } from '../monitoring/fleet.ts';
import { targetLabels } from '../monitoring/foreign.ts';
import { managementFamilies } from '../monitoring/management.ts';
import { recordsOf, ruleGroups } from '../monitoring/rules/index.ts';

/** Undefined for a metric that does not arrive there. What has no `cluster_id` is of the management cluster alone. */
export function labelsInFleet(metric: string): readonly string[] | undefined {
  const records = recordsOf(ruleGroups).filter(({ record }) => record === metric);
  if (records.length) return [...records.flatMap(({ labels }) => labels), ...identityLabels, 'job'];
  if (metric === prometheusUp) return ['reason', ...identityLabels];
  if (metric === 'up') return [...targetLabels, ...identityLabels];
  return [...fleetFamilies, ...managementFamilies].find(({ name }) => name === metric)?.labels.concat('job', 'instance', 'pod');
}
