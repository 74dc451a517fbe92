/** Labels of every metric that a rule may read: of our exporters, of others, and of what is recorded. */
import { catalogue as certCatalogue } from '../exporters/cert/catalogue.ts';
import type { MetricFamily } from '../exporters/core/catalogue.ts';
import { catalogue as netCatalogue } from '../exporters/net/catalogue.ts';
import { foreignFamilies, targetLabels, type ForeignFamily } from './catalogue/index.ts';
import { identityLabels } from './federation.ts';
import type { LabelsOf } from './label-flow.ts';
import { recordsOf, ruleGroups } from './rules/index.ts';
import type { RuleGroup } from './rules/model.ts';

export interface Metrics {
  readonly catalogues: readonly MetricFamily[];
  readonly foreign: readonly ForeignFamily[];
  readonly groups: readonly RuleGroup[];
}

/** All labels of a metric: its own, those of scraping, and for what is recorded those of the identity. Undefined: unknown. */
export function labelsIn({ catalogues, foreign, groups }: Metrics): LabelsOf {
  const records = Map.groupBy(recordsOf(groups), ({ record }) => record as string);
  const families = new Map<string, readonly string[]>();
  for (const family of [...foreign, ...catalogues]) {
    const isHistogram = family.type === 'histogram';
    const own = [...family.labels, ...targetLabels, ...family.labels.map((label) => `exported_${label}`)];
    for (const series of isHistogram ? ['_bucket', '_sum', '_count'] : ['']) {
      // Several programs may write a family of the same name (process_…, workqueue_…).
      families.set(family.name + series, [...new Set([...(families.get(family.name + series) ?? []), ...own, ...(series === '_bucket' ? ['le'] : [])])]);
    }
  }
  return (metric) => {
    const found = records.get(metric);
    // Where clusters come together, federated ones have a job: `job=""` is what the own Prometheus recorded.
    if (found) return [...new Set([...found.flatMap(({ labels }) => labels), ...identityLabels, 'job'])];
    return metric.startsWith('keelson:') && families.has(metric) ? [...(families.get(metric) ?? []), ...identityLabels] : families.get(metric);
  };
}

/** Of everything that this tree has. */
export const ownCatalogues: readonly MetricFamily[] = [...certCatalogue, ...netCatalogue];
export const labelsOfRules: LabelsOf = labelsIn({ catalogues: ownCatalogues, foreign: foreignFamilies, groups: ruleGroups });
