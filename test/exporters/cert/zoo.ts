/** Certificates of every kind that OpenSSL makes, and what node:crypto and we say of bytes. */
import { X509Certificate } from 'node:crypto';
import { readCertificate } from '../../../exporters/cert/x509/certificate.ts';
import type { OpenSsl } from './openssl.ts';

interface Said {
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Each entry makes one, as PEM. */
export const zoo = (openssl: OpenSsl): Record<string, () => Buffer> => ({
  ec: () => openssl.certificate('ec'),
  p384: () => openssl.certificate('p384', { key: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-384'] }),
  rsa: () => openssl.certificate('rsa', { key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], extensions: 'basicConstraints = critical, CA:TRUE' }),
  rsaPss: () => openssl.certificate('pss', { key: ['RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'] }),
  ed25519: () => openssl.certificate('ed25519', { key: ['ED25519'] }),
  longSerial: () => openssl.certificate('long', { serial: '7f00ff00ff00ff00ff00ff00ff00ff00ff00ff01' }),
  negativeSerial: () => {
    openssl.run('req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', 'negative.key', '-out', 'negative.crt', '-days', '10', '-set_serial', '-0x1f', '-subj', '/CN=negative');
    return openssl.read('negative.crt');
  },
  beyond2050: () => openssl.certificate('beyond', { dates: ['260101000000Z', '20610203040506Z'] }),
  generalizedFrom: () => openssl.certificate('from', { dates: ['20550101000000Z', '99991231235959Z'] }),
  expired: () => openssl.certificate('expired', { dates: ['000101000000Z', '010101000000Z'] }),
  notYetValid: () => openssl.certificate('future', { dates: ['480101000000Z', '490101000000Z'] }),
  manyNames: () => openssl.certificate('names', { extensions: `subjectAltName = ${many},IP:10.0.0.1,IP:fd00::1,URI:spiffe://a/b,email:a@example.org` }),
  emptySubject: () => openssl.certificate('empty', { subject: '/', extensions: 'subjectAltName = critical, DNS:only.example' }),
  v1: () => openssl.certificate('v1', { isV1: true }),
  unicode: () => openssl.certificate('unicode', { subject: '/O=Käse "GmbH"\\\\ \n/CN=ünï 証明書' }),
});

/** A hundred names. */
const many = Array.from({ length: 100 }, (_, i) => `DNS:host-${i}.example.org`).join(',');

/** What node:crypto says of the same bytes: undefined where it refuses them. */
export function oracle(bytes: Buffer): Said | undefined {
  try {
    const { serialNumber, validFrom, validTo } = new X509Certificate(bytes); // the Dates beside them are garbage where a time is none
    const [, sign = '', digits = ''] = /^(-?)0*([0-9A-F]*)$/i.exec(serialNumber)!;
    const [notBefore, notAfter] = [timeOf(validFrom), timeOf(validTo)] as const;
    return Number.isFinite(notBefore) && Number.isFinite(notAfter) ? { serial: digits === '' ? '0' : sign + digits.toLowerCase(), notBefore, notAfter } : undefined;
  } catch {
    return undefined;
  }
}

/** "Feb  3 04:05:06 2061 GMT"; Date.parse would read the year 61 as 1961. NaN for "Bad time value". */
function timeOf(text: string): number {
  const year = Number(/ (\d+) GMT$/.exec(text)?.[1]);
  const date = new Date(text.replace(/ \d+ GMT$/, ` ${2000 + (year % 400)} GMT`)); // a year with the same days
  return date.setUTCFullYear(year) / 1000;
}

/** What we say of them. */
export const ours = (bytes: Buffer): Said | undefined => {
  const read = readCertificate(bytes);
  return read && { serial: read.serial, notBefore: read.notBefore, notAfter: read.notAfter };
};

/** Where the two differ over a certificate of which one byte is changed at a time. */
export function disagreements(name: string, der: Buffer, changes: readonly number[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < der.length; at++) {
    for (const change of changes) {
      const bytes = Buffer.from(der);
      bytes[at]! ^= change;
      const [mine, theirs] = [JSON.stringify(ours(bytes)), JSON.stringify(oracle(bytes))];
      if (mine !== theirs) found.push(`${name} byte ${at} of ${der.length} ^ ${change}: ${mine} and node:crypto ${theirs}`);
    }
  }
  return found;
}
