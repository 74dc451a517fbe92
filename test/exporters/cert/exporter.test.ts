import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../../exporters/cert/catalogue.ts';
import { processFamilies } from '../../../exporters/core/catalogue.ts';
import { makeCertificate } from './make-certificate.ts';
import { start, type Running } from './running-exporter.ts';

describe('cert-exporter', () => {
  let folder: string;
  let exporter: Running;
  let key: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exporter-'));
    const made = await makeCertificate({ serial: 'a1', notAfter: new Date('2061-01-01T00:00:00Z') });
    key = made.key;
    await writeFile(join(folder, 'kubelet.pem'), made.cert + made.key);
    await writeFile(join(folder, 'say "hi"\n.crt'), (await makeCertificate({ serial: 'ff' })).cert);
    await writeFile(join(folder, 'broken.crt'), `${made.key}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
    exporter = await start(folder);
  });
  afterAll(async () => {
    await exporter.stop();
    await rm(folder, { recursive: true });
  });

  test('the exposition is the golden one', async () => {
    const { text } = await exporter.get('/metrics');
    const ours = text.split('\n').filter((line) => line.includes('cert_exporter_')).join('\n').replaceAll(folder, '/etc/kubernetes/pki').replaceAll(/sha256="[0-9a-f]{16}"/g, 'sha256="<16 hex>"');
    expect(`${ours}\n`).toBe(readFileSync(join(import.meta.dirname, 'golden/metrics.txt'), 'utf8'));
  });

  test('every family is in the catalogue with the labels it says', async () => {
    const { text } = await exporter.get('/metrics');
    const families = new Map([...catalogue, ...processFamilies].map((family) => [family.name, family]));
    for (const [, name, labels = ''] of text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? \S+$/gm)) {
      expect({ name, labels: [...labels.matchAll(/(?:^|",)([a-z_0-9]+)="/g)].map(([, label]) => label) }).toEqual({ name, labels: families.get(name!)?.labels });
    }
  });

  test('no key material in what it serves or logs', async () => {
    const secretLines = key.split('\n').filter((line) => line.length > 40);
    const said = [...exporter.logged, (await exporter.get('/metrics')).text, (await exporter.get('/')).text, (await exporter.get('/readyz')).text].join('\n');
    expect(secretLines.length).toBeGreaterThan(0);
    for (const line of secretLines) expect(said).not.toContain(line);
    expect(said).toContain('bad_certificate');
  });

  test('the page names the source and what it skipped', async () => {
    expect((await exporter.get('/')).text).toContain('<td>files</td><td>up</td><td>2</td><td>bad_certificate: 1</td>');
  });
});
