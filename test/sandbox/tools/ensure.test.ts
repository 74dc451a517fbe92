/** ensureTools with a go command that is a shell script: order of sources, interruption, two builders, damage. */
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cacheDirectory, ensureTools, type Catalogue, type EnsureOptions, type Family, type Tool, type ToolName, type ToolsProgress } from '../../../sandbox/tools/index.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

const alpha = 'alpha' as ToolName;
const beta = 'beta' as ToolName;
const gamma = 'gamma' as ToolName;

/** Writes a program that prints 1.2.3, counts itself in builds.log, and waits while the file `hold` exists. */
const fakeGo = `#!/bin/sh
if [ "$1" = env ]; then echo go1.26.8; exit 0; fi
echo "$PWD" >> "$BUILDS"
mkdir -p "$GOCACHE"
echo compiling
while [ -e "$HOLD" ]; do sleep 0.02; done
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v%s\\n' "\${PRINTS:-1.2.3}" > "$2"; chmod +x "$2"
`;

describe('ensureTools', () => {
  let root: string;
  let events: ToolsProgress[];
  let catalogue: Catalogue;
  let hold: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ensure-'));
    events = [];
    hold = join(root, 'hold');
    const family = (name: string, programs: readonly string[], names?: readonly ToolName[]) =>
      ({ name, module: `example.test/${name}`, moduleVersion: 'v1.2.3', programs: Object.fromEntries(programs.map((p) => [p, '.'])), ...(names && { names }), variables: {}, cpuSeconds: 4, sizeMb: 1, scratchMb: 1 }) as unknown as Family;
    const tool = (name: ToolName, of: string) => ({ name, family: of, version: '1.2.3', versionArguments: ['--version'], role: '' }) as unknown as Tool;
    catalogue = {
      families: [family('first', ['multi'], [alpha, beta]), family('second', ['gamma'])],
      tools: [tool(alpha, 'first'), tool(beta, 'first'), tool(gamma, 'second')],
      source: join(root, 'source'),
    };
    for (const name of ['first', 'second']) {
      await mkdir(join(root, 'source', name), { recursive: true });
      await writeFile(join(root, 'source', name, 'go.mod'), `module x.test/${name}\n\ngo 1.26.0\n`);
    }
    await mkdir(join(root, 'bin'));
    await writeFile(join(root, 'bin', 'go'), fakeGo, { mode: 0o755 });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const ensure = (overrides: Partial<EnsureOptions> = {}, variables: Record<string, string> = {}) =>
    ensureTools({
      cacheDir: join(root, 'cache'),
      path: '',
      environment: { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, BUILDS: join(root, 'builds.log'), HOLD: hold, ...variables },
      signal: new AbortController().signal,
      progress: (event) => events.push(event),
      catalogue,
      ...overrides,
    });
  const builds = async () => (await readFile(join(root, 'builds.log'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map((line) => line.split('/').at(-1));
  const kinds = () => events.map((event) => event.kind).filter((kind) => kind !== 'building');

  test('builds a family on demand only when one of its tools is named', async () => {
    catalogue = { ...catalogue, families: catalogue.families.map((family) => (family.name === ('second' as never) ? { ...family, onDemand: true } : family)) };
    expect((await ensure()).tools.map((tool) => tool.name)).toEqual([alpha, beta]);
    expect((await ensure({ names: [gamma] })).tools.map((tool) => tool.name)).toEqual([gamma]);
  });

  test('builds what is missing and links it under its own names in one folder', async () => {
    const set = await ensure();
    expect(set.directory).toBe(join(root, 'cache', 'tools', 'bin'));
    expect((await readdir(set.directory)).sort()).toEqual(['alpha', 'beta', 'gamma']);
    expect(await readFile(set.path(beta), 'utf8')).toContain('echo v1.2.3');
    expect(set.tools.map((tool) => tool.source)).toEqual(['built', 'built', 'built']);
    expect(set.built.map((family) => family.family)).toEqual(['first', 'second']);
    expect(kinds()).toEqual(['plan', 'built', 'built', 'cleaned']);
  });

  test('lets every user execute what was built', async () => {
    const set = await ensure();
    for (const file of [set.directory, ...set.tools.flatMap((tool) => [tool.file, dirname(tool.file)])]) expect((await stat(file)).mode & 0o005).toBe(0o005);
  });

  test('builds nothing the second time, and does not even need Go', async () => {
    await ensure();
    events = [];
    const set = await ensure({ environment: {} });
    expect(set.tools.map((tool) => tool.source)).toEqual(['cache', 'cache', 'cache']);
    expect(await builds()).toEqual(['first', 'second']);
    expect(events).toEqual([]);
  });

  test('builds only the families of the tools asked for, and names no others', async () => {
    const set = await ensure({ names: [gamma] });
    expect(await builds()).toEqual(['second']);
    expect(() => set.path(alpha)).toThrow(expect.objectContaining({ code: 'TOOLS_UNKNOWN' }));
  });

  test("prefers the user's folder, then PATH, then the cache", async () => {
    await mkdir(join(root, 'mine'));
    await mkdir(join(root, 'path'));
    await writeFile(join(root, 'mine', 'alpha'), '#!/bin/sh\necho v9.9.9', { mode: 0o755 });
    await writeFile(join(root, 'path', 'alpha'), '#!/bin/sh\necho v1.2.3', { mode: 0o755 });
    await writeFile(join(root, 'path', 'beta'), '#!/bin/sh\necho v1.2.3', { mode: 0o755 });
    await writeFile(join(root, 'path', 'gamma'), '#!/bin/sh\necho v1.2.4', { mode: 0o755 });
    const set = await ensure({ toolsDir: join(root, 'mine'), path: join(root, 'path') });
    expect(set.tools.map((tool) => tool.source)).toEqual(['directory', 'path', 'built']);
    expect(set.tools.map((tool) => tool.version)).toEqual(['9.9.9', '1.2.3', '1.2.3']);
    expect(await readlink(set.path(alpha))).toBe('../../../mine/alpha');
    expect(await builds()).toEqual(['second']);
  });

  test('goes on after an interruption with the families that were not finished, and leaves no half of one', async () => {
    const interruption = new AbortController();
    await ensure({ names: [alpha], keepBuildCache: true });
    await writeFile(hold, '');
    const running = ensure({ signal: interruption.signal, progress: (event) => { if (event.kind === 'building') setTimeout(() => interruption.abort(new Error('Ctrl-C')), 100); } });
    await expect(running).rejects.toThrow('Ctrl-C');
    await rm(hold);
    expect((await readdir(join(root, 'cache', 'tools'))).filter((name) => !name.startsWith('first-'))).toEqual(['bin']);
    const set = await ensure();
    expect(set.tools.map((tool) => tool.source)).toEqual(['cache', 'cache', 'built']);
    expect(await builds()).toEqual(['first', 'second', 'second']);
  });

  test('two builders at once build each family once', async () => {
    const sets = await Promise.all([ensure(), ensure(), ensure()]);
    expect((await builds()).sort()).toEqual(['first', 'second']);
    expect(sets.flatMap((set) => set.built)).toHaveLength(2);
    expect(kinds()).toContain('waiting');
  });

  test('builds a damaged family again and says which file it was', async () => {
    const set = await ensure();
    await writeFile(set.tools[0]!.file, 'something else');
    events = [];
    await ensure();
    expect(events[0]).toMatchObject({ kind: 'damaged', file: set.tools[0]!.file });
    expect(await readFile(set.path(beta), 'utf8')).toContain('echo v1.2.3');
    expect(await builds()).toEqual(['first', 'second', 'first']);
  });

  test('without building: names what is missing, and calls damage by its name', async () => {
    await expect(ensure({ allowBuild: false })).rejects.toMatchObject({ code: 'TOOLS_BUILD_REFUSED', message: expect.stringContaining('first, second') });
    const set = await ensure();
    await writeFile(set.tools[2]!.file, 'something else');
    await expect(ensure({ allowBuild: false })).rejects.toMatchObject({ code: 'TOOLS_SUM_MISMATCH', message: expect.stringContaining(set.tools[2]!.file) });
  });

  test('keeps nothing that prints another version than its pin', async () => {
    await expect(ensure({}, { PRINTS: '1.2.4' })).rejects.toMatchObject({ code: 'TOOLS_VERSION_MISMATCH', message: expect.stringContaining('it says 1.2.4') });
    await expect(ensure({ allowBuild: false })).rejects.toMatchObject({ code: 'TOOLS_BUILD_REFUSED' });
  });

  test('keeps the build cache only when asked to', async () => {
    await ensure({ names: [alpha], keepBuildCache: true });
    expect(await readdir(join(root, 'cache'))).toContain('go-build');
    await ensure();
    expect(await readdir(join(root, 'cache'))).not.toContain('go-build');
  });

  test('refuses to begin on a disk that is too small, before it downloads anything', async () => {
    const huge = { ...catalogue, families: catalogue.families.map((family) => ({ ...family, scratchMb: 1e12 })) };
    await expect(ensure({ catalogue: huge })).rejects.toMatchObject({ code: 'TOOLS_NO_DISK' });
    expect(await builds()).toEqual([]);
  });

  test('tries an unreachable proxy again, then gives up with the reason', async () => {
    await writeFile(join(root, 'bin', 'go'), '#!/bin/sh\nif [ "$1" = env ]; then echo go1.26.8; exit 0; fi\necho "go: a.test/x: Get \\"https://p.test\\": dial tcp: i/o timeout" >&2; echo "$PWD" >> "$BUILDS"; exit 1\n', { mode: 0o755 });
    await expect(ensure({ retrySeconds: [0.01, 0.02] })).rejects.toMatchObject({ code: 'TOOLS_MODULE_UNREACHABLE' });
    expect(await builds()).toEqual(['first', 'first', 'first']);
    expect(kinds()).toEqual(['plan', 'retry', 'retry']);
  });

  test('does not try again what does not compile, and hands on what Go said', async () => {
    await writeFile(join(root, 'bin', 'go'), '#!/bin/sh\nif [ "$1" = env ]; then echo go1.26.8; exit 0; fi\necho "./main.go:1:1: bad" >&2; echo "$PWD" >> "$BUILDS"; exit 1\n', { mode: 0o755 });
    await expect(ensure({ retrySeconds: [0.01] })).rejects.toMatchObject({ code: 'TOOLS_BUILD_FAILED', output: './main.go:1:1: bad' });
    expect(await builds()).toEqual(['first']);
  });

  test('follows a changed go.mod with a new build and moves the links to it', async () => {
    const before = await ensure();
    await writeFile(join(root, 'source', 'second', 'go.mod'), 'module x.test/second\n\ngo 1.26.1\n');
    const after = await ensure();
    expect(after.tools[2]!.file).not.toBe(before.tools[2]!.file);
    expect(await readlink(after.path(gamma))).toBe(`..${after.tools[2]!.file.slice(join(root, 'cache', 'tools').length)}`);
    expect(await builds()).toEqual(['first', 'second', 'second']);
  });

  test('accepts a cache that was copied from elsewhere', async () => {
    await ensure();
    await cp(join(root, 'cache'), join(root, 'other'), { recursive: true });
    const set = await ensure({ cacheDir: join(root, 'other') });
    expect(set.tools.map((tool) => tool.source)).toEqual(['cache', 'cache', 'cache']);
  });
});

describe('cacheDirectory', () => {
  test.each([
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/keelson'],
    [{ HOME: '/h' }, '/h/.cache/keelson'],
    [{ XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/keelson'],
  ])('of %j is %s', (environment, folder) => {
    expect(cacheDirectory(environment)).toBe(folder);
  });

  test('needs HOME or XDG_CACHE_HOME', () => {
    expect(() => cacheDirectory({})).toThrow(expect.objectContaining({ code: 'TOOLS_DIRECTORY' }));
  });
});
