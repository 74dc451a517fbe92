/**
 * Every metric family of cert-exporter. Pure data: rules, boards and the reference page are checked against it.
 * Families with `compatibleWith` keep the name, labels and meaning of the exporter they replace.
 */
import { sourceFamilies, type MetricFamily } from '../core/catalogue.ts';

/** Where certificates come from; the value of the label `source`. */
export const certSources = ['files', 'secrets', 'configmaps', 'ca_bundles', 'certificates', 'vault_tokens', 'endpoints'] as const;
export type CertSource = (typeof certSources)[number];

/** Why an object was skipped or a source did not answer. A directory that cannot be opened counts as one object. */
export const skipReasons = {
  not_found: 'it was gone when it was to be read, or a configured directory does not exist',
  permission_denied: 'this user may not read it',
  read_failed: 'reading failed for another reason; the log says which',
  broken_symlink: 'a symbolic link points to nothing or in a circle',
  outside_root: 'a symbolic link leaves the configured directory',
  too_large: 'it is larger than files.maxFileBytes',
  bad_pem: 'a certificate block begins and does not end',
  bad_certificate: 'a certificate block or file does not hold an X.509 certificate',
  bad_crl: 'a block of a revocation list does not hold one',
  bad_kubeconfig: 'a certificate in a kubeconfig is written in a way that is not understood',
  bad_jks: 'a Java keystore is damaged, or a secret key in it hides what follows',
  bad_pkcs12: 'a PKCS#12 file is damaged, uses unknown algorithms or takes too long to open',
  bad_passphrase: 'no passphrase that is configured opens the keystore',
  no_certificate: 'there is no certificate where one belongs: in tls.crt of a Secret, in a file named .crt, .cer, .p12 or .jks',
  list_or_watch_failed: 'the API server did not answer, or refused; the log says why',
  kind_not_installed: 'the API server does not know the kind: its CustomResourceDefinition is not installed',
  lookup_failed: 'Vault did not answer a lookup of the token, or refused',
  handshake_failed: 'no TLS handshake with the endpoint; the log says why',
  expected_missing: 'the file or Secret that an endpoint should serve from holds no certificate',
} as const;
export type SkipReason = keyof typeof skipReasons;

const base = { stability: 'stable', since: '0.1.0', type: 'gauge' } as const;
const seconds = { ...base, unit: 'seconds' } as const;
const giantswarm = { ...seconds, compatibleWith: 'giantswarm/cert-exporter 2.12' } as const;

/** What the info families say beside the labels that identify the certificate. */
export const identityLabels = ['subject_cn', 'issuer_cn', 'sans', 'key_type', 'key_size', 'signature_algorithm', 'is_ca', 'sha256'] as const;

/** Places where certificates are, with the labels that identify one. The twins of a place have the same labels, so that they join. */
const places = {
  cert_exporter: { labels: ['path', 'serialnumber'], where: 'in the file', notAfter: giantswarm, values: {} },
  cert_exporter_secret: {
    labels: ['name', 'namespace', 'secretkey', 'certificatename', 'serialnumber'], where: 'in the Secret', notAfter: giantswarm, values: {},
  },
  cert_exporter_configmap: { labels: ['name', 'namespace', 'configmapkey', 'serialnumber'], where: 'in the ConfigMap', notAfter: seconds, values: {} },
  cert_exporter_ca_bundle: { labels: ['kind', 'name', 'webhook', 'serialnumber'], where: 'in the caBundle', notAfter: seconds, values: {} },
  cert_exporter_endpoint: { labels: ['endpoint', 'servername', 'serialnumber'], where: 'that the endpoint serves', notAfter: seconds, values: {} },
} as const;
export type Place = keyof typeof places;

