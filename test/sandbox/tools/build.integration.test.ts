/** With a real Go: a family of one file is built, says its version, and is the same again. Needs Go on the machine, no network. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureTools, type Catalogue, type Family, type Tool, type ToolName } from '../../../sandbox/tools/index.ts';
import { describeWith, missing } from '../../fixtures/needs.ts';

const main = `// A program with two names.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

var version = "unknown"

func main() {
	fmt.Println(filepath.Base(os.Args[0]), "v"+version)
}
`;

const hasGo = missing({ commands: ['go'] }) === undefined || (await stat('/usr/local/go/bin/go').catch(() => undefined)) !== undefined;

describeWith(hasGo ? {} : { commands: ['go'] }, 'a family built by the real Go', () => {
  let root: string;
  const tool = (name: string) => ({ name, family: 'pair', version: '1.2.3', versionArguments: [], role: '' }) as unknown as Tool;
  const family = { name: 'pair', module: 'example.test/pair', moduleVersion: 'v1.2.3', programs: { pair: '.' }, names: ['left', 'right'], variables: { 'main.version': '1.2.3' }, cpuSeconds: 5, sizeMb: 3, scratchMb: 100 } as unknown as Family;
  const ensure = async (cacheDir: string, changes: Partial<Family> = {}, source = 'source') => {
    const catalogue: Catalogue = { families: [{ ...family, ...changes }], tools: [tool('left'), tool('right')], source: join(root, source) };
    await shareCompiledPackages(cacheDir);
    return ensureTools({ cacheDir: join(root, cacheDir), path: '', environment: { ...process.env, GOFLAGS: '' }, signal: new AbortController().signal, catalogue, keepBuildCache: true });
  };
  /** Go compiles its standard library once for all tests of this file, half a minute each otherwise, minutes on a busy machine. */
  const shareCompiledPackages = async (cacheDir: string) => {
    await mkdir(join(root, cacheDir), { recursive: true });
    await symlink('../go-build', join(root, cacheDir, 'go-build')).catch((error: NodeJS.ErrnoException) => expect(error.code).toBe('EEXIST'));
  };
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'build-'));
    await mkdir(join(root, 'go-build'));
    await mkdir(join(root, 'source', 'pair'), { recursive: true });
    await writeFile(join(root, 'source', 'pair', 'go.mod'), 'module x.test/pair\n\ngo 1.21\n');
    await writeFile(join(root, 'source', 'pair', 'main.go'), main);
    await ensure('first');
  }, 600_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('runs under each of its names, from one file', async () => {
    const set = await ensure('cache');
    expect(execFileSync(set.path('left' as ToolName), { encoding: 'utf8' })).toBe('left v1.2.3\n');
    expect(execFileSync(set.path('right' as ToolName), { encoding: 'utf8' })).toBe('right v1.2.3\n');
    expect((await stat(set.tools[0]!.file)).ino).toBe((await stat(set.tools[1]!.file)).ino);
    expect(set.built[0]!.cpuSeconds).toBeGreaterThan(0);
  }, 120_000);

  test('is byte for byte the same from another folder', async () => {
    await cp(join(root, 'source'), join(root, 'elsewhere'), { recursive: true });
    const sum = async (file: string) => createHash('sha256').update(await readFile(file)).digest('hex');
    const [one, two] = [await ensure('cache'), await ensure('other', {}, 'elsewhere')];
    expect(await sum(two.tools[0]!.file)).toBe(await sum(one.tools[0]!.file));
  }, 120_000);

  test('with a wrong linker variable is refused', async () => {
    await expect(ensure('wrong', { variables: { 'main.versoin': '1.2.3' } })).rejects.toMatchObject({ code: 'TOOLS_VERSION_MISMATCH' });
  }, 120_000);

  test('that does not compile fails with the compiler\'s line', async () => {
    await writeFile(join(root, 'source', 'pair', 'broken.go'), 'package main\n\nvar x int = "text"\n');
    await expect(ensure('broken')).rejects.toMatchObject({ code: 'TOOLS_BUILD_FAILED', message: expect.stringMatching(/broken\.go:3:\d+: cannot use "text"/) });
    await rm(join(root, 'source', 'pair', 'broken.go'));
  }, 120_000);

  test('that asks for a Go of the future is refused with the version', async () => {
    await writeFile(join(root, 'source', 'pair', 'go.mod'), 'module x.test/pair\n\ngo 1.999.0\n');
    const refused = ensureTools({
      cacheDir: join(root, 'future'), path: '', environment: { ...process.env, GOTOOLCHAIN: 'local' }, signal: new AbortController().signal,
      catalogue: { families: [family], tools: [tool('left')], source: join(root, 'source') },
    });
    await expect(refused).rejects.toMatchObject({ code: 'TOOLS_GO_TOO_OLD', message: expect.stringMatching(/is Go 1\.\d+.*1\.999\.0 or newer is needed/) });
  }, 120_000);
});
