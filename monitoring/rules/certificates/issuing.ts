/** Certificates of cert-manager that never came, or whose renewal fails, long before anything expires. */
import type { RuleGroup } from '../model.ts';
import { clusterText as cluster, named } from './places.ts';

const labels = ['namespace', 'certificate', 'issuer_ref'] as const;
/** The Certificate's own namespace and name, under plain names. */
const certificate = (vector: string): string => `label_replace(label_replace(${vector}, "namespace", "$1", "exported_namespace", "(.+)"), "certificate", "$1", "name", "(.+)")`;
const most = (vector: string): string => `topk(${named}, max by (${labels.join(', ')}) (${certificate(vector)}))`;
const which = 'Certificate {{ $labels.namespace }}/{{ $labels.certificate }}';

export const issuingRecords: RuleGroup = {
  name: 'keelson-certificate-issuing',
  place: 'workload',
  rules: [
    {
      kind: 'record', record: 'keelson:cert_never_issued:info', expr: most('(1 - cert_exporter_certificate_ready == 1 unless cert_exporter_certificate_cr_not_after)'), labels, maxSeries: named, since: '0.1.0',
      help: `1 for each Certificate of cert-manager that has never been issued; at most ${named}.`,
    },
    {
      kind: 'record', record: 'keelson:cert_renewal_overdue_seconds:max', expr: most('(time() - cert_exporter_certificate_renewal_time > 0)'), labels, maxSeries: named, since: '0.1.0',
      help: `For how long the renewal of each Certificate of cert-manager has been due; the ${named} longest.`,
    },
  ],
};

export const issuingAlerts: RuleGroup = {
  name: 'keelson-certificate-issuing-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'CertificateNeverIssued', for: '30m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:cert_never_issued:info == 1',
      summary: `${cluster}: ${which} has not been issued`,
      description: `${which} of cluster ${cluster} asks {{ $labels.issuer_ref }} for a certificate and has got none for half an hour. Whatever mounts its Secret does not start.`,
    },
    {
      kind: 'alert', alert: 'CertificateRenewalFails', for: '15m', severity: 'notify', area: 'certificates', team: 'platform', expr: 'keelson:cert_renewal_overdue_seconds:max > 7200',
      summary: `${cluster}: the renewal of ${which} is overdue for {{ humanizeDuration $value }}`,
      description: `cert-manager should have renewed ${which} of cluster ${cluster} {{ humanizeDuration $value }} ago with {{ $labels.issuer_ref }}. It still works, until the certificate expires.`,
    },
  ],
};
