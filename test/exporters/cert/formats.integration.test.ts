/** Files in every format, made by OpenSSL and Java's keytool. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { readContent } from '../../../exporters/cert/formats/content.ts';
import { readJks } from '../../../exporters/cert/formats/jks.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { kubeconfigFor } from '../../fixtures/api-server.ts';
import { OpenSsl } from './openssl.ts';
import { startWith, type Running } from './running-exporter.ts';

const keystores = join(import.meta.dirname, 'keystores');

describeWith({ commands: ['openssl'] }, 'files of every format', () => {
  const openssl = new OpenSsl();
  let root: string;
  let exporter: Running | undefined;
  let pem: Buffer;
  let rsa: Buffer;
  beforeAll(() => {
    pem = openssl.certificate('ec', { serial: '0e' });
    rsa = openssl.certificate('rsa', { serial: 'a5', key: ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] });
  }, 60_000);
  beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'formats-'))));
  afterEach(async () => {
    await exporter?.stop();
    await rm(root, { recursive: true });
  });
  afterAll(() => openssl.remove());

  /** "path serial" of every certificate below the root. */
  const found = async (config: object = {}): Promise<string[]> => {
    exporter = await startWith({ config: { files: { directories: [root], ...config } } });
    return (await exporter.series('cert_exporter_not_after')).map((line) => /path="([^"]+)",serialnumber="([^"]+)"/.exec(line)!).map(([, path, serial]) => `${path!.slice(root.length + 1)} ${serial}`);
  };
  const errors = async (): Promise<Record<string, number>> =>
    Object.fromEntries((await exporter!.series('cert_exporter_source_errors_total')).map((line) => /reason="([^"]+)"\} (\d+)/.exec(line)!).map(([, reason, count]) => [reason!, Number(count)]));

  test('PEM, DER, keystores, kubeconfigs and revocation lists are told apart by content, whatever they are called', async () => {
    await writeFile(join(root, 'a-pem'), Buffer.concat([openssl.read('ec.key'), pem]));
    await writeFile(join(root, 'b-der'), new X509Certificate(pem).raw);
    await writeFile(join(root, 'c-key.der'), Buffer.from(openssl.read('ec.key').toString().replace(/-----[^-]+-----|\n/g, ''), 'base64'));
    await copyFile(join(keystores, 'trust.jks'), join(root, 'd-jks'));
    await writeFile(join(root, 'e-kubeconfig'), kubeconfigFor('https://x', pem.toString(), { cert: rsa.toString(), key: openssl.read('rsa.key').toString() }));
    await writeFile(join(root, 'f-reference'), 'apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {certificate-authority: "sub/ca.pem", server: "https://x"}}]\n');
    await writeFile(join(root, 'g-nothing'), 'just text about certificate-authority\n');
    expect(await found()).toEqual(expect.arrayContaining(['a-pem e', 'b-der e', 'e-kubeconfig e', 'e-kubeconfig a5']));
    expect((await exporter!.series('cert_exporter_not_after'))).toHaveLength(5);
    expect(await errors()).toEqual({ not_found: 1 }); // sub/ca.pem
  }, 30_000);

  test('PKCS#12, modern and legacy, RSA and EC, with a passphrase from a file, from beside it, empty, and without a key', async () => {
    const make = (name: string, of: string, ...args: string[]): void => openssl.run('pkcs12', '-export', '-in', `${of}.crt`, '-inkey', `${of}.key`, '-out', name, ...args);
    make('modern.p12', 'ec', '-passout', 'pass:one');
    make('legacy.p12', 'rsa', '-legacy', '-passout', 'pass:two');
    make('empty.p12', 'rsa', '-passout', 'pass:');
    openssl.run('pkcs12', '-export', '-nokeys', '-in', 'ec.crt', '-out', 'trust.p12', '-passout', 'pass:one');
    make('locked.p12', 'ec', '-passout', 'pass:other');
    for (const name of ['modern', 'legacy', 'empty', 'trust', 'locked']) await copyFile(openssl.path(`${name}.p12`), join(root, `${name}.p12`));
    await writeFile(join(root, 'cut.p12'), openssl.read('modern.p12').subarray(0, 200));
    await writeFile(join(root, 'one.txt'), 'one\n');
    await writeFile(join(root, 'legacy.p12.pass'), 'two');
    const config = { passphrases: [{ match: `${root}/*.p12`, file: join(root, 'one.txt') }] };
    expect(await found(config)).toEqual(['empty.p12 a5', 'legacy.p12 a5', 'modern.p12 e', 'trust.p12 e']);
    expect(await errors()).toEqual({ bad_passphrase: 1, bad_pkcs12: 1 });
  }, 60_000);

  test('a keystore that asks for more work than anybody does neither hangs the exporter nor hides the rest', async () => {
    openssl.run('pkcs12', '-export', '-in', 'ec.crt', '-inkey', 'ec.key', '-out', 'slow.p12', '-passout', 'pass:', '-iter', '2000000000', '-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE');
    const plain = openssl.read('slow.p12');
    expect(readContent(plain).problems).toEqual([]);
    await writeFile(join(root, 'z.crt'), pem);
    expect(await found()).toEqual(['z.crt e']);
  }, 60_000);

  test('Java keystores: keys and trusted certificates, JKS and JCEKS; a wrong passphrase is told', async () => {
    const read = async (name: string, ...passphrases: string[]) => readJks(await readFile(join(keystores, name)), passphrases);
    expect(await read('mixed.jceks')).toMatchObject({ problems: ['bad_jks'] });
    for (const name of ['keys.jks', 'trust.jks', 'keys.jceks']) {
      const { certificates, problems } = await read(name);
      expect([name, certificates.length, problems]).toEqual([name, 1, []]);
    }
    expect((await read('keys.jks')).certificates[0]!.notBefore).toBe(Date.parse('2026-01-01T00:00:00Z') / 1000);
    expect((await read('keys.jks', 'changeit')).problems).toEqual([]);
    expect((await read('keys.jks', 'wrong')).problems).toEqual(['bad_passphrase']);
  });

  test('a Java keystore cut at any byte gives a reason', async () => {
    const whole = await readFile(join(keystores, 'trust.jks'));
    for (let length = 13; length < whole.length; length++) expect(readJks(whole.subarray(0, length), []).problems).toEqual(['bad_jks']);
  });

  test('revocation lists say when the next one is due', async () => {
    await writeFile(openssl.path('crl.cnf'), `[ca]\ndefault_ca=d\n[d]\ndatabase=${openssl.path('index.txt')}\ndefault_md=sha256\n`);
    openssl.run('ca', '-gencrl', '-config', 'crl.cnf', '-keyfile', 'ec.key', '-cert', 'ec.crt', '-out', 'list.crl', '-crl_lastupdate', '260101000000Z', '-crl_nextupdate', '260201000000Z');
    await copyFile(openssl.path('list.crl'), join(root, 'list.pem'));
    openssl.run('crl', '-in', 'list.crl', '-outform', 'DER', '-out', 'list.der');
    await copyFile(openssl.path('list.der'), join(root, 'list.der'));
    await found();
    const due = Date.parse('2026-02-01T00:00:00Z') / 1000;
    expect(await exporter!.series('cert_exporter_crl_next_update')).toEqual(['list.der', 'list.pem'].map((name) => `cert_exporter_crl_next_update{path="${root}/${name}",namespace="",name="",key="",issuer_cn="ec"} ${due}`));
  }, 30_000);
});
