/** Certificates as samples of the catalogue's families. */
import type { Sample } from '../core/store.ts';
import type { Place } from './catalogue.ts';
import type { Certificate } from './x509/certificate.ts';
import type { Crl } from './x509/crl.ts';
import { identityOf } from './x509/identity.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Samples {
  readonly samples: readonly Sample[];
  /** Certificates left out because another under the same labels has the same serial number. */
  readonly collisions: number;
}

/**
 * Samples of all certificates under the same labels. Of those with one serial number the one that expires first is
 * shown: the series would be the same.
 * @param withInfo whether info is wanted at all: it costs more than the rest together
 */
export function certificateSamples(place: Place, labels: Labels, certificates: readonly Certificate[], withInfo: boolean): Samples {
  const bySerial = new Map<string, Certificate>();
  for (const certificate of certificates) {
    const known = bySerial.get(certificate.serial);
    if (!known || certificate.notAfter < known.notAfter) bySerial.set(certificate.serial, certificate);
  }
  const samples: Sample[] = [];
  for (const certificate of bySerial.values()) {
    const identified = { ...labels, serialnumber: certificate.serial };
    samples.push({ family: `${place}_not_after`, labels: identified, value: certificate.notAfter }, { family: `${place}_not_before`, labels: identified, value: certificate.notBefore });
    if (withInfo) samples.push({ family: `${place}_info`, labels: { ...identified, ...identity(certificate) }, value: 1 });
  }
  return { samples, collisions: certificates.length - bySerial.size };
}

function identity(certificate: Certificate): Labels {
  const { subjectCn, issuerCn, sans, keyType, keySize, signatureAlgorithm, isCa, fingerprint } = identityOf(certificate);
  return {
    subject_cn: subjectCn, issuer_cn: issuerCn, sans, key_type: keyType, key_size: keySize, signature_algorithm: signatureAlgorithm,
    is_ca: String(isCa), sha256: fingerprint,
  };
}

/** Lists without a next update have no sample. Of several by one issuer the one that is due first is shown. */
export function crlSamples(labels: Labels, crls: readonly Crl[]): Sample[] {
  const byIssuer = new Map<string, number>();
  for (const { issuerCn, nextUpdate } of crls) {
    if (nextUpdate !== undefined) byIssuer.set(issuerCn, Math.min(nextUpdate, byIssuer.get(issuerCn) ?? Infinity));
  }
  return [...byIssuer].map(([issuer, value]) => ({ family: 'cert_exporter_crl_next_update', labels: { ...labels, issuer_cn: issuer }, value }));
}
