/** What endpoints really serve: renewed on disk and never reloaded, or signed by somebody else than their clients trust. */
import type { RuleGroup } from '../model.ts';
import { clusterText as cluster, named } from './places.ts';

const labels = ['address', 'servername'] as const;
const endpoints = (vector: string): string => `topk(${named}, max by (${labels.join(', ')}) (label_replace(${vector}, "address", "$1", "exported_endpoint", "(.+)")))`;
const which = '{{ $labels.address }}{{ if $labels.servername }} ({{ $labels.servername }}){{ end }}';

export const servedRecords: RuleGroup = {
  name: 'keelson-certificates-served',
  place: 'workload',
  rules: [
    { kind: 'record', record: 'keelson:cert_endpoint_stale:info', expr: endpoints('(cert_exporter_endpoint_stale == 1)'), labels, maxSeries: named, since: '0.1.0', help: `1 for each endpoint that serves another certificate than the one it should come from; at most ${named}.` },
    { kind: 'record', record: 'keelson:cert_endpoint_untrusted:info', expr: endpoints('(1 - cert_exporter_endpoint_verified == 1)'), labels, maxSeries: named, since: '0.1.0', help: `1 for each endpoint whose chain or name does not hold against its CA; at most ${named}.` },
  ],
};

export const servedAlerts: RuleGroup = {
  name: 'keelson-certificates-served-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'EndpointServesOldCertificate', for: '30m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:cert_endpoint_stale:info == 1',
      summary: `${cluster}: ${which} still serves the certificate from before its renewal`,
      description: `The certificate behind ${which} of cluster ${cluster} was renewed, and the process has not read it again. When the old one expires its clients are refused, although every file looks right.`,
    },
    {
      kind: 'alert', alert: 'EndpointNotTrusted', for: '15m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:cert_endpoint_untrusted:info == 1',
      summary: `${cluster}: what ${which} serves does not hold against its CA`,
      description: `Chain or name of the certificate that ${which} of cluster ${cluster} serves does not hold against the configured CA: clients that check refuse it now.`,
    },
  ],
};
