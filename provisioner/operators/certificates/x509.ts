/** Makes and reads certificates. ECDSA P-256 throughout: every TLS library of this decade has it, and a key takes a millisecond. */
import 'reflect-metadata';
import { createHash, createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, type Extension, KeyUsageFlags, KeyUsagesExtension,
  PemConverter, SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate as Parsed, X509CertificateGenerator,
} from '@peculiar/x509';

/** Certificate and private key (PKCS #8), both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 3_600_000;

export const caLifeMs = 3650 * day;
export const servingLifeMs = 90 * day;
/** Certificates begin a little in the past, for clocks that go slow. */
const backdateMs = 5 * 60_000;

/** A new CA. Its name is unique, so that two generations in one bundle are told apart by it. */
export async function issueCa(now: Date): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=keelson-ca-${randomBytes(4).toString('hex')}`,
    ...life(now, new Date(now.getTime() + caLifeMs)),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** A serving certificate for DNS names, signed by the CA, which it never outlives. @param o.dnsNames the first also becomes the common name, where it fits */
export async function issueServing(ca: KeyPair, o: { readonly dnsNames: readonly string[]; readonly now: Date }): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuer = new Parsed(ca.certificate);
  const notAfter = new Date(Math.min(o.now.getTime() + servingLifeMs, issuer.notAfter.getTime()));
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(o.dnsNames.map((value) => ({ type: 'dns' as const, value }))),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer),
  ];
  const certificate = await X509CertificateGenerator.create({
    subject: commonName(o.dnsNames), issuer: issuer.subject, ...life(o.now, notAfter), publicKey: keys.publicKey,
    signingKey: await importKey(ca.key), signingAlgorithm: algorithm, extensions,
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/** The certificates of a PEM bundle in their order. @throws Error when one cannot be read */
export function readBundle(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** The first certificate of a PEM text; undefined where there is none that can be read. */
export function readCertificate(text: string | undefined): X509Certificate | undefined {
  try {
    return text === undefined ? undefined : readBundle(text)[0];
  } catch {
    return undefined;
  }
}

/** Whether the private key is that of the certificate. */
export function isPair(certificate: X509Certificate, key: string | undefined): boolean {
  try {
    return key !== undefined && certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/** The DNS names of a certificate, sorted. */
export function dnsNamesOf(certificate: X509Certificate): string[] {
  const entries = (certificate.subjectAltName ?? '').split(', ').filter((entry) => entry.startsWith('DNS:'));
  return entries.map((entry) => entry.slice('DNS:'.length)).sort();
}

/** Several PEM texts as one, each certificate once. */
export function joinBundle(certificates: readonly string[]): string {
  return [...new Set(certificates.map((certificate) => `${certificate.trim()}\n`))].join('');
}

/** RFC 5280 limits a common name to 64 characters; Go and OpenSSL read only the SAN, but an empty subject would make the SAN critical. */
function commonName(dnsNames: readonly string[]): string {
  const [first = ''] = dnsNames;
  return `CN=${first.length <= 64 ? first : `keelson-${createHash('sha256').update(first).digest('hex').slice(0, 16)}`}`;
}

function life(now: Date, notAfter: Date): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - backdateMs), notAfter };
}

function pem(certificate: Parsed): string {
  return `${certificate.toString('pem').trim()}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

async function importKey(key: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
