/** Certificates made by OpenSSL, whole and damaged at every byte: we and node:crypto say the same. */
import { X509Certificate } from 'node:crypto';
import { readContent } from '../../../exporters/cert/formats/content.ts';
import { readPem } from '../../../exporters/cert/formats/pem.ts';
import { identityOf } from '../../../exporters/cert/x509/identity.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { OpenSsl } from './openssl.ts';
import { disagreements, oracle, ours, zoo } from './zoo.ts';

const seconds = (iso: string): number => Date.parse(iso) / 1000;

describeWith({ commands: ['openssl'] }, 'certificates made by OpenSSL', () => {
  const openssl = new OpenSsl();
  afterAll(() => openssl.remove());
  const makers = zoo(openssl);
  const made = new Map<string, Buffer>();
  beforeAll(() => {
    for (const [name, make] of Object.entries(makers)) made.set(name, make());
  }, 120_000);

  test.each(Object.keys(makers))('%s: read, with the serial number and dates that node:crypto sees', (name) => {
    const pem = made.get(name)!;
    const { certificates, problems } = readPem(pem);
    expect(problems).toEqual([]);
    expect(certificates).toHaveLength(1);
    expect(certificates[0]!.parts).toBeDefined();
    expect(ours(certificates[0]!.der)).toEqual(oracle(pem));
    expect(readContent(new X509Certificate(pem).raw).certificates).toHaveLength(1);
  });

  test('dates and serial numbers are the ones that were asked for', () => {
    const read = (name: string) => readPem(made.get(name)!).certificates[0]!;
    expect(read('beyond2050').notAfter).toBe(seconds('2061-02-03T04:05:06Z'));
    expect(read('generalizedFrom')).toMatchObject({ notBefore: seconds('2055-01-01T00:00:00Z'), notAfter: 253402300799 });
    expect(read('expired').notAfter).toBe(seconds('2001-01-01T00:00:00Z'));
    expect([read('longSerial').serial, read('negativeSerial').serial]).toEqual(['7f00ff00ff00ff00ff00ff00ff00ff00ff00ff01', '-1f']);
  });

  test('identities are those that openssl was told', () => {
    const identity = (name: string) => identityOf(readPem(made.get(name)!).certificates[0]!);
    expect(identity('rsa')).toMatchObject({ subjectCn: 'rsa', issuerCn: 'rsa', keyType: 'RSA', keySize: '2048', signatureAlgorithm: 'SHA256-RSA', isCa: true });
    expect(identity('p384')).toMatchObject({ keyType: 'EC', keySize: 'P-384', signatureAlgorithm: 'ECDSA-SHA256', isCa: false });
    expect(identity('ed25519')).toMatchObject({ keyType: 'Ed25519', keySize: '', signatureAlgorithm: 'Ed25519' });
    expect(identity('rsaPss')).toMatchObject({ keyType: 'RSA-PSS', keySize: '2048', signatureAlgorithm: 'RSA-PSS' });
    expect(identity('emptySubject')).toMatchObject({ subjectCn: '', sans: 'only.example' });
    expect(identity('manyNames').sans).toBe('host-0.example.org,host-1.example.org,host-2.example.org,host-3.example.org,host-4.example.org,+99');
    expect(identity('unicode').subjectCn).toBe('ünï 証明書');
    const fingerprint = new X509Certificate(made.get('rsa')!).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(fingerprint.startsWith(identity('rsa').fingerprint)).toBe(true);
  });

  test('damaged at every byte: we accept what node:crypto accepts, with the same words, and refuse the rest', () => {
    for (const name of ['ec', 'longSerial', 'beyond2050', 'v1', 'unicode', 'emptySubject']) {
      expect(disagreements(name, new X509Certificate(made.get(name)!).raw, [0x01, 0x80])).toEqual([]);
    }
  }, 60_000);

  test('PEM damaged at every byte gives a certificate or a reason, as node:crypto does', () => {
    const pem = made.get('ec')!;
    const disagreements: string[] = [];
    for (let at = 27; at < pem.indexOf('-----END') - 1; at++) { // between the first line and the last
      for (const change of [0x01, 0x20, 0x80]) {
        const bytes = Buffer.from(pem);
        bytes[at]! ^= change;
        const { certificates, problems } = readPem(bytes);
        if (certificates.length + problems.length !== 1) disagreements.push(`byte ${at} ^ ${change}: ${certificates.length} and ${problems.join()}`);
        if ((certificates.length === 1) !== (oracle(bytes) !== undefined)) disagreements.push(`byte ${at} ^ ${change}: ${certificates.length} and node:crypto ${JSON.stringify(oracle(bytes))}`);
      }
    }
    expect(disagreements).toEqual([]);
  });
});
