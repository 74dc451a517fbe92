/** A gauge whose series are read anew at each scrape: those of what is gone go too. */
import { Gauge, type Registry } from 'prom-client';
import type { FleetMetric } from '../../monitoring/fleet.ts';

export type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

export function scrapedGauge(registry: Registry, { name, help, labels: labelNames }: FleetMetric, samples: () => Iterable<Sample>): void {
  new Gauge({
    name, help, labelNames, registers: [registry],
    collect() {
      this.reset();
      for (const [of, value] of samples()) this.set(of, value);
    },
  });
}
