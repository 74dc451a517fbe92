import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { families, pinnedCatalogue } from '../../../sandbox/tools/index.ts';
import { familyKey, goPlatform } from '../../../sandbox/tools/key.ts';

const family = families.find((candidate) => candidate.name === 'helm')!;
const platform = { os: 'linux', arch: 'amd64' };

describe('familyKey', () => {
  let source: string;
  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), 'key-'));
    await cp(join(pinnedCatalogue.source, 'helm'), source, { recursive: true });
  });
  afterEach(() => rm(source, { recursive: true, force: true }));

  test('names family and version, and is the same for the same content', async () => {
    const key = await familyKey(family, source, platform);
    expect(key).toMatch(/^helm-v4\.3\.1-[0-9a-f]{12}$/);
    expect(await familyKey({ ...family }, join(pinnedCatalogue.source, 'helm'), platform)).toBe(key);
  });

  test('does not change with recorded costs, a README or the order of variables', async () => {
    const key = await familyKey(family, source, platform);
    await writeFile(join(source, 'README.md'), 'text');
    const reversed = Object.fromEntries(Object.entries(family.variables).reverse());
    expect(await familyKey({ ...family, cpuSeconds: 1, sizeMb: 1, scratchMb: 1, variables: reversed }, source, platform)).toBe(key);
  });

  test.each([
    ['go.mod', async () => writeFile(join(source, 'go.mod'), `${await readFile(join(source, 'go.mod'), 'utf8')}\n`), family, platform],
    ['a Go file', () => writeFile(join(source, 'main.go'), 'package main'), family, platform],
    ['a tag', () => Promise.resolve(), { ...family, tags: ['x'] }, platform],
    ['a variable', () => Promise.resolve(), { ...family, variables: {} }, platform],
    ['the architecture', () => Promise.resolve(), family, { os: 'linux', arch: 'arm64' }],
  ])('changes with %s', async (_, change, changed, where) => {
    const key = await familyKey(family, source, platform);
    await change();
    expect(await familyKey(changed, source, where)).not.toBe(key);
  });
});

test('goPlatform speaks Go', () => {
  expect(goPlatform('linux', 'x64')).toEqual({ os: 'linux', arch: 'amd64' });
  expect(goPlatform('linux', 'arm64')).toEqual({ os: 'linux', arch: 'arm64' });
});
