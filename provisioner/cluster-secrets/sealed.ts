/**
 * A sealed file: text that only a passphrase opens. The format is ours and small enough to be opened without us
 * (docs/clusters.md has the Python for it):
 *
 *   line 1   keelson-sealed v1
 *   line 2   {"kdf":"scrypt","n":131072,"r":8,"p":1,"salt":"<base64, 16 bytes>","cipher":"aes-256-gcm","nonce":"<base64, 12 bytes>"}
 *   rest     base64, 76 characters a line: ciphertext, then the 16 bytes of the tag
 *
 * The first two lines are authenticated too, so that nobody weakens the derivation. scrypt with these costs takes 128 MiB
 * and about half a second (RFC 7914; OWASP's first choice for scrypt).
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { SealedFileError } from './errors.ts';

const magic = 'keelson-sealed v1';
const costs = { n: 131_072, r: 8, p: 1 } as const;
const tagBytes = 16;
const keyBytes = 32;
/** Twelve characters that a generator drew hold 70 bits; shorter ones are guessed. */
export const shortestPassphrase = 12;

const header = z.object({
  kdf: z.literal('scrypt'),
  /** Upper bounds keep a crafted file from taking all memory. */
  n: z.int().min(16_384).max(1_048_576), r: z.int().min(8).max(32), p: z.int().min(1).max(16),
  salt: z.base64(), cipher: z.literal('aes-256-gcm'), nonce: z.base64(),
});
type Header = z.output<typeof header>;

/** @param n cost of the derivation, as a power of two; less than the default only where the passphrase does not matter @throws SealedFileError SEALED_WEAK_PASSPHRASE */
export async function seal(text: string, passphrase: string, n: number = costs.n): Promise<string> {
  if (passphrase.length < shortestPassphrase) throw new SealedFileError('SEALED_WEAK_PASSPHRASE', `the passphrase has ${passphrase.length} characters; take at least ${shortestPassphrase}`);
  const used: Header = { kdf: 'scrypt', ...costs, n, salt: randomBytes(16).toString('base64'), cipher: 'aes-256-gcm', nonce: randomBytes(12).toString('base64') };
  const head = `${magic}\n${JSON.stringify(used)}\n`;
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, used), Buffer.from(used.nonce, 'base64'));
  cipher.setAAD(Buffer.from(head));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  return `${head}${sealed.replace(/.{76}/g, '$&\n').trimEnd()}\n`;
}

/** @throws SealedFileError SEALED_NOT_SEALED, SEALED_CANNOT_OPEN: a wrong passphrase and a changed file look alike */
export async function open(file: string, passphrase: string): Promise<string> {
  const [first, second, ...rest] = file.split('\n');
  if (first !== magic || second === undefined) throw new SealedFileError('SEALED_NOT_SEALED', `the file does not begin with "${magic}"; give a file that keelson cluster export wrote`);
  const used = readHeader(second);
  const body = Buffer.from(rest.join(''), 'base64');
  if (body.length < tagBytes) throw new SealedFileError('SEALED_NOT_SEALED', 'the file ends too early; it was cut off');
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(passphrase, used), Buffer.from(used.nonce, 'base64'), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(`${first}\n${second}\n`));
  decipher.setAuthTag(body.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -tagBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SealedFileError('SEALED_CANNOT_OPEN', 'the passphrase is wrong, or the file was changed', { cause });
  }
}

function readHeader(line: string): Header {
  try {
    return header.parse(JSON.parse(line));
  } catch (cause) {
    throw new SealedFileError('SEALED_NOT_SEALED', 'the second line of the file is no header that this Keelson understands', { cause });
  }
}

function keyOf(passphrase: string, { n, r, p, salt }: Header): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), Buffer.from(salt, 'base64'), keyBytes, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
