/** What the operators measure beyond what every controller does. */
import { Gauge, type Registry } from 'prom-client';
import { labels } from '../api/labels.ts';
import { findCondition } from '../kube/index.ts';
import { appReady } from '../api/conditions.ts';
import type { AppObject } from './app/app-object.ts';

/** `keelson_app_ready`: one series per App, read from the cache at each scrape. */
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
        this.set({ namespace: metadata.namespace ?? '', cluster: spec.cluster, component, reason: ready?.reason ?? '' }, ready?.status === 'True' ? 1 : 0);
      }
    },
  });
}
