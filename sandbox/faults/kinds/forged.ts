/** A certificate as another one would have it, but for its dates and serial number: same key, names and extensions, signed by the same authority where its key is at hand. */
import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { cryptoProvider, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import type { RequestOf } from '../request.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The life of the forged certificate. One that has expired lived as long as the original does: whoever watches judges short lives by other rules. */
function lifeOf(how: RequestOf<'cert'>['how'], now: number, original: X509Certificate): { readonly notBefore: Date; readonly notAfter: Date } {
  switch (how) {
    case 'expired': return { notBefore: new Date(now - hour - (original.notAfter.getTime() - original.notBefore.getTime())), notAfter: new Date(now - hour) };
    case 'not-yet-valid': return { notBefore: new Date(now + day), notAfter: new Date(now + 365 * day) };
    case 'replaced': return { notBefore: new Date(now - hour), notAfter: new Date(Math.max(original.notAfter.getTime(), now + day)) };
  }
}

export interface Authority {
  readonly certificate: string;
  /** PEM, PKCS#1, SEC 1 or PKCS#8. */
  readonly key: string;
}

/**
 * @param pem the certificate, perhaps followed by its chain, which is kept
 * @param authorities those whose key is at hand; without the issuer's among them a key of its own signs, and the chain does not verify
 */
export async function forge(pem: string, options: { readonly how: RequestOf<'cert'>['how']; readonly now: number; readonly authorities: readonly Authority[] }): Promise<{ readonly pem: string; readonly isSignedByIssuer: boolean }> {
  cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);
  const [leaf = '', ...chain] = certificatesIn(pem);
  const original = new X509Certificate(leaf);
  const node = new NodeCertificate(leaf);
  const issuer = options.authorities.find(({ certificate }) => node.checkIssued(new NodeCertificate(certificate)) && node.verify(new NodeCertificate(certificate).publicKey));
  const { key, algorithm } = issuer ? await signingKey(createPrivateKey(issuer.key)) : await strangersKey();
  const forged = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex').replace(/^[89a-f]/, '7'),
    subject: original.subjectName.toJSON(),
    issuer: original.issuerName.toJSON(),
    ...lifeOf(options.how, options.now, original),
    publicKey: original.publicKey,
    signingKey: key,
    signingAlgorithm: algorithm,
    extensions: original.extensions,
  });
  return { pem: [forged.toString('pem'), ...chain].map((one) => `${one.trim()}\n`).join(''), isSignedByIssuer: issuer !== undefined };
}

/** The PEM blocks of a text. */
export function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

interface Signing { readonly key: webcrypto.CryptoKey; readonly algorithm: { readonly name: string; readonly hash: string } }

async function signingKey(key: KeyObject): Promise<Signing> {
  const isRsa = key.asymmetricKeyType === 'rsa';
  const algorithm = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', hash: 'SHA-256' };
  const curve = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'P-256';
  const imported = await webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), isRsa ? algorithm : { ...algorithm, namedCurve: curve }, false, ['sign']);
  return { key: imported, algorithm };
}

async function strangersKey(): Promise<Signing> {
  const { privateKey } = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  return { key: privateKey, algorithm: { name: 'ECDSA', hash: 'SHA-256' } };
}
