import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildLayer, type Entry, type Layer } from '../../../sandbox/images/layer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keelson-layer-'));
  await writeFile(join(folder, 'big'), Buffer.alloc(3000, 7));
});
afterEach(() => rm(folder, { recursive: true }));

const entries = (): Entry[] => [
  { path: 'usr/bin/big', mode: 0o755, content: { file: join(folder, 'big') } },
  { path: 'etc/motd', mode: 0o644, content: Buffer.from('hello\n') },
  { path: 'tmp', mode: 0o1777, directory: true },
];
const build = (list: readonly Entry[], cache: string, compression: 'gzip' | 'none' = 'gzip'): Promise<Layer> =>
  buildLayer({ title: 'test', entries: list, compression, cacheDir: join(folder, cache), signal: AbortSignal.timeout(10_000) });
const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('tar lists what went in, sorted, with parents, owned by root, dated to the epoch', async () => {
  const { file } = await build(entries(), 'a');
  const listing = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--full-time', '-zf', file], { env: { ...process.env, TZ: 'UTC' } }).toString();
  expect(listing.trim().split('\n').map((line) => line.replace(/\s+/g, ' '))).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 etc/',
    '-rw-r--r-- 0/0 6 1970-01-01 00:00:00 etc/motd',
    'drwxrwxrwt 0/0 0 1970-01-01 00:00:00 tmp/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/bin/',
    '-rwxr-xr-x 0/0 3000 1970-01-01 00:00:00 usr/bin/big',
  ]);
});

test('digests are those of the stored blob and of the tar in it', async () => {
  const layer = await build(entries(), 'a');
  const blob = await readFile(layer.file);
  expect([sha256(blob), blob.length]).toEqual([layer.digest, layer.size]);
  const tar = execFileSync('gzip', ['-dc', layer.file]);
  expect([sha256(tar), tar.length]).toEqual([layer.diffId, layer.tarSize]);
  const plain = await build(entries(), 'a', 'none');
  expect([plain.digest, plain.mediaType]).toEqual([layer.diffId, 'application/vnd.oci.image.layer.v1.tar']);
});

test('the same content gives the same bytes, whatever the order and the dates of the files', async () => {
  const first = await build(entries(), 'a');
  await utimes(join(folder, 'big'), 1, 1);
  const second = await build(entries().reverse(), 'b');
  expect(second.digest).toBe(first.digest);
  expect((await readFile(second.file)).equals(await readFile(first.file))).toBe(true);
});

test('a layer of known content is taken from the cache, a changed one is not', async () => {
  const first = await build(entries(), 'a');
  await writeFile(first.file, (await readFile(first.file)).fill(0, 0, 1));
  expect((await build(entries(), 'a')).digest).toBe(first.digest);
  await writeFile(join(folder, 'big'), Buffer.alloc(3000, 8));
  expect((await build(entries(), 'a')).digest).not.toBe(first.digest);
});

test('a layer that was interrupted half way leaves nothing that counts', async () => {
  const stopped = buildLayer({ title: 'test', entries: entries(), compression: 'gzip', cacheDir: join(folder, 'a'), signal: AbortSignal.abort(new Error('stop')) });
  await expect(stopped).rejects.toThrow();
  expect((await build(entries(), 'a')).size).toBeGreaterThan(0);
});
