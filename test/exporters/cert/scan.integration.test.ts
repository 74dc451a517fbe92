/** `cert-exporter scan` as a user runs it: files, an endpoint, a cluster. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bar, renderTable } from '../../../exporters/cert/scan/render.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { makeCertificate } from './make-certificate.ts';

const main = join(import.meta.dirname, '../../../exporters/cert/main.ts');
const days = (count: number): Date => new Date(Date.now() + count * 86_400_000);

async function scan(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, 'scan', ...args], { env: {} });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

describeWith(apiServerNeeds, 'cert-exporter scan', () => {
  let folder: string;
  let api: ApiServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scan-'));
    await mkdir(join(folder, 'pki/sub'), { recursive: true });
    await writeFile(join(folder, 'pki/late.crt'), (await makeCertificate({ notBefore: days(-100), notAfter: days(900) })).cert);
    const soon = await makeCertificate({ serial: 'b0', notBefore: days(-80), notAfter: days(20.5) });
    await writeFile(join(folder, 'pki/sub/soon.crt'), soon.cert);
    await writeFile(join(folder, 'pki/broken.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    api = await startApiServer();
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: 'web', namespace: 'default' }, data: { 'tls.crt': base64(soon.cert), 'tls.key': base64(soon.key) } });
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
    await writeFile(join(folder, 'ca.crt'), api.ca.cert);
  }, 150_000);
  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('a folder: soonest first, a bar of what is left, what could not be read; 1 only when something expires in time', async () => {
    const { code, stdout } = await scan(join(folder, 'pki'), '--within', '30d');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[1]).toMatch(/ 20d {3,}███░░░░░░░ +test +.*\/pki\/sub\/soon\.crt$/);
    expect(lines[2]).toMatch(/ 899d +█{9}░ +test +.*\/pki\/late\.crt$/);
    expect(lines[3]).toBe(`! ${folder}/pki/broken.crt: bad_certificate`);
    expect(code).toBe(1);
    expect((await scan(join(folder, 'pki'), '--within', '10d')).code).toBe(0);
  }, 60_000);

  test('a cluster and its API server as JSON', async () => {
    const { code, stdout } = await scan(`127.0.0.1:${api.port}`, '--ca', join(folder, 'ca.crt'), '--kubeconfig', join(folder, 'kubeconfig'), '--output', 'json');
    const { certificates, problems } = JSON.parse(stdout) as { certificates: { where: string; serial: string }[]; problems: unknown[] };
    expect(certificates.map(({ where }) => where)).toEqual([`127.0.0.1:${api.port}`, 'default/web (tls.crt)']);
    expect([code, problems, certificates[1]!.serial]).toEqual([0, [], 'b0']);
  }, 60_000);

  test.each<[string, string[], RegExp]>([
    ['nothing to scan', [], /nothing to scan/],
    ['a strange duration', ['/tmp', '--within', 'soon'], /--within soon/],
    ['an unknown flag', ['/tmp', '--witin', '3d'], /witin/],
    ['an unknown format', ['/tmp', '--output', 'xml'], /table or json/],
  ])('%s: says what to write and exits 2', async (_, args, message) => {
    const { code, stderr } = await scan(...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  }, 60_000);

  test('what is not there is told, with exit code 2', async () => {
    const { code, stdout } = await scan('/does/not/exist', '127.0.0.1:1');
    expect([code, stdout]).toEqual([2, expect.stringMatching(/not_found[\s\S]*ECONNREFUSED/)]);
  }, 60_000);
});

test('a bar is full at the start of a life, empty at its end, and never empty before', () => {
  const life = { notBefore: 0, notAfter: 1000 };
  expect([-5, 0, 500, 999, 1000, 2000].map((now) => bar(life, now))).toEqual(['██████████', '██████████', '█████░░░░░', '█░░░░░░░░░', '░░░░░░░░░░', '░░░░░░░░░░']);
});

test('names of others do not move the cursor', () => {
  const entry = { where: '/a', subjectCn: '\x1b[2Jevil\n', issuerCn: '', serial: '1', notBefore: 0, notAfter: 1 };
  expect(renderTable({ entries: [entry], problems: [] }, { now: 0, withinSeconds: 0, isTerminal: false })).toContain('?[2Jevil?');
});
