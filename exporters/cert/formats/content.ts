/** Tells what some bytes are by their content and reads them; names of files mean nothing but a hint. */
import { tag } from '../x509/der.ts';
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

/** PFX begins with its version 3 (RFC 7292, 4). Also of one that is cut off, or written with an indefinite length. */
export const isPkcs12 = (content: Buffer): boolean => content[0] === tag.sequence && inside(content).subarray(0, 3).equals(pfxVersion);

const pfxVersion = Buffer.from([tag.integer, 1, 3]);

/** What stands behind the first tag and length, whatever the length says. */
const inside = (content: Buffer): Buffer => content.subarray((content[1] ?? 0) > 0x80 ? 2 + (content[1] ?? 0) - 0x80 : 2);

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
const looksSigned = (content: Buffer): boolean => inside(content)[0] === tag.sequence;