function twins(prefix: Place): readonly MetricFamily[] {
  const { labels, where, notAfter, values } = places[prefix];
  return [
    { ...notAfter, name: `${prefix}_not_after`, labels, values, help: `Timestamp after which the certificate ${where} is invalid, in unix seconds.` },
    { ...seconds, name: `${prefix}_not_before`, labels, values, help: `Timestamp before which the certificate ${where} is invalid, in unix seconds.` },
    { ...base, name: `${prefix}_info`, labels: [...labels, ...identityLabels], help: `Always 1; says who the certificate ${where} is for.` },
  ];
}

const resource = ['name', 'namespace', 'issuer_ref', 'managed_issuer'];

/** Families whose samples are collected: of certificates and what belongs to them. */
export const certificateFamilies: readonly MetricFamily[] = [
  ...(Object.keys(places) as Place[]).flatMap(twins),
  { ...giantswarm, name: 'cert_exporter_certificate_cr_not_after', labels: resource, help: 'Timestamp after which the certificate of the cert-manager Certificate is invalid, in unix seconds.' },
  { ...seconds, name: 'cert_exporter_certificate_cr_not_before', labels: resource, help: 'Timestamp before which the certificate of the cert-manager Certificate is invalid, in unix seconds.' },
  { ...base, name: 'cert_exporter_certificate_ready', labels: resource, help: 'Whether the cert-manager Certificate is Ready (1) or not (0); one that was never issued is 0 and has no not_after.' },
  { ...seconds, name: 'cert_exporter_certificate_renewal_time', labels: resource, help: 'When cert-manager will renew the certificate, in unix seconds.' },
  { ...base, name: 'cert_exporter_certificate_failed_attempts', labels: resource, help: 'Attempts at issuing that have failed since the last success.' },
  { ...giantswarm, name: 'cert_exporter_token_not_after', labels: ['path'], help: 'Timestamp after which the Vault token in the file is invalid, in unix seconds; 0 when Vault does not know it; absent when it never expires.' },
  { ...seconds, name: 'cert_exporter_crl_next_update', labels: ['path', 'namespace', 'name', 'key', 'issuer_cn'], help: 'When the certificate revocation list must be replaced by the next one, in unix seconds.' },
  { ...seconds, name: 'cert_exporter_endpoint_handshake_seconds', labels: ['endpoint', 'servername'], help: 'How long the last TLS handshake took, the connection included.' },
  { ...base, name: 'cert_exporter_endpoint_verified', labels: ['endpoint', 'servername'], help: 'Whether chain and name of the served certificate hold against the configured CA (1) or not (0).' },
  { ...base, name: 'cert_exporter_endpoint_stale', labels: ['endpoint', 'servername'], help: 'Whether the endpoint serves another certificate (1) than the file or Secret that it should come from (0): renewed and never reloaded.' },
];

/** Families about the exporter itself. */
export const healthFamilies: readonly MetricFamily[] = [
  ...sourceFamilies('cert_exporter', certSources, Object.keys(skipReasons)),
  { name: 'cert_exporter_collisions_total', type: 'counter', labels: ['source'], values: { source: certSources }, stability: 'beta', since: '0.1.0', help: 'Certificates left out because another of the same object has the same serial number; the one that expires first is shown.' },
  { name: 'cert_exporter_build_info', type: 'gauge', labels: ['version'], stability: 'stable', since: '0.1.0', help: 'Always 1; the version is in the label.' },
];

export const catalogue: readonly MetricFamily[] = [...certificateFamilies, ...healthFamilies];

/** Groups of families that a configuration can switch off, by their key in it. */
export const switchable: Readonly<Record<'notBefore' | 'info' | 'crl' | 'certificateStatus', (family: string) => boolean>> = {
  notBefore: (family) => family.endsWith('_not_before'),
  info: (family) => family.endsWith('_info') && family !== 'cert_exporter_build_info',
  crl: (family) => family.startsWith('cert_exporter_crl_'),
  certificateStatus: (family) => /^cert_exporter_certificate_(ready|renewal_time|failed_attempts)$/.test(family),
};
