/** What the operators measure beyond what every controller does. */
import { Gauge, type Registry } from 'prom-client';
import { labels } from '../api/labels.ts';
import { type Condition, findCondition } from '../kube/index.ts';
import { appDrifted, appReady } from '../api/conditions.ts';
import type { AppObject } from './app/app-object.ts';

/** How many fields of one App get series of their own; `keelson_app_drifted_fields` counts all. */
const fieldsPerApp = 10;

/** `keelson_app_ready`, `keelson_app_drifted_fields`: series per App, read from the cache at each scrape. */
export function registerAppMetrics(registry: Registry, apps: { items(): AppObject[] }): void {
  new Gauge({
    name: 'keelson_app_ready',
    help: '1 where the App is Ready, else 0.',
    labelNames: ['namespace', 'cluster', 'component', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, spec, status } of apps.items()) {
        const ready = findCondition(status?.conditions, appReady.type);
        const component = metadata.labels?.[labels.component] ?? spec.chart;
        this.set({ namespace: metadata.namespace ?? '', cluster: spec.cluster ?? '', component, reason: ready?.reason ?? '' }, ready?.status === 'True' ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'keelson_app_drifted_fields',
    help: 'Fields in the cluster that are not as the release of the App has them, when it was last compared.',
    labelNames: ['namespace', 'app'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, status } of apps.items()) {
        if (status?.drift) this.set({ namespace: metadata.namespace ?? '', app: metadata.name }, isDrifted(status.conditions) ? status.drift.total : 0);
      }
    },
  });
  new Gauge({
    name: 'keelson_app_drifted_field',
    help: `1 for each of those fields, the first ${fieldsPerApp} of an App.`,
    labelNames: ['namespace', 'app', 'object', 'field', 'change'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { metadata, status } of apps.items()) {
        if (!isDrifted(status?.conditions)) continue;
        for (const { object, field, change } of status?.drift?.fields.slice(0, fieldsPerApp) ?? []) this.set({ namespace: metadata.namespace ?? '', app: metadata.name, object, field, change }, 1);
      }
    },
  });
}

function isDrifted(conditions: readonly Condition[] | undefined): boolean {
  return findCondition(conditions, appDrifted.type)?.status === 'True';
}
