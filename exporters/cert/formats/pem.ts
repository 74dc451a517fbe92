/**
 * Blocks of PEM (RFC 7468). Only the bytes of certificates and revocation lists are decoded: what else a file or Secret
 * holds (private keys) stays in the caller's buffer.
 */
import { X509Certificate } from 'node:crypto';
import type { SkipReason } from '../catalogue.ts';
import { readCertificate, type Certificate } from '../x509/certificate.ts';
import { readCrl } from '../x509/crl.ts';
import type { Found } from './found.ts';

/** "X509 CERTIFICATE" is the old name, "TRUSTED CERTIFICATE" OpenSSL's with trust settings behind the certificate (RFC 7468, 5.1). */
const kinds = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE', 'X509 CRL'];
const begin = '-----BEGIN ';

export const isPem = (content: Buffer): boolean => content.includes(begin);

/** All certificates and revocation lists of any number of blocks, in order. */
export function readPem(content: Buffer): Found {
  const found = { certificates: [] as Certificate[], crls: [] as NonNullable<ReturnType<typeof readCrl>>[], problems: [] as SkipReason[] };
  for (const { kind, block, body } of blocksOf(content)) {
    const der = body && decode(body);
    if (kind === 'X509 CRL') {
      const crl = der && readCrl(der);
      if (crl) found.crls.push(crl);
      else found.problems.push('bad_crl');
      continue;
    }
    const certificate = der ? readCertificate(der) : block && askCrypto(block);
    if (certificate) found.certificates.push(certificate);
    else found.problems.push(block ? 'bad_certificate' : 'bad_pem');
  }
  return found;
}

interface Piece {
  readonly kind: string;
  /** With armour; undefined for one that begins and does not end before the next begins. */
  readonly block?: Buffer;
  /** Without. */
  readonly body?: Buffer;
}

function* blocksOf(content: Buffer): Generator<Piece> {
  for (let at = content.indexOf(begin); at >= 0; ) {
    const next = content.indexOf(begin, at + begin.length);
    const piece = content.subarray(at, next < 0 ? content.length : next);
    const kind = kinds.find((name) => piece.indexOf(`${begin}${name}-----`) === 0);
    if (kind) {
      const [head, tail] = [`${begin}${kind}-----`.length, `-----END ${kind}-----`];
      const end = piece.indexOf(tail);
      yield end < 0 ? { kind } : { kind, block: piece.subarray(0, end + tail.length), body: piece.subarray(head, end) };
    }
    at = next;
  }
}

/** Strict where Buffer is lenient: undefined for anything that is not base64 in lines. */
function decode(body: Buffer): Buffer | undefined {
  const text = body.toString('latin1');
  const packed = text.replace(/\r?\n/g, '');
  if (!text.startsWith('\n') && !text.startsWith('\r\n')) return undefined;
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(packed) ? Buffer.from(packed, 'base64') : undefined;
}

/** What we do not decode (headers, other white space) OpenSSL may. */
function askCrypto(block: Buffer): Certificate | undefined {
  try {
    return readCertificate(new X509Certificate(block).raw);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return undefined;
  }
}
