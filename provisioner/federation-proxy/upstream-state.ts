/**
 * What the proxy adds to every answer: whether the Prometheus behind it gave one. A scrape that fails then means the way to
 * the cluster, this series at 0 the Prometheus in it: two faults, two pages.
 */
import type { FederationError } from './errors.ts';

/** The same text as `monitoring/federation.ts`, which a test compares. */
export const prometheusUp = 'keelson:prometheus_up:bool';

/** Text format 0.0.4, which Prometheus is asked for whatever the caller reads. */
export const textFormat = 'text/plain; version=0.0.4; charset=utf-8';

/** The answer of Prometheus, and that it is one. */
export function withUpstream(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.from(`# TYPE ${prometheusUp} untyped\n${prometheusUp} 1\n`)]);
}

/** In its place: why there is none. The comment is for people. */
export function withoutUpstream({ code, message }: FederationError): Buffer {
  const comment = message.replace(/\s+/g, ' ').slice(0, 300);
  return Buffer.from(`# ${comment}\n# TYPE ${prometheusUp} untyped\n${prometheusUp}{reason="${code}"} 0\n`);
}
