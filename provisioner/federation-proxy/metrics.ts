/** What the proxy counts about itself. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export class ProxyMetrics {
  readonly registry = new Registry();
  /** result: forwarded, refused, busy, or the code of a FederationError. */
  readonly requests = new Counter({ name: 'keelson_federation_requests_total', help: 'Requests by what became of them.', labelNames: ['result'], registers: [this.registry] });
  readonly seconds = new Histogram({ name: 'keelson_federation_upstream_seconds', help: 'How long the Prometheus took.', buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10], registers: [this.registry] });
  readonly bytes = new Gauge({ name: 'keelson_federation_body_bytes', help: 'Size of the last forwarded answer before compression.', registers: [this.registry] });
}
