import { copyFile, link, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeFiles, inspect, writeManifest, type Manifest } from '../../../sandbox/tools/cache.ts';

describe('a family in the cache', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cache-'));
    await writeFile(join(folder, 'one'), 'program one');
    await link(join(folder, 'one'), join(folder, 'two'));
    await utimes(join(folder, 'one'), 1_000_000, 1_000_000);
    const files = await describeFiles(folder, ['one', 'two']);
    await writeManifest(folder, { family: 'f', version: 'v1', go: '1.26.0', cpuSeconds: 1, wallSeconds: 1, bytes: 11, files });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const manifest = async () => JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;

  test('is present as it was built', async () => {
    await expect(inspect(folder, ['one', 'two'])).resolves.toMatchObject({ kind: 'present', manifest: { family: 'f' } });
  });

  test('is absent where there is no folder', async () => {
    await expect(inspect(join(folder, 'none'), ['one'])).resolves.toEqual({ kind: 'absent' });
  });

  test('is damaged when a file was changed, even with size and modification time put back', async () => {
    await writeFile(join(folder, 'one'), 'program 0ne');
    await utimes(join(folder, 'one'), 1_000_000, 1_000_000);
    await expect(inspect(folder, ['one', 'two'])).resolves.toMatchObject({ kind: 'damaged', file: join(folder, 'one') });
  });

  test('is damaged when a file is gone, is not in the manifest, or the manifest is broken or gone', async () => {
    await expect(inspect(folder, ['one', 'three'])).resolves.toMatchObject({ kind: 'damaged', reason: 'is not in the manifest' });
    await rm(join(folder, 'two'));
    await expect(inspect(folder, ['one', 'two'])).resolves.toMatchObject({ kind: 'damaged', reason: 'is missing' });
    await writeFile(join(folder, 'manifest.json'), '{"family":');
    await expect(inspect(folder, ['one'])).resolves.toMatchObject({ kind: 'damaged', reason: 'is not a manifest' });
    await rm(join(folder, 'manifest.json'));
    await expect(inspect(folder, ['one'])).resolves.toMatchObject({ kind: 'damaged', reason: 'is missing' });
  });

  test('is checked by its sums after it was copied, and then remembered', async () => {
    const before = await manifest();
    await copyFile(join(folder, 'one'), join(folder, 'copy'));
    await rm(join(folder, 'one'));
    await copyFile(join(folder, 'copy'), join(folder, 'one'));
    await expect(inspect(folder, ['one'])).resolves.toMatchObject({ kind: 'present' });
    const after = await manifest();
    expect(after.files['one']?.sha256).toBe(before.files['one']?.sha256);
    expect(after.files['one']?.stamp).not.toBe(before.files['one']?.stamp);
    expect(after.files['two']).toEqual(before.files['two']);
  });
});
