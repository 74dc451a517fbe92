/** Who a certificate is for and what it is made of, as short texts for the info families. */
import { hash, X509Certificate } from 'node:crypto';
import type { Certificate, Parts } from './certificate.ts';
import { bits, Der, dotted, NotDer, tag } from './der.ts';
import { commonName } from './name.ts';
import { curves, keyTypes, signatureAlgorithms } from './oids.ts';

export interface Identity {
  readonly subjectCn: string;
  readonly issuerCn: string;
  /** The first names, separated by commas; "+95" at the end stands for those left out. */
  readonly sans: string;
  /** "RSA", "EC", "Ed25519" … or a dotted object identifier. */
  readonly keyType: string;
  /** Bits of an RSA modulus, or the curve: "2048", "P-256"; "" where the type says it all. */
  readonly keySize: string;
  readonly signatureAlgorithm: string;
  readonly isCa: boolean;
  /** The first 16 hex digits of the SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/** Names in one label, and characters of each: a certificate may have hundreds, a label is an identity. */
const maxNames = 5;
const maxNameLength = 100;

export function identityOf({ der, parts }: Certificate): Identity {
  const fingerprint = fingerprintOf(der);
  return parts ? { ...describe(parts), fingerprint } : { ...askCrypto(der), fingerprint };
}

export const fingerprintOf = (der: Buffer): string => hash('sha256', der, 'hex').slice(0, 16);

function describe({ signatureAlgorithm, issuer, subject, key, extensions }: Parts): Omit<Identity, 'fingerprint'> {
  const algorithm = dotted(signatureAlgorithm);
  const found = extensions ? readExtensions(extensions) : { sans: [], isCa: false };
  return {
    subjectCn: commonName(subject), issuerCn: commonName(issuer), sans: bounded(found.sans), isCa: found.isCa,
    signatureAlgorithm: signatureAlgorithms[algorithm] ?? algorithm, ...describeKey(key),
  };
}

function bounded(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).map((name) => (name.length > maxNameLength ? `${name.slice(0, maxNameLength - 1)}…` : name));
  return names.length > maxNames ? [...shown, `+${names.length - maxNames}`].join(',') : shown.join(',');
}

function describeKey(content: Buffer): { keyType: string; keySize: string } {
  const key = new Der(content);
  const algorithm = key.enter(tag.sequence);
  const oid = dotted(algorithm.enter(tag.oid).rest());
  const keyType = keyTypes[oid] ?? oid;
  if (keyType === 'EC' && algorithm.peek() === tag.oid) {
    const curve = dotted(algorithm.enter(tag.oid).rest());
    return { keyType, keySize: curves[curve] ?? curve };
  }
  return { keyType, keySize: keyType.startsWith('RSA') ? modulusBits(bits(key.enter(tag.bitString))) : '' };
}

/** RFC 8017, A.1.1. */
function modulusBits(publicKey: Buffer): string {
  return tolerant('', () => {
    const modulus = new Der(publicKey).enter(tag.sequence).enter(tag.integer).rest();
    const first = modulus.findIndex((byte) => byte !== 0);
    return first < 0 ? '0' : String(8 * (modulus.length - first) - Math.clz32(modulus[first] ?? 0) + 24);
  });
}

const subjectAltName = Buffer.from([0x55, 0x1d, 0x11]);
const basicConstraints = Buffer.from([0x55, 0x1d, 0x13]);

function readExtensions(content: Buffer): { sans: readonly string[]; isCa: boolean } {
  let sans: readonly string[] = [];
  let isCa = false;
  const list = new Der(content);
  while (!list.isAtEnd) {
    const extension = list.enter(tag.sequence);
    const oid = extension.enter(tag.oid).rest();
    extension.optional(tag.boolean);
    const value = extension.enter(tag.octetString).rest();
    if (oid.equals(subjectAltName)) sans = tolerant([], () => generalNames(value));
    if (oid.equals(basicConstraints)) isCa = tolerant(false, () => (new Der(value).enter(tag.sequence).optional(tag.boolean)?.rest()[0] ?? 0) !== 0);
  }
  return { sans, isCa };
}

/** What an extension holds is checked by nobody before it is used: damaged content gives nothing. */
function tolerant<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotDer) return otherwise;
    throw error;
  }
}

/** Mail addresses, DNS names, URIs and IP addresses (RFC 5280, 4.2.1.6); other kinds are left out. */
function generalNames(content: Buffer): string[] {
  const names: string[] = [];
  const list = new Der(content).enter(tag.sequence);
  while (!list.isAtEnd) {
    const kind = list.peek();
    const bytes = list.any().rest();
    if (kind === 0x81 || kind === 0x82 || kind === 0x86) names.push(bytes.toString('latin1'));
    if (kind === 0x87) names.push(address(bytes));
  }
  return names;
}

function address(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.length !== 16) return bytes.toString('hex');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1); // the shortest form
}

function askCrypto(der: Buffer): Omit<Identity, 'fingerprint'> {
  const parsed = new X509Certificate(der);
  const cn = (name: string | undefined): string => /(?:^|\n)CN=([^\n]*)/.exec(name ?? '')?.[1] ?? '';
  const sans = (parsed.subjectAltName ?? '').split(', ').filter(Boolean).map((name) => name.replace(/^[A-Za-z ]+:/, ''));
  return { subjectCn: cn(parsed.subject), issuerCn: cn(parsed.issuer), sans: bounded(sans), keyType: '', keySize: '', signatureAlgorithm: '', isCa: parsed.ca };
}
