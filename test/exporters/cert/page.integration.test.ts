/** The page in a real browser. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from '../../fixtures/browser.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { makeCertificate } from './make-certificate.ts';
import { start, type Running } from './running-exporter.ts';

describeWith({ commands: ['chromium'] }, 'the page in Chromium', () => {
  let folder: string;
  let exporter: Running;
  const browser = new Browser();
  const url = (): string => `http://127.0.0.1:${exporter.port}/`;
  const rows = (): Promise<string[][]> => browser.evaluate(`[...document.querySelectorAll('#certificates tr')].slice(1).map((row) => [...row.cells].map((cell) => cell.textContent))`);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-'));
    for (const [name, notAfter] of [['late.crt', '2040-01-01T00:00:00Z'], ['soon.crt', '2026-12-01T00:00:00Z'], ['<img src=x onerror=document.title=1>.crt', '2030-01-01T00:00:00Z']] as const) {
      await writeFile(join(folder, name), (await makeCertificate({ notAfter: new Date(notAfter) })).cert);
    }
    await writeFile(join(folder, 'broken.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    exporter = await start(folder);
    await browser.start(join(folder, '../', `chromium-${process.pid}`));
  }, 120_000);
  afterAll(async () => {
    await browser.stop();
    await exporter?.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(join(folder, '../', `chromium-${process.pid}`), { recursive: true, force: true, maxRetries: 5 });
  });

  test('the soonest to expire comes first, with its days and what is left of its lifetime', async () => {
    await browser.open(url());
    const found = await rows();
    expect(found.map(([date]) => date)).toEqual(['2026-12-01 00:00', '2030-01-01 00:00', '2040-01-01 00:00']);
    expect(found[0]![1]).toBe('10'); // the exporter's clock stands at 2026-11-20 12:00
    expect(await browser.evaluate(`document.querySelector('#certificates meter').value`)).toBeCloseTo(10.5 / 334, 2);
    expect(await browser.evaluate(`document.querySelector('#sources').innerText`)).toContain('bad_certificate: 1');
  }, 60_000);

  test('a name full of HTML is text, and the style applies under the policy that forbids scripts', async () => {
    expect(await browser.evaluate('document.title')).toBe('cert-exporter');
    expect(await browser.evaluate(`document.querySelectorAll('img').length`)).toBe(0);
    expect(await browser.evaluate(`getComputedStyle(document.querySelector('table')).borderCollapse`)).toBe('collapse');
  }, 60_000);

  test('searching by the form shows what matches', async () => {
    await browser.evaluate(`document.querySelector('input[name=q]').value = 'SOON'; document.querySelector('form').requestSubmit()`);
    await browser.loaded((href) => href.includes('q=SOON'));
    expect((await rows()).map(([, , , , labels]) => labels)).toEqual([expect.stringContaining('soon.crt')]);
    expect(await browser.evaluate(`document.querySelector('input[name=q]').value`)).toBe('SOON');
  }, 60_000);

  test('it shows no more than /metrics does', async () => {
    const { text } = await exporter.get('/metrics');
    await browser.open(url());
    for (const [, , , , labels] of await rows()) expect(text).toContain(`{${labels}}`);
  }, 60_000);
});
