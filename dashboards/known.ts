/** Which metrics boards of the fleet may read, and with which labels: what arrives where all clusters come together. */
import { foreignComponents, targetLabels } from '../monitoring/catalogue/index.ts';
import { prometheusUp, identityLabels } from '../monitoring/federation.ts';
import { recordsOf, ruleGroups } from '../monitoring/rules/index.ts';

/** What runs in the management cluster and is scraped there; none but the operator's series of clusters, scrapes and alerts have a `cluster_id`. */
const writers = ['scrape', 'prometheus', 'alertmanager', 'keelson-operator', 'keelson-topology-extension'];
const written = foreignComponents.filter(({ name }) => writers.includes(name)).flatMap(({ families }) => families);

/** Undefined for a metric that does not arrive there. */
export function labelsInFleet(metric: string): readonly string[] | undefined {
  const records = recordsOf(ruleGroups).filter(({ record }) => record === metric);
  if (records.length) return [...records.flatMap(({ labels }) => labels), ...identityLabels, 'job'];
  if (metric === prometheusUp) return ['reason', ...identityLabels];
  return written.find(({ name }) => name === metric)?.labels.concat(targetLabels);
}
