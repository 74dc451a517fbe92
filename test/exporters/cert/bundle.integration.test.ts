/** The command as it stands in its image: bundled, in a folder that it cannot write, with the thread for keystores. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from '../../fixtures/bundled.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { OpenSsl } from './openssl.ts';

describeWith({ commands: ['openssl'] }, 'the bundled cert-exporter', () => {
  const openssl = new OpenSsl();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bundle-'));
    await writeBundle(join(folder, 'app'), { 'cert-exporter': 'exporters/cert/main.ts' });
    openssl.certificate('ec', { serial: '0e' });
    await mkdir(join(folder, 'pki'));
    openssl.run('pkcs12', '-export', '-in', 'ec.crt', '-inkey', 'ec.key', '-out', join(folder, 'pki/a.p12'), '-passout', 'pass:');
    execFileSync('chmod', ['-R', 'a-w', join(folder, 'app')]);
  }, 60_000);
  afterAll(async () => {
    openssl.remove();
    execFileSync('chmod', ['-R', 'u+w', join(folder, 'app')]);
    await rm(folder, { recursive: true });
  });

  test('replaces itself without another process, opens a keystore, and ends well', async () => {
    const child = spawn(process.execPath, [join(folder, 'app/cert-exporter.mjs'), '--cert-paths', join(folder, 'pki'), '--monitor-secrets=false', '--address=127.0.0.1:0'], { env: {} });
    let stdout = '';
    child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const until = async <T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
      for (;;) {
        const found = await look();
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const { pid, port } = await until(() => (stdout.includes('"listening"') ? { pid: child.pid!, port: Number(/"port":(\d+)/.exec(stdout)![1]) } : undefined));
    expect(execFileSync('cat', [`/proc/${pid}/cmdline`]).toString()).toContain('--max-semi-space-size');
    const series = await until(async () => /cert_exporter_not_after\{.*serialnumber="e"\}/.exec(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())?.[0]);
    expect(series).toContain('a.p12');
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
  }, 60_000);
});
