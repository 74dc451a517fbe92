import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../../exporters/cert/catalogue.ts';
import { schema } from '../../../exporters/cert/config.ts';
import { runCertExporter } from '../../../exporters/cert/exporter.ts';
import { processFamilies } from '../../../exporters/core/catalogue.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { FakeClock } from '../core/fake-clock.ts';
import { makeCertificate } from './make-certificate.ts';

interface Running {
  get(path: string, accept?: string): Promise<{ status: number; text: string }>;
  readonly logged: string[];
  stop(): Promise<void>;
}

async function start(directory: string): Promise<Running> {
  const stop = new AbortController();
  const logged: string[] = [];
  const write = (fields: object, message: string): void => void logged.push(JSON.stringify({ ...fields, message }));
  let done: Promise<void> | undefined;
  const port = await new Promise<number>((onListening, reject) => {
    done = runCertExporter({
      config: schema.parse({ address: '127.0.0.1:0', files: { directories: [directory] }, secrets: { enabled: false } }),
      version: '0.1.0', client: () => Promise.reject(new Error('not asked for')), random: () => 0.5, clock: new FakeClock(),
      log: { debug: write, info: write, warn: write, error: write }, onListening,
    }, stop.signal);
    done.catch(reject);
  });
  const get: Running['get'] = async (path, accept = 'text/plain') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept } });
    return { status: response.status, text: await response.text() };
  };
  const isReady = async (): Promise<boolean> => (await get('/readyz')).status === 200;
  while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 10));
  return { get, logged, stop: () => (stop.abort(), done!) };
}

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
    const ours = text.split('\n').filter((line) => line.includes('cert_exporter_')).join('\n').replaceAll(folder, '/etc/kubernetes/pki');
    expect(`${ours}\n`).toBe(readFileSync(join(import.meta.dirname, 'golden/metrics.txt'), 'utf8'));
  });

  test('every family is in the catalogue with the labels it says', async () => {
    const { text } = await exporter.get('/metrics');
    const families = new Map([...catalogue, ...processFamilies].map((family) => [family.name, family]));
    for (const [, name, labels = ''] of text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? \S+$/gm)) {
      expect({ name, labels: [...labels.matchAll(/(?:^|",)([a-z]+)="/g)].map(([, label]) => label) }).toEqual({ name, labels: families.get(name!)?.labels });
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

  describeWith({ tools: ['promtool'] }, 'promtool', () => {
    test('finds nothing to complain about', async () => {
      const { text } = await exporter.get('/metrics');
      const { status, stderr, stdout } = spawnSync(join(toolsBin, 'promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
    });
  });
});

