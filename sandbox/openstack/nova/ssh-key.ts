/** Makes an RSA key pair the way Nova did before microversion 2.92, and reads fingerprints of public keys. */
import { createHash, generateKeyPairSync } from 'node:crypto';

export interface SshKeyPair {
  /** One line as in authorized_keys. */
  readonly publicKey: string;
  /** PEM. Shown once, never kept. */
  readonly privateKey: string;
}

export function newSshKeyPair(): SshKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), field(mpint(e)), field(mpint(n))]);
  return {
    publicKey: `ssh-rsa ${blob.toString('base64')} Generated-by-Nova`,
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
  };
}

/** MD5 in pairs with colons, as Nova shows it; undefined when the line is no public key. */
export function fingerprint(publicKey: string): string | undefined {
  const [kind = '', blob = ''] = publicKey.trim().split(/\s+/);
  const bytes = Buffer.from(blob, 'base64');
  const isKey = /^(ssh-|ecdsa-)/.test(kind) && bytes.length > 4 && bytes.subarray(4, 4 + kind.length).toString() === kind;
  if (!isKey) return undefined;
  return (createHash('md5').update(bytes).digest('hex').match(/../g) ?? []).join(':');
}

/** RFC 4251: a length and the bytes. */
function field(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** RFC 4251: a leading zero keeps a number positive. */
function mpint(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url');
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}
