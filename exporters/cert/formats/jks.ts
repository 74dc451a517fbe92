/**
 * Java keystores, types JKS and JCEKS. Certificates in them are not encrypted, so they are read without a passphrase;
 * one that is given is checked against the digest at the end.
 * Layout: OpenJDK, sun/security/provider/JavaKeyStore.java (engineLoad) and com/sun/crypto/provider/JceKeyStore.java.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readCertificate, type Certificate } from '../x509/certificate.ts';
import { problem, type Found } from './found.ts';

const magics = new Set([0xfeedfeed, 0xcececece]);

/** Salt of the digest, as in JavaKeyStore.getPreKeyedHash. */
const whitener = 'Mighty Aphrodite';
const digestBytes = 20;

const entry = { key: 1, certificate: 2 } as const;

export const isJks = (content: Buffer): boolean => content.length > 12 && magics.has(content.readUInt32BE(0));

/** @param passphrases any of which may be the right one; none: the digest is not checked */
export function readJks(content: Buffer, passphrases: readonly string[]): Found {
  try {
    const { certificates, isComplete, end } = readEntries(content);
    if (isComplete && passphrases.length > 0 && !passphrases.some((one) => hasDigest(content, end, one))) return problem('bad_passphrase');
    const damaged = certificates.filter((one) => one === undefined).map(() => 'bad_certificate' as const);
    return { certificates: certificates.filter((one) => one !== undefined), crls: [], problems: isComplete ? damaged : [...damaged, 'bad_jks'] };
  } catch (error) {
    if (error instanceof NotJks) return problem('bad_jks');
    throw error;
  }
}

function readEntries(content: Buffer): { certificates: (Certificate | undefined)[]; isComplete: boolean; end: number } {
  const cursor = new Cursor(content);
  cursor.uint32();
  const version = cursor.uint32();
  if (version !== 1 && version !== 2) throw new NotJks('a version that does not exist');
  const certificates: (Certificate | undefined)[] = [];
  for (let left = cursor.uint32(); left > 0; left--) {
    const kind = cursor.uint32();
    // A secret key of JCEKS is a serialized Java object whose length stands nowhere: what follows cannot be found.
    if (kind !== entry.key && kind !== entry.certificate) {
      if (content.readUInt32BE(0) === 0xcececece && kind === 3) return { certificates, isComplete: false, end: 0 };
      throw new NotJks('an entry of a kind that does not exist');
    }
    cursor.bytes(cursor.uint16()); // alias
    cursor.bytes(8); // time of creation
    if (kind === entry.key) cursor.bytes(cursor.uint32());
    for (let chain = kind === entry.key ? cursor.uint32() : 1; chain > 0; chain--) {
      if (version === 2) cursor.bytes(cursor.uint16()); // "X.509"
      certificates.push(readCertificate(cursor.bytes(cursor.uint32())));
    }
  }
  if (content.length - cursor.at !== digestBytes) throw new NotJks('no digest at the end');
  return { certificates, isComplete: true, end: cursor.at };
}

function hasDigest(content: Buffer, end: number, passphrase: string): boolean {
  const digest = createHash('sha1').update(Buffer.from(passphrase, 'utf16le').swap16()).update(whitener).update(content.subarray(0, end)).digest();
  return timingSafeEqual(digest, content.subarray(end));
}

/** The bytes are no keystore. Thrown inside of this file only. */
class NotJks extends Error {}

class Cursor {
  readonly #content: Buffer;
  at = 0;

  constructor(content: Buffer) {
    this.#content = content;
  }

  uint16(): number {
    return this.bytes(2).readUInt16BE(0);
  }

  uint32(): number {
    return this.bytes(4).readUInt32BE(0);
  }

  bytes(length: number): Buffer {
    if (length > this.#content.length - this.at) throw new NotJks('longer than the file');
    this.at += length;
    return this.#content.subarray(this.at - length, this.at);
  }
}
