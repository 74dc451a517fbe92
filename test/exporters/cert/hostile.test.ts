/** Names in certificates come from strangers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { makeCertificate } from './make-certificate.ts';
import { start, type Running } from './running-exporter.ts';

/** A PrintableString, which the library's types leave out; its backslash is an escape. */
const printable = { printableString: 'PRINTABLE' } as unknown as string;

describe('hostile names', () => {
  let folder: string;
  let exporter: Running;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hostile-'));
    const write = async (file: string, cert: string | Buffer): Promise<void> => writeFile(join(folder, file), cert);
    await write('quotes.crt', (await makeCertificate({ name: [{ CN: ['a"b\\\\c\nd} 1\nfake_metric 1'] }] })).cert);
    await write('long.crt', (await makeCertificate({ name: [{ CN: ['x'.repeat(65_536)] }] })).cert);
    const der = new X509Certificate((await makeCertificate({ name: [{ CN: [printable] }] })).cert).raw;
    for (let at = der.indexOf('PRINTABLE'); at >= 0; at = der.indexOf('PRINTABLE', at + 1)) der[at] = 0xff; // valid in no encoding
    await write('bytes.der', der);
    exporter = await start(folder);
  });
  afterAll(async () => {
    await exporter.stop();
    await rm(folder, { recursive: true });
  });

  const cnOf = async (file: string): Promise<string> => /subject_cn="((?:[^"\\]|\\.)*)"/.exec((await exporter.series('cert_exporter_info')).find((line) => line.includes(file))!)![1]!;

  test('quotes, backslashes and newlines stay inside of their label', async () => {
    expect(await cnOf('quotes.crt')).toBe(String.raw`a\"b\\c\nd} 1\nfake_metric 1`);
    expect((await exporter.get('/metrics')).text).not.toMatch(/^fake_metric/m);
  });

  test('64 KB are cut to a label', async () => {
    expect((await cnOf('long.crt')).length).toBeLessThanOrEqual(1024);
  });

  test('bytes that are no text arrive as well-formed UTF-8', async () => {
    const response = await fetch(`http://127.0.0.1:${exporter.port}/metrics`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).not.toThrow();
    expect(await cnOf('bytes.der')).toBe('ÿRINTABLE');
  });

  test('the page shows them as text', async () => {
    const { text } = await exporter.get('/?q=quotes');
    expect(text).toContain('&quot;');
  });
});
