import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { readPem } from '../../../exporters/cert/formats/pem.ts';
import { makeCertificate, type Wanted } from './make-certificate.ts';

const seconds = (iso: string): number => Date.parse(iso) / 1000;
const read = (text: string): ReturnType<typeof readPem> => readPem(Buffer.from(text));

describe('readPem', () => {
  test.each<[string, Wanted, { serial?: string; notBefore?: number; notAfter?: number }]>([
    ['RSA', { keys: 'RSA' }, {}],
    ['Ed25519', { keys: 'Ed25519' }, {}],
    ['a date beyond 2050 (GeneralizedTime)', { notAfter: new Date('2061-02-03T04:05:06Z') }, { notAfter: seconds('2061-02-03T04:05:06Z') }],
    ['no well-defined end (RFC 5280: 99991231235959Z)', { notAfter: new Date('9999-12-31T23:59:59Z') }, { notAfter: 253402300799 }],
    ['a date before 1970', { notBefore: new Date('1955-01-01T00:00:00Z') }, { notBefore: seconds('1955-01-01T00:00:00Z') }],
    ['expired long ago', { notBefore: new Date('2000-01-01T00:00:00Z'), notAfter: new Date('2001-01-01T00:00:00Z') }, { notBefore: seconds('2000-01-01T00:00:00Z'), notAfter: seconds('2001-01-01T00:00:00Z') }],
    ['a serial number with a leading zero digit', { serial: '0a' }, { serial: 'a' }],
    ['a serial number of 20 bytes', { serial: '7fffffffffffffffffffffffffffffffffffffff' }, { serial: '7fffffffffffffffffffffffffffffffffffffff' }],
  ])('%s', async (_, wanted, expected) => {
    const { cert } = await makeCertificate(wanted);
    const { certificates, problems } = read(cert);
    expect(problems).toEqual([]);
    const [{ serial, notBefore, notAfter }] = certificates as [(typeof certificates)[0]];
    expect([{ serial, notBefore, notAfter }]).toEqual([{ serial: '1f', notBefore: seconds('2026-01-01T00:00:00Z'), notAfter: seconds('2027-01-01T00:00:00Z'), ...expected }]);
  });

  test.each([['a negative one keeps its sign, as in Go', 0xe1, '-1f'], ['zero', 0, '0']])('serial numbers: %s', async (_, byte, expected) => {
    const der = new X509Certificate((await makeCertificate({ serial: '1f' })).cert).raw;
    der[der.indexOf(Buffer.from([0x02, 0x01, 0x1f])) + 2] = byte;
    expect(read(`-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`).certificates.map(({ serial }) => serial)).toEqual([expected]);
  });

  test('any number of blocks, with keys and text between them, in order', async () => {
    const [one, two] = [await makeCertificate({ serial: '01' }), await makeCertificate({ serial: '02' })];
    const { certificates, problems } = read(`subject: one\n${one.key}${one.cert}some text\n${two.cert.replaceAll('\n', '\r\n')}${two.key}`);
    expect(certificates.map(({ serial }) => serial)).toEqual(['1', '2']);
    expect(problems).toEqual([]);
  });

  test('the old name of the block is understood', async () => {
    const { cert } = await makeCertificate();
    expect(read(cert.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')).certificates).toHaveLength(1);
  });

  test('a broken block between two good ones is a problem of its own', async () => {
    const [one, two] = [await makeCertificate({ serial: '01' }), await makeCertificate({ serial: '02' })];
    const unended = one.cert.split('-----END')[0]!;
    const garbage = '-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n';
    const { certificates, problems } = read(one.cert + garbage + unended + two.cert);
    expect(certificates.map(({ serial }) => serial)).toEqual(['1', '2']);
    expect(problems).toEqual(['bad_certificate', 'bad_pem']);
  });

  test.each(['', 'key: value\n', '-----BEGIN', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])('%j holds none and is no problem', (text) => {
    expect(read(text)).toEqual({ certificates: [], crls: [], problems: [] });
  });

  test('a certificate damaged at any byte is read or refused, never thrown', async () => {
    const { cert } = await makeCertificate();
    const der = new X509Certificate(cert).raw;
    fc.assert(fc.property(fc.integer({ min: 0, max: der.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(der);
      damaged[at]! ^= change;
      const { certificates, problems } = read(`-----BEGIN CERTIFICATE-----\n${damaged.toString('base64')}\n-----END CERTIFICATE-----`);
      expect(certificates.length + problems.length).toBe(1);
    }), { numRuns: 300 });
  });

  test('arbitrary bytes around BEGIN and END never throw', () => {
    const piece = fc.oneof(fc.constantFrom('-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN ', '\n'), fc.string({ unit: 'binary', maxLength: 20 }));
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => void readPem(Buffer.from(pieces.join('')))));
  });
});
