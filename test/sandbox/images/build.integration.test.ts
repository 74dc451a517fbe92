import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { readLayout } from '../../../sandbox/cri/oci-layout.ts';
import { buildImages, type BuiltImage } from '../../../sandbox/images/build.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';

const repository = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

describeWith({ root: true, tools: ['helm'], commands: ['chroot', 'tar'] }, 'our images', () => {
  let folder: string;
  let images: BuiltImage[];
  const build = (out: string): Promise<BuiltImage[]> => buildImages({ repository, out: join(folder, out), toolsDir: toolsBin, compression: 'none', signal: AbortSignal.timeout(300_000) });
  const inImage = (name: string, program: string, args: readonly string[]) => run('chroot', ['--userspec=65532:65532', join(folder, `root-${name}`), program, ...args], { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-images-'));
    images = await build('first');
    for (const { name, layers } of images) {
      const root = join(folder, `root-${name}`);
      await mkdir(root);
      for (const { file } of layers) await run('tar', ['--extract', '--file', file, '--directory', root]);
    }
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('two builds are the same, byte for byte', async () => {
    const again = await build('second');
    expect(again.map(({ digest }) => digest)).toEqual(images.map(({ digest }) => digest));
    for (const { name } of images) expect(await tree(join(folder, 'second', name))).toEqual(await tree(join(folder, 'first', name)));
  }, 300_000);

  test('a container runtime finds the image by its name, with user and entry point', async () => {
    const [keelson] = await readLayout(join(folder, 'first/keelson'));
    expect(keelson).toMatchObject({ reference: expect.stringMatching(/^ghcr\.io\/keelson\/keelson:\d/), config: { User: '65532:65532', Entrypoint: ['/usr/local/bin/node', '--enable-source-maps', '/app/keelson.mjs'] } });
    expect(keelson!.manifestDigest).toBe(images.find(({ name }) => name === 'keelson')?.digest);
  });

  test('our programs start in it without root and without anything of this machine', async () => {
    const { stdout: help } = await inImage('keelson', '/usr/local/bin/node', ['/app/keelson.mjs', '--help']);
    expect(help).toMatch(/topology-extension/);
    await expect(inImage('keelson', '/usr/local/bin/node', ['/app/keelson.mjs', 'topology-extension'])).rejects.toThrow(/CERTIFICATE_UNREADABLE/);
    const { stdout: exporter } = await inImage('cert-exporter', '/usr/local/bin/node', ['/app/cert-exporter.mjs', '--help']);
    expect(exporter).toMatch(/cert-exporter/);
  });

  test('Helm in it reads the charts in it', async () => {
    const { stdout } = await inImage('keelson', '/usr/local/bin/helm', ['show', 'chart', '/charts/keelson']);
    expect(stdout).toMatch(/^name: keelson$/m);
    expect((await readdir(join(folder, 'root-keelson/charts'), { recursive: true })).filter((file) => file.endsWith('.ts'))).toEqual([]);
  });

  test('the sandbox is not in it', async () => {
    await expect(inImage('keelson', '/usr/local/bin/node', ['/app/keelson.mjs', 'down'])).rejects.toThrow(/the-sandbox-is-not-in-this-image/);
  });

  test('the bill of materials names every bundled package with its locked version', async () => {
    const sbom = JSON.parse(await readFile(join(folder, 'root-keelson/app/sbom.cdx.json'), 'utf8')) as { components: { name: string; version?: string }[] };
    const names = sbom.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['node', 'helm', 'fastify', 'zod', 'pino', 'libc.so.6']));
    expect(sbom.components.filter(({ version }) => version === 'unknown')).toEqual([]);
  });
});

/** Path → digest of every file. */
async function tree(folder: string): Promise<Record<string, string>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path)] = createHash('sha256').update(await readFile(path)).digest('hex');
  }
  return files;
}
