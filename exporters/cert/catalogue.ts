/**
 * Every metric family of cert-exporter. Pure data: rules, boards and the reference page are checked against it.
 * Families with `compatibleWith` keep the name, labels and meaning of the exporter they replace.
 */
import { sourceFamilies, type MetricFamily } from '../core/catalogue.ts';

/** Where certificates come from; the value of the label `source`. */
export const certSources = ['files', 'secrets'] as const;
export type CertSource = (typeof certSources)[number];

/** Why an object was skipped. A directory that cannot be opened counts as one object. */
export const skipReasons = {
  not_found: 'it was gone when it was to be read, or a configured directory does not exist',
  permission_denied: 'this user may not read it',
  read_failed: 'reading failed for another reason; the log says which',
  broken_symlink: 'a symbolic link points to nothing or in a circle',
  outside_root: 'a symbolic link leaves the configured directory',
  too_large: 'it is larger than files.maxFileBytes',
  bad_pem: 'a certificate block begins and does not end',
  bad_certificate: 'a certificate block does not hold an X.509 certificate',
  no_certificate: 'tls.crt of a Secret holds no certificate',
} as const;
export type SkipReason = keyof typeof skipReasons;

const giantswarm = { unit: 'seconds', stability: 'stable', since: '0.1.0', type: 'gauge', compatibleWith: 'giantswarm/cert-exporter 2.12' } as const;
const additive = { unit: 'seconds', stability: 'stable', since: '0.1.0', type: 'gauge' } as const;

/** Families whose samples are collected: one per certificate. */
export const certificateFamilies: readonly MetricFamily[] = [
  { ...giantswarm, name: 'cert_exporter_not_after', labels: ['path', 'serialnumber'], help: 'Timestamp after which the certificate in the file is invalid, in unix seconds.' },
  { ...additive, name: 'cert_exporter_not_before', labels: ['path', 'serialnumber'], help: 'Timestamp before which the certificate in the file is invalid, in unix seconds.' },
  {
    ...giantswarm, name: 'cert_exporter_secret_not_after', labels: ['name', 'namespace', 'secretkey', 'certificatename', 'serialnumber'],
    values: { secretkey: ['ca.crt', 'tls.crt'] }, help: 'Timestamp after which the certificate in the Secret is invalid, in unix seconds.',
  },
  {
    ...additive, name: 'cert_exporter_secret_not_before', labels: ['name', 'namespace', 'secretkey', 'certificatename', 'serialnumber'],
    values: { secretkey: ['ca.crt', 'tls.crt'] }, help: 'Timestamp before which the certificate in the Secret is invalid, in unix seconds.',
  },
];

/** Families about the exporter itself. */
export const healthFamilies: readonly MetricFamily[] = [
  ...sourceFamilies('cert_exporter', certSources, Object.keys(skipReasons)),
  { name: 'cert_exporter_collisions_total', type: 'counter', labels: ['source'], values: { source: certSources }, stability: 'beta', since: '0.1.0', help: 'Certificates left out because another of the same object has the same serial number; the one that expires first is shown.' },
  { name: 'cert_exporter_build_info', type: 'gauge', labels: ['version'], stability: 'stable', since: '0.1.0', help: 'Always 1; the version is in the label.' },
];

export const catalogue: readonly MetricFamily[] = [...certificateFamilies, ...healthFamilies];
