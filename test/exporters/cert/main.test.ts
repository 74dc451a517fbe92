import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../../exporters/cert/main.ts');

async function run(args: readonly string[], stopWhen?: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], { env: {} });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
    if (stopWhen && stdout.includes(stopWhen)) child.kill('SIGTERM');
  });
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

describe('the command cert-exporter', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'main-'))));
  afterAll(() => rm(folder, { recursive: true }));

  test('serves until it is told to stop, and ends well', async () => {
    const { code, stderr } = await run(['--cert-paths', folder, '--monitor-secrets=false', '--address=127.0.0.1:0'], '"msg":"listening"');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }, 20_000);

  test('a wrong configuration names every problem and exits 2', async () => {
    await writeFile(join(folder, 'config.yaml'), 'files: {directorys: [/a]}\nlogLevel: loud\n');
    const { code, stderr } = await run(['--config', join(folder, 'config.yaml')]);
    expect(code).toBe(2);
    expect(stderr).toContain('files.directorys: unknown key; did you mean "directories"?');
    expect(stderr).toContain('logLevel: ');
  }, 20_000);

  test('Secrets outside of a cluster: says what to do and exits 1', async () => {
    const { code, stderr } = await run(['--monitor-files=false', '--address=127.0.0.1:0']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('is this a pod')]);
  }, 20_000);

  test('--help lists the flags', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--cert-paths') });
  }, 20_000);
});
