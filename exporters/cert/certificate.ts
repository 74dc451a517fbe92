/**
 * Certificates out of PEM text. Only the bytes of certificate blocks are ever turned into strings or objects: what
 * else a file or Secret holds (private keys) stays in the caller's buffer.
 */
import { X509Certificate } from 'node:crypto';
import type { SkipReason } from './catalogue.ts';

export interface Certificate {
  /** Lower-case hex without leading zeros, as Go prints a big integer; "-" before a negative one. */
  readonly serial: string;
  /** Unix seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Certificates {
  readonly certificates: readonly Certificate[];
  /** One entry per block that could not be read. */
  readonly problems: readonly SkipReason[];
}

/** "X509 CERTIFICATE" is the old name, "TRUSTED CERTIFICATE" OpenSSL's with trust settings (RFC 7468, section 5.1). */
const kinds = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];

/** All certificates of any number of PEM blocks, in order. Blocks of other kinds are passed over. */
export function certificatesOf(content: Buffer): Certificates {
  const certificates: Certificate[] = [];
  const problems: SkipReason[] = [];
  for (const block of blocksOf(content)) {
    const certificate = block && parse(block);
    if (certificate) certificates.push(certificate);
    else problems.push(block ? 'bad_certificate' : 'bad_pem');
  }
  return { certificates, problems };
}

/** The certificate blocks with their armour; undefined for one that begins and does not end before the next begins. */
function* blocksOf(content: Buffer): Generator<Buffer | undefined> {
  const begin = '-----BEGIN ';
  for (let at = content.indexOf(begin); at >= 0; ) {
    const next = content.indexOf(begin, at + begin.length);
    const piece = content.subarray(at, next < 0 ? content.length : next);
    const kind = kinds.find((name) => piece.indexOf(`${begin}${name}-----`) === 0);
    if (kind) {
      const end = piece.indexOf(`-----END ${kind}-----`);
      yield end < 0 ? undefined : piece.subarray(0, end + `-----END ${kind}-----`.length);
    }
    at = next;
  }
}

function parse(block: Buffer): Certificate | undefined {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(block);
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return undefined;
  }
  const [notBefore, notAfter] = [parsed.validFromDate, parsed.validToDate].map((date) => Math.floor(date.getTime() / 1000));
  if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) return undefined;
  return { serial: serialOf(parsed.serialNumber), notBefore: Number(notBefore), notAfter: Number(notAfter) };
}

/** OpenSSL prints upper-case hex with an even number of digits. */
function serialOf(openssl: string): string {
  const [, sign = '', digits = ''] = /^(-?)0*([0-9A-F]*)$/i.exec(openssl) ?? [];
  return digits === '' ? '0' : `${sign}${digits.toLowerCase()}`;
}
