import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import fc from 'fast-check';
import { containerScript, processArguments, type ContainerPlan } from '../../../sandbox/cri/container-script.ts';

const plan: ContainerPlan = {
  directory: '/var/lib/keelson-cri/abc/stage', root: { kind: 'layers', directories: ['/layers/two', '/layers/one'] }, skeleton: '/run/skeleton',
  usesServerNetwork: false, usesServerPids: false, isPrivileged: false, isOneUser: false, isRootReadonly: true,
  mounts: [{ source: '/b', target: '/data/deep', isReadonly: true, propagation: 'private' }, { source: '/a', target: '/data', isReadonly: false, propagation: 'slave' }],
  maskedPaths: ['/proc/kcore'], readonlyPaths: ['/proc/sys'], oomScoreAdj: 999,
  process: { argv: ['web', "it's"], environment: [['PATH', '/bin'], ['TEXT', 'two\nlines']], workingDir: '/app', uid: 1001, gid: 1002, groups: [7, 8], privileges: ['--no-new-privs'] },
};

describe('the script of a container', () => {
  test('is shell, whatever is in it', () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (argument, value, path) => {
      const odd: ContainerPlan = { ...plan, mounts: [{ source: `/${path}`, target: `/${value}`, isReadonly: false, propagation: 'shared' }], process: { ...plan.process, argv: [argument, value], environment: [['X', value]] } };
      execFileSync('sh', ['-n'], { input: containerScript(odd).replaceAll('\0', '') });
    }), { numRuns: 30 });
  });

  test('mounts parents before children', () => {
    const script = containerScript(plan);
    expect(script.indexOf('bind /a /data rw slave')).toBeGreaterThan(0);
    expect(script.indexOf('bind /b /data/deep ro private')).toBeGreaterThan(script.indexOf('bind /a /data rw slave'));
  });

  test('the read-only root comes after everything that is mounted in it, and the server\'s tree goes last', () => {
    const script = containerScript(plan);
    expect(script.indexOf('seal "$S/c"\n')).toBeGreaterThan(script.indexOf('bind /b'));
    expect(script.indexOf('umount -l /old')).toBeGreaterThan(script.indexOf('seal "$S/c"\n'));
  });

  test('overlays of a user namespace keep their notes where it may write them', () => {
    const programs: ContainerPlan = { ...plan, root: { kind: 'programs', programs: [] } };
    for (const one of [plan, programs]) {
      expect(containerScript({ ...one, isOneUser: true })).toMatch(/mount -t overlay .*workdir=\S+,userxattr"/);
      expect(containerScript(one)).not.toContain('userxattr');
    }
  });

  test('the process gets exactly its environment, identity, root and directory', () => {
    expect(processArguments(plan.process)).toEqual([
      '/usr/bin/env', '-i', 'PATH=/bin', 'TEXT=two\nlines', '/usr/bin/setpriv', '--regid=1002', '--groups=7,8', '--no-new-privs',
      '/usr/bin/nsenter', '--root=/c', '--wdns=/app', '--setuid=1001', '--', 'web', "it's",
    ]);
  });
});

describe('paths in a container', () => {
  const directory = mkdtempSync(join(tmpdir(), 'inside-'));
  const root = `${directory}/c`;
  afterAll(() => rmSync(directory, { recursive: true }));
  // The script's own functions, without anything that mounts.
  const script = containerScript(plan);
  const functions = script.slice(script.indexOf('inside() {'), script.indexOf('place() {'));
  const inside = (path: string): string => execFileSync('sh', ['-c', `S=${directory}\n${functions}\ninside "$1"; printf %s "$done"`, 'sh', path], { encoding: 'utf8' });

  beforeAll(() => {
    mkdirSync(`${root}/var`, { recursive: true });
    mkdirSync(`${root}/run/real`, { recursive: true });
    symlinkSync('/run', `${root}/var/run`);
    symlinkSync('../../../../../../etc', `${root}/run/up`);
    symlinkSync('real', `${root}/run/relative`);
    symlinkSync('loop', `${root}/loop`);
    writeFileSync(`${root}/file`, '');
  });

  test.each([
    ['/var/run/secrets/token', '/run/secrets/token'],
    ['/var/run/relative/x', '/run/real/x'],
    ['/run/up/passwd', '/etc/passwd'],
    ['/a//b/./c', '/a/b/c'],
    ['/../../etc', '/etc'],
    ['/var/run/../file', '/file'],
    ['/', ''],
  ])('%s is %s in it', (path, expected) => {
    expect(inside(path)).toBe(`${root}${expected}`);
  });

  test('a loop of links ends', () => {
    expect(inside('/loop/x').startsWith(root)).toBe(true);
  });

  test('no path leads out', () => {
    const part = fc.constantFrom('..', '.', 'var', 'run', 'up', 'relative', 'loop', 'x');
    fc.assert(fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const result = inside(`/${parts.join('/')}`);
      expect(result === root || result.startsWith(`${root}/`)).toBe(true);
      expect(posix.normalize(result)).toBe(result);
    }), { numRuns: 40 });
  });
});
