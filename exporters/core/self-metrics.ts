/**
 * What an exporter says about its own process and sources: few series, counted by prom-client, written by our own
 * writer so that both formats are right (prom-client keeps one format per registry).
 */
import { Counter, Gauge, Registry, collectDefaultMetrics, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import { processFamilies, type MetricFamily } from './catalogue.ts';
import { header, sampleLine, seriesName, type Format } from './exposition.ts';

/** prom-client names the series of a histogram or summary in each value; its types leave that out. */
type NamedValue = MetricValue<string> & { readonly metricName?: string };

export class SelfMetrics {
  readonly #registry = new Registry();
  readonly #families: ReadonlyMap<string, MetricFamily>;

  /** @param families what the exporter counts about itself, beside the families of every process */
  constructor(families: readonly MetricFamily[]) {
    this.#families = new Map([...processFamilies, ...families].map((family) => [family.name, family]));
    collectDefaultMetrics({ register: this.#registry });
  }

  /** @throws Error when the catalogue has no such counter */
  counter(name: string): Counter {
    return new Counter({ ...this.#options(name, 'counter'), registers: [this.#registry] });
  }

  /** @throws Error when the catalogue has no such gauge */
  gauge(name: string): Gauge {
    return new Gauge({ ...this.#options(name, 'gauge'), registers: [this.#registry] });
  }

  /** The document part of what is in the catalogue; prom-client's other default metrics are left out. */
  async render(format: Format): Promise<string> {
    const metrics = (await this.#registry.getMetricsAsJSON()) as MetricObjectWithValues<NamedValue>[];
    return metrics.map((metric) => this.#renderFamily(metric, format)).join('');
  }

  #renderFamily(metric: MetricObjectWithValues<NamedValue>, format: Format): string {
    const family = this.#families.get(metric.name);
    if (!family || metric.values.length === 0) return '';
    const lines = metric.values.map(({ metricName, labels, value }) =>
      sampleLine(seriesName(metricName ?? family.name, Object.entries(labels).map(([label, text]) => [label, String(text)])), value));
    return header(family, format) + lines.join('');
  }

  #options(name: string, type: MetricFamily['type']): { name: string; help: string; labelNames: string[] } {
    const family = this.#families.get(name);
    if (family?.type !== type) throw new Error(`${name} is not a ${type} of the catalogue`);
    return { name, help: family.help, labelNames: [...family.labels] };
  }
}
