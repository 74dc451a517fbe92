/** Is every certificate watched? Sources that do not answer, and nodes that should have an exporter and have none. */
import { federationJob } from '../../federation.ts';
import type { RuleGroup } from '../model.ts';
import { clusterText as cluster, named } from './places.ts';

const maxSources = 7;

/** Every node has a kubelet that is scraped, or is meant to be: it is the list of what should be there. */
const unwatched = 'count(max by (node) (up{job="kubelet"}) unless on (node) max by (node) (cert_exporter_source_up{source="files"})) or (0 * max(up{job="kubelet"}))';

export const coverageRecords: RuleGroup = {
  name: 'keelson-certificates-watched',
  place: 'workload',
  rules: [
    { kind: 'record', record: 'keelson:cert_source_up:min', expr: 'min by (source) (cert_exporter_source_up)', labels: ['source'], maxSeries: maxSources, since: '0.1.0', help: 'Whether every exporter reaches the source (1) or one does not (0).' },
    { kind: 'record', record: 'keelson:cert_nodes_unwatched:count', expr: unwatched, labels: [], maxSeries: 1, since: '0.1.0', help: 'Nodes whose files no exporter reads.' },
    {
      kind: 'record', record: 'keelson:crl_next_update_timestamp:soonest', expr: `bottomk(${named}, min by (object) (label_replace(label_join(cert_exporter_crl_next_update, "object", " ", "path", "exported_namespace", "name", "key"), "object", "$1", "object", " *(.*?) *")))`, labels: ['object'], maxSeries: named, since: '0.1.0',
      help: `When each revocation list must be replaced by the next, in unix seconds; the ${named} soonest.`,
    },
    {
      kind: 'record', record: 'keelson:vault_token_not_after_timestamp:soonest', expr: `bottomk(${named}, min by (node, path) (cert_exporter_token_not_after))`, labels: ['node', 'path'], maxSeries: named, since: '0.1.0',
      help: `When each Vault token expires, in unix seconds; 0 when Vault does not know it; the ${named} soonest.`,
    },
  ],
};

export const coverageAlerts: RuleGroup = {
  name: 'keelson-certificates-watched-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'CertificateSourceDown', for: '15m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:cert_source_up:min == 0',
      summary: `${cluster}: cert-exporter does not reach its source {{ $labels.source }}`,
      description: `A cert-exporter of cluster ${cluster} cannot read its source {{ $labels.source }}. It shows what it saw last; renewals and new certificates there are not seen.`,
    },
    {
      kind: 'alert', alert: 'CertificatesNotWatched', for: '30m', severity: 'notify', area: 'certificates', team: 'platform',
      // Clusters whose federation works should all report; one that does not is not "no certificates".
      expr: `keelson:cert_nodes_unwatched:count > 0 or (up{job="${federationJob}"} == 1 unless on (cluster_id) keelson:cert_nodes_unwatched:count) * 0`,
      summary: `${cluster}: {{ if eq $value 0.0 }}no report on certificates{{ else }}the certificates of {{ $value }} nodes are not watched{{ end }}`,
      description: `In cluster ${cluster} {{ if eq $value 0.0 }}nothing reports on certificates{{ else }}{{ $value }} nodes have no cert-exporter that reads their files{{ end }}. A certificate there expires without a word.`,
    },
    {
      kind: 'alert', alert: 'RevocationListExpires', for: '15m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:crl_next_update_timestamp:soonest - time() < 86400',
      summary: `${cluster}: revocation list {{ $labels.object }} {{ if lt $value 0.0 }}is out of date{{ else }}is out of date in {{ humanizeDuration $value }}{{ end }}`,
      description: `The next revocation list should be in {{ $labels.object }} of cluster ${cluster} and is not. Clients that check revocation then refuse every certificate of its issuer.`,
    },
    {
      kind: 'alert', alert: 'VaultTokenExpiresSoon', for: '15m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:vault_token_not_after_timestamp:soonest - time() < 3 * 86400',
      summary: `${cluster}: Vault token {{ $labels.path }} on node {{ $labels.node }} {{ if lt $value 0.0 }}has expired or is not known{{ else }}expires in {{ humanizeDuration $value }}{{ end }}`,
      description: `The token in {{ $labels.path }} on node {{ $labels.node }} of cluster ${cluster} {{ if lt $value 0.0 }}has expired, or Vault does not know it{{ else }}expires in {{ humanizeDuration $value }}{{ end }}. Whatever uses it gets no secrets from then on.`,
    },
  ],
};
