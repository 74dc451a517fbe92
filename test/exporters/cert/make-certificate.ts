/** Self-signed certificates with whatever dates, serial numbers and keys a test asks for. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator, type JsonName } from '@peculiar/x509';

export interface Wanted {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Hex. */
  readonly serial?: string;
  readonly keys?: 'EC' | 'RSA' | 'Ed25519';
  /** As @peculiar/x509 takes it; CN=test by default. */
  readonly name?: JsonName;
}

const algorithms = {
  EC: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RSA: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 },
  Ed25519: { name: 'Ed25519' },
};

export async function makeCertificate(wanted: Wanted = {}): Promise<{ cert: string; key: string }> {
  cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);
  const signingAlgorithm = algorithms[wanted.keys ?? 'EC'];
  const keys = (await webcrypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: wanted.serial ?? '1f', name: wanted.name ?? 'CN=test', signingAlgorithm, keys,
    notBefore: wanted.notBefore ?? new Date('2026-01-01T00:00:00Z'), notAfter: wanted.notAfter ?? new Date('2027-01-01T00:00:00Z'),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: `${certificate.toString('pem')}\n`, key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n` };
}
