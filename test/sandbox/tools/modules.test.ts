import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ensureModule } from '../../../sandbox/tools/index.ts';
import { pinnedModule } from '../../../sandbox/tools/modules.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

const goMod = `module x.test/y

go 1.26.0

require github.com/BurntSushi/toml v1.5.0

require (
	example.test/a v1.2.3
	example.test/b v0.0.0 // indirect
	example.test/local v1.0.0
)

replace (
	example.test/b => fork.test/b v0.9.0
	example.test/local => ../local
)
`;

describe('pinnedModule', () => {
  test.each([
    ['a module of a require block', 'example.test/a', { path: 'example.test/a', version: 'v1.2.3' }],
    ['a module of a single require line', 'github.com/BurntSushi/toml', { path: 'github.com/BurntSushi/toml', version: 'v1.5.0' }],
    ['a replaced module', 'example.test/b', { path: 'fork.test/b', version: 'v0.9.0' }],
    ['a module that is not there', 'example.test/c', undefined],
  ])('finds %s', (_, module, expected) => {
    expect(pinnedModule(goMod, module)).toEqual(expected);
  });
});

describe('ensureModule', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'modules-'));
    await mkdir(join(root, 'source', 'helm'), { recursive: true });
    await writeFile(join(root, 'source', 'helm', 'go.mod'), goMod);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const options = (path: string) => ({ cacheDir: join(root, 'cache'), environment: { PATH: path }, signal: new AbortController().signal, source: join(root, 'source') });

  test('needs no Go for a module that is in the cache, with capitals escaped as Go does', async () => {
    const folder = join(root, 'cache', 'go-mod', 'github.com', '!burnt!sushi', 'toml@v1.5.0');
    await mkdir(folder, { recursive: true });
    await expect(ensureModule('helm', 'github.com/BurntSushi/toml', options(''))).resolves.toBe(folder);
  });

  test('asks go for a missing one, in the family folder and with our module cache', async () => {
    await writeFile(join(root, 'go'), '#!/bin/sh\nmkdir -p "$GOMODCACHE/example.test/a@v1.2.3"; echo "$PWD $*" > "$GOMODCACHE/asked"\n', { mode: 0o755 });
    const folder = await ensureModule('helm', 'example.test/a', options(`${root}:/usr/bin:/bin`));
    expect(folder).toBe(join(root, 'cache', 'go-mod', 'example.test', 'a@v1.2.3'));
    expect(await readFile(join(root, 'cache', 'go-mod', 'asked'), 'utf8')).toBe(`${join(root, 'source', 'helm')} mod download example.test/a\n`);
  });

  test('says that the proxy is out of reach', async () => {
    await writeFile(join(root, 'go'), '#!/bin/sh\necho "go: example.test/a@v1.2.3: Get \\"https://proxy.example/x\\": dial tcp: lookup proxy.example: no such host" >&2; exit 1\n', { mode: 0o755 });
    await expect(ensureModule('helm', 'example.test/a', options(`${root}:/usr/bin:/bin`))).rejects.toMatchObject({ code: 'TOOLS_MODULE_UNREACHABLE' });
  });

  test('refuses a module that the family does not pin', async () => {
    await expect(ensureModule('helm', 'example.test/c', options(''))).rejects.toMatchObject({ code: 'TOOLS_UNKNOWN' });
  });
});
