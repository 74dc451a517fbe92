/**
 * Where certificates are, as rules name them: each place as a vector of expiry with labels that say it to a person. Metric
 * names: `exporters/cert/catalogue.ts`.
 *
 * Prometheus keeps the target's labels `namespace` and `endpoint` and renames the exporter's to `exported_…`; here the
 * object's own are wanted.
 */

export interface Place {
  /** Value of the label `source`. */
  readonly source: string;
  /** Family prefix: `<prefix>_not_after` and its twins. */
  readonly prefix: string;
  /** Labels that name one certificate to a person; serial numbers churn with every renewal. */
  readonly labels: readonly string[];
  /** Gives a vector of the family these labels. */
  named(vector: string): string;
}

const own = (vector: string, to: string, from: string): string => `label_replace(${vector}, "${to}", "$1", "${from}", "(.+)")`;
const ownNamespace = (vector: string): string => own(vector, 'namespace', 'exported_namespace');
/** One label for people, of the parts that are there. */
const object = (vector: string, format: string, ...parts: readonly string[]): string => `label_replace(label_join(${vector}, "object", "/", ${parts.map((part) => `"${part}"`).join(', ')}), "object", "${format}", "object", "(.*)")`;

export const places: readonly Place[] = [
  { source: 'files', prefix: 'cert_exporter', labels: ['node', 'path'], named: (vector) => vector },
  { source: 'secrets', prefix: 'cert_exporter_secret', labels: ['namespace', 'secret', 'secretkey'], named: (vector) => own(ownNamespace(vector), 'secret', 'name') },
  { source: 'configmaps', prefix: 'cert_exporter_configmap', labels: ['object'], named: (vector) => object(ownNamespace(vector), 'ConfigMap $1', 'namespace', 'name', 'configmapkey') },
  { source: 'ca_bundles', prefix: 'cert_exporter_ca_bundle', labels: ['object'], named: (vector) => object(vector, 'caBundle of $1', 'kind', 'name', 'webhook') },
  { source: 'endpoints', prefix: 'cert_exporter_endpoint', labels: ['object'], named: (vector) => object(own(vector, 'endpoint', 'exported_endpoint'), 'what is served at $1', 'endpoint', 'servername') },
];

/** In a summary: where the certificate is. */
export const placeText = '{{ if $labels.path }}{{ $labels.path }} on node {{ $labels.node }}{{ else if $labels.object }}{{ $labels.object }}{{ else }}Secret {{ $labels.namespace }}/{{ $labels.secret }} ({{ $labels.secretkey }}){{ end }}';
export { clusterText } from '../model.ts';

/** How many per source a cluster reports by name: enough for a page, and 10,000 Secrets still send a bounded number of series. */
export const named = 20;
