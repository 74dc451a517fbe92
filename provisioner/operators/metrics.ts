/** What the operators measure beyond what every controller does. */
import type { Registry } from 'prom-client';
import { labels } from '../api/labels.ts';
import { type Condition, findCondition, keyOf } from '../kube/index.ts';
import { appDrifted, appReady } from '../api/conditions.ts';
import type { AppObject } from './app/app-object.ts';
import type { Cluster } from './cluster.ts';
import { organizationOf } from '../api/names.ts';
import { clusterIds } from './monitoring/cluster-id.ts';
import { scrapedGauge } from './scraped-gauge.ts';

/** How many fields of one App get series of their own; `keelson_app_drifted_fields` counts all. */
const fieldsPerApp = 10;

export interface AppSources {
  readonly apps: { items(): AppObject[] };
  readonly clusters: { items(): Cluster[] };
}

/** `keelson_app_ready`, `keelson_app_drifted_fields`: series per App, read from the caches at each scrape. */
export function registerAppMetrics(registry: Registry, { apps, clusters }: AppSources): void {
  const where = (): ((app: AppObject) => Record<'cluster' | 'cluster_id' | 'organization', string>) => {
    const all = clusters.items();
    const idOf = clusterIds(all);
    const ids = new Map(all.map((cluster) => [keyOf(cluster.metadata), idOf(cluster)]));
    return ({ metadata: { namespace = '' }, spec: { cluster = '' } }) => ({ cluster, cluster_id: ids.get(keyOf({ namespace, name: cluster })) ?? cluster, organization: organizationOf(namespace) ?? '' });
  };
  scrapedGauge(registry, { name: 'keelson_app_ready', help: '1 where the App is Ready, else 0.', labels: ['namespace', 'cluster', 'cluster_id', 'organization', 'component', 'reason'] }, function* () {
    const at = where();
    for (const app of apps.items()) {
      const { metadata, status } = app;
      const ready = findCondition(status?.conditions, appReady.type);
      yield [{ namespace: metadata.namespace ?? '', ...at(app), component: componentOf(app), reason: ready?.reason ?? '' }, ready?.status === 'True' ? 1 : 0] as const;
    }
  });
  scrapedGauge(registry, { name: 'keelson_app_drifted_fields', help: 'Fields in the cluster that are not as the release of the App has them, when it was last compared.', labels: ['namespace', 'app', 'cluster', 'cluster_id', 'organization', 'component'] }, function* () {
    const at = where();
    for (const app of apps.items()) {
      const { metadata, status } = app;
      if (status?.drift) yield [{ namespace: metadata.namespace ?? '', app: metadata.name, ...at(app), component: componentOf(app) }, isDrifted(status.conditions) ? status.drift.total : 0] as const;
    }
  });
  scrapedGauge(registry, { name: 'keelson_app_drifted_field', help: `1 for each of those fields, the first ${fieldsPerApp} of an App.`, labels: ['namespace', 'app', 'object', 'field', 'change'] }, function* () {
    for (const { metadata, status } of apps.items()) {
      if (!isDrifted(status?.conditions)) continue;
      for (const { object, field, change } of status?.drift?.fields.slice(0, fieldsPerApp) ?? []) yield [{ namespace: metadata.namespace ?? '', app: metadata.name, object, field, change }, 1] as const;
    }
  });
}

const componentOf = ({ metadata, spec }: AppObject): string => metadata.labels?.[labels.component] ?? spec.chart;

function isDrifted(conditions: readonly Condition[] | undefined): boolean {
  return findCondition(conditions, appDrifted.type)?.status === 'True';
}
