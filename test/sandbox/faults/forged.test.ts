/** Forged certificates are judged by Node's own X.509. */
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, cryptoProvider, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { certificatesIn, forge } from '../../../sandbox/faults/kinds/forged.ts';

const now = Date.now();
const day = 86_400_000;

/** An authority and a certificate of it, as kubeadm makes them: RSA keys as PKCS#1. */
async function issued(): Promise<{ authority: { certificate: string; key: string }; pem: string; key: string }> {
  cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0]);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const pair = async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    const signing = await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    return { signing, public: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']), pem: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string };
  };
  const [ca, leaf] = [await pair(), await pair()];
  const life = { notBefore: new Date(now - day), notAfter: new Date(now + 300 * day), signingAlgorithm: algorithm };
  const root = await X509CertificateGenerator.create({ subject: 'CN=kubernetes', issuer: 'CN=kubernetes', publicKey: ca.public, signingKey: ca.signing, extensions: [new BasicConstraintsExtension(true, undefined, true)], serialNumber: '01', ...life });
  const certificate = await X509CertificateGenerator.create({ subject: 'CN=kube-apiserver', issuer: root.subject, publicKey: leaf.public, signingKey: ca.signing, extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'kubernetes' }, { type: 'ip', value: '10.0.0.1' }])], serialNumber: '02', ...life });
  return { authority: { certificate: root.toString('pem'), key: ca.pem }, pem: certificate.toString('pem'), key: leaf.pem };
}

test.each([
  ['expired', (c: X509Certificate) => c.validToDate.getTime() < now && c.validToDate.getTime() - c.validFromDate.getTime() === 301 * day],
  ['not-yet-valid', (c: X509Certificate) => c.validFromDate.getTime() > now],
  ['replaced', (c: X509Certificate) => c.validFromDate.getTime() < now && c.validToDate.getTime() > now + 200 * day],
] as const)('%s: the same key, names and issuer, other dates and serial number', async (how, holds) => {
  const { authority, pem, key } = await issued();
  const before = new X509Certificate(pem);
  const forged = await forge(pem, { how, now, authorities: [authority] });
  expect(forged.isSignedByIssuer).toBe(true);
  const after = new X509Certificate(forged.pem);
  expect(holds(after)).toBe(true);
  expect([after.subject, after.issuer, after.subjectAltName]).toEqual([before.subject, before.issuer, before.subjectAltName]);
  expect(after.serialNumber).not.toBe(before.serialNumber);
  expect(after.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(after.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
});

test('without the key of its issuer it is said, and the chain does not verify; a chain behind it is kept', async () => {
  const { authority, pem } = await issued();
  const forged = await forge(`${pem}\n${authority.certificate}\n`, { how: 'expired', now, authorities: [] });
  expect(forged.isSignedByIssuer).toBe(false);
  const [leaf, chain] = certificatesIn(forged.pem);
  expect(new X509Certificate(leaf!).verify(new X509Certificate(authority.certificate).publicKey)).toBe(false);
  expect(new X509Certificate(chain!).subject).toBe('CN=kubernetes');
});
