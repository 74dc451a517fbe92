/** Certificates as samples of the catalogue's families. */
import type { Sample } from '../core/store.ts';
import type { Certificate } from './certificate.ts';

/** Samples of the certificates of one file. */
export function fileSamples(path: string, certificates: readonly Certificate[]): Sample[] {
  return certificates.flatMap((certificate) => twins('cert_exporter', { path, serialnumber: certificate.serial }, certificate));
}

export interface SecretCertificate extends Certificate {
  readonly key: 'ca.crt' | 'tls.crt';
}

export interface SecretIdentity {
  readonly name: string;
  readonly namespace: string;
  /** Annotation cert-manager.io/certificate-name, or "". */
  readonly certificateName: string;
}

/** Samples of the certificates of one Secret. */
export function secretSamples({ name, namespace, certificateName }: SecretIdentity, certificates: readonly SecretCertificate[]): Sample[] {
  return certificates.flatMap((certificate) =>
    twins('cert_exporter_secret', { name, namespace, secretkey: certificate.key, certificatename: certificateName, serialnumber: certificate.serial }, certificate));
}

function twins(prefix: string, labels: Readonly<Record<string, string>>, { notAfter, notBefore }: Certificate): Sample[] {
  return [
    { family: `${prefix}_not_after`, labels, value: notAfter },
    { family: `${prefix}_not_before`, labels, value: notBefore },
  ];
}
