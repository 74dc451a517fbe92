/** All metrics that others write and we read. */
import { bundleComponents } from './bundle.ts';
import type { ForeignComponent, ForeignFamily } from './family.ts';
import { keelsonComponents } from './keelson.ts';
import { kubernetesComponents } from './kubernetes.ts';
import { watcherComponents } from './watchers.ts';

export type { ForeignComponent, ForeignFamily } from './family.ts';

export const foreignComponents: readonly ForeignComponent[] = [...watcherComponents, ...kubernetesComponents, ...bundleComponents, ...keelsonComponents];

export const foreignFamilies: readonly ForeignFamily[] = foreignComponents.flatMap(({ families }) => families);

/** Labels that scraping adds to every series: by Prometheus itself, and by the ServiceMonitors and ScrapeConfigs of our charts. */
export const targetLabels: readonly string[] = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint', 'node'];

/** The series of a family, as they are stored: a histogram has three names. */
export function seriesOf({ name, type }: Pick<ForeignFamily, 'name' | 'type'>): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

/**
 * A regular expression, as metricRelabelings match it, of all series of a component that anything here reads: what else it
 * writes is dropped before it is stored. A scrape that keeps less starves a rule; one that keeps more costs memory.
 */
export function keepOf(...components: readonly string[]): string {
  const families = foreignComponents.filter(({ name }) => components.includes(name)).flatMap(({ families: own }) => own);
  return [...new Set(families.flatMap(seriesOf))].sort().join('|');
}
