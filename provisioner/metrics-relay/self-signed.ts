/** A certificate for who does not verify it: it keeps tokens and metrics from listeners on the wire. */
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 24 * 3_600_000;

/** Certificate and key (PKCS #8), PEM; good for a week from five minutes ago. */
export async function selfSigned(name: string, now: Date): Promise<{ readonly cert: string; readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name.length <= 64 ? name : createHash('sha256').update(name).digest('hex').slice(0, 16)}`,
    notBefore: new Date(now.getTime() - 5 * 60_000), notAfter: new Date(now.getTime() + 7 * day),
    keys, signingAlgorithm: algorithm,
    extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]), new SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  return { cert: certificate.toString('pem'), key: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') };
}
