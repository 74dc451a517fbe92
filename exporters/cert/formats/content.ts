/** Tells what some bytes are by their content and reads them; names of files mean nothing but a hint. */
import { Der, NotDer, tag } from '../x509/der.ts';
import { readCertificate } from '../x509/certificate.ts';
import { readCrl } from '../x509/crl.ts';
import { nothing, problem, type Found } from './found.ts';
import { isJks, readJks } from './jks.ts';
import { isKubeconfig, readKubeconfig } from './kubeconfig.ts';
import { isPem, readPem } from './pem.ts';

/** @param passphrases for Java keystores; PKCS#12 is not read here but by pkcs12.ts, because it takes time */
export function readContent(content: Buffer, passphrases: readonly string[] = []): Found {
  if (isPem(content)) return readPem(content);
  if (isJks(content)) return readJks(content, passphrases);
  if (content[0] === tag.sequence) return readDer(content);
  if (isKubeconfig(content)) return readKubeconfig(content);
  return nothing;
}

/** PFX begins with its version 3 (RFC 7292, 4). */
export function isPkcs12(content: Buffer): boolean {
  try {
    return content[0] === tag.sequence && new Der(content).enter(tag.sequence).optional(tag.integer)?.rest().equals(pfxVersion) === true;
  } catch (error) {
    if (error instanceof NotDer) return startsAsBer(content);
    throw error;
  }
}

const pfxVersion = Buffer.from([3]);

/** Some writers (Windows, old Java) use an indefinite length outside. */
const startsAsBer = (content: Buffer): boolean => content.subarray(0, 5).equals(Buffer.from([0x30, 0x80, 0x02, 0x01, 0x03]));

/** A certificate or a revocation list; keys, which begin with a number, are passed over. */
function readDer(content: Buffer): Found {
  if (isPkcs12(content)) return nothing;
  const certificate = readCertificate(content);
  if (certificate) return { ...nothing, certificates: [certificate] };
  const crl = readCrl(content);
  if (crl) return { ...nothing, crls: [crl] };
  return looksSigned(content) ? problem('bad_certificate') : nothing;
}

/** A sequence that begins with a sequence: what certificates and lists have in common and keys do not. */
function looksSigned(content: Buffer): boolean {
  const lengthBytes = (content[1] ?? 0) > 0x80 ? (content[1] ?? 0) - 0x80 : 0;
  return content[2 + lengthBytes] === tag.sequence;
}
