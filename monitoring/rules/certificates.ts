/**
 * Certificates: every cluster records when the first one expires and the twenty that expire soonest, per source; the
 * management side alerts on those. Twenty names are enough for a page, and a cluster with 10,000 Secrets still sends 42
 * series. Metric names: `exporters/cert/catalogue.ts`.
 */
import type { Alert, Record, RuleGroup } from './model.ts';

/** How many certificates per source a cluster reports by name. */
export const soonest = 20;

/** Days before expiry. Kubernetes certificates live a year and are renewed by an upgrade; two weeks leave time to plan one. */
export const days = { notify: 14, page: 3 } as const;

const minimum = (source: string, expr: string): Record => ({
  kind: 'record', record: 'keelson:cert_not_after_timestamp:min', expr, set: { source }, labels: ['source'], maxSeries: 1, since: '0.1.0', forPeople: 'one figure per cluster, for boards and for keelson status',
  help: `When the first certificate in ${source} of the cluster expires, in unix seconds.`,
});

const named = (source: string, expr: string, labels: readonly string[]): Record => ({
  kind: 'record', record: 'keelson:cert_not_after_timestamp:soonest', expr, set: { source }, labels: [...labels, 'source'], maxSeries: soonest, since: '0.1.0',
  help: `When each of the ${soonest} certificates in ${source} that expire soonest does, in unix seconds.`,
});

/**
 * Prometheus keeps the target's label `namespace` and renames the exporter's to `exported_namespace`; here the Secret's
 * namespace is wanted, under its plain name.
 */
const secrets = 'label_replace(label_replace(cert_exporter_secret_not_after, "namespace", "$1", "exported_namespace", "(.+)"), "secret", "$1", "name", "(.+)")';

export const certificateRecords: RuleGroup = {
  name: 'keelson-certificates',
  place: 'workload',
  rules: [
    minimum('files', 'min(cert_exporter_not_after)'),
    minimum('secrets', 'min(cert_exporter_secret_not_after)'),
    named('files', `bottomk(${soonest}, min by (node, path) (cert_exporter_not_after))`, ['node', 'path']),
    named('secrets', `bottomk(${soonest}, min by (namespace, secret, secretkey) (${secrets}))`, ['namespace', 'secret', 'secretkey']),
  ],
};

/** Where the certificate is: a file of a node, or a key of a Secret. */
const place = '{{ if $labels.path }}{{ $labels.path }} on node {{ $labels.node }}{{ else }}Secret {{ $labels.namespace }}/{{ $labels.secret }} ({{ $labels.secretkey }}){{ end }}';
const cluster = '{{ or $labels.cluster_id "this cluster" }}';

const expires = (severity: 'notify' | 'page', holds: string): Alert => ({
  kind: 'alert',
  alert: 'CertificateExpiresSoon',
  expr: `keelson:cert_not_after_timestamp:soonest - time() < ${days[severity]} * 86400`,
  for: holds,
  severity,
  team: 'platform',
  summary: `${cluster}: certificate ${place} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}`,
  description: `The certificate ${place} of cluster ${cluster} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}, and nothing has renewed it. From then on its peers refuse whatever uses it.`,
});

export const certificateAlerts: RuleGroup = {
  name: 'keelson-certificate-alerts',
  place: 'management',
  rules: [expires('notify', '15m'), expires('page', '5m')],
};
