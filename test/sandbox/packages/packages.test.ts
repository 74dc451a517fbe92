import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ensurePackages, parsePackageList, systemCommands, type PackagesOptions } from '../../../sandbox/packages/index.ts';
import { isInstalled } from '../../../sandbox/packages/apt.ts';
import { packageManagerOf } from '../../../sandbox/packages/os-release.ts';

/** Starts processes: on a busy machine that alone takes seconds. */
jest.setTimeout(60_000);

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n';
const fedora = 'NAME="Fedora Linux"\nID=fedora\n';

/** apt-get that knows packages only after an update when `stale` exists, and installs a package by touching its command. */
const fakeApt = `#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >> "$(dirname "$0")/calls"
here=$(dirname "$0")
case "$*" in
  *update*) rm -f "$here/stale"; exit 0;;
esac
if [ -e "$here/broken" ]; then echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'"; exit 100; fi
if [ -e "$here/stale" ]; then echo "E: Unable to locate package frob-tools"; exit 100; fi
[ -e "$here/empty" ] && exit 0
echo "Setting up frob-tools (1.0) ..."
for name in kl-frob kl-nob; do printf '#!/bin/sh\\n' > "$here/$name"; chmod +x "$here/$name"; done
`;

describe('ensurePackages', () => {
  let bin: string;
  let lines: string[];
  beforeEach(async () => {
    bin = await mkdtemp(join(tmpdir(), 'packages-'));
    lines = [];
    await writeFile(join(bin, 'apt-get'), fakeApt, { mode: 0o755 });
    await writeFile(join(bin, 'dpkg-query'), '#!/bin/sh\nfor last; do :; done\n[ "$last" = here ] && printf installed\n[ "$last" = half ] && printf config-files\nexit 0\n', { mode: 0o755 });
  });
  afterEach(() => rm(bin, { recursive: true, force: true }));

  const commands = [
    { command: 'kl-frob', package: 'frob-tools', neededFor: 'frobbing' },
    { command: 'kl-nob', package: 'frob-tools', neededFor: 'nobbing' },
    { command: 'sh', package: 'dash', neededFor: 'scripts' },
  ];
  const ensure = (overrides: Partial<PackagesOptions> = {}) =>
    ensurePackages({ commands, allowInstall: true, isRoot: true, osRelease: debian, path: `${bin}:/usr/bin:/bin`, signal: new AbortController().signal, progress: (line) => lines.push(line), ...overrides });
  const calls = async () => (existsSync(join(bin, 'calls')) ? (await readFile(join(bin, 'calls'), 'utf8')).trim().split('\n') : []);

  test('asks nothing of apt when every command is there', async () => {
    await expect(ensure({ commands: [commands[2]!] })).resolves.toEqual({ kind: 'present' });
    expect(await calls()).toEqual([]);
  });

  test('installs all packages at once, without questions and without recommended ones, and no update', async () => {
    await expect(ensure()).resolves.toEqual({ kind: 'installed', packages: ['frob-tools'] });
    expect(await calls()).toEqual([expect.stringMatching(/^noninteractive .*install --yes --no-install-recommends frob-tools$/)]);
    expect(lines).toEqual(['packages: installing frob-tools', 'packages: Setting up frob-tools (1.0) ...']);
  });

  test('fetches the package lists when apt does not know the package, then installs', async () => {
    await writeFile(join(bin, 'stale'), '');
    await expect(ensure()).resolves.toMatchObject({ kind: 'installed' });
    expect((await calls()).map((call) => /update|install/.exec(call.replace('--no-install-recommends', ''))?.[0])).toEqual(['install', 'update', 'install']);
  });

  test("fails with apt's own words", async () => {
    await writeFile(join(bin, 'broken'), '');
    await expect(ensure()).rejects.toMatchObject({ code: 'PACKAGES_INSTALL_FAILED', message: expect.stringContaining('dpkg was interrupted') });
  });

  test('fails when the package does not have the command', async () => {
    await writeFile(join(bin, 'empty'), '');
    await expect(ensure()).rejects.toMatchObject({ code: 'PACKAGES_STILL_MISSING', message: expect.stringContaining('kl-frob, kl-nob') });
  });

  test('starts nothing after the signal', async () => {
    await expect(ensure({ signal: AbortSignal.abort(new Error('Ctrl-C')) })).rejects.toThrow('Ctrl-C');
    expect(await calls()).toEqual([]);
  });

  test.each([
    ['installing is not allowed', { allowInstall: false }, 'apt-get install --no-install-recommends frob-tools'],
    ['the user is not root', { isRoot: false }, 'sudo apt-get install --no-install-recommends frob-tools'],
    ['the system is Fedora', { osRelease: fedora }, "dnf install '*bin/kl-frob' '*bin/kl-nob'"],
    ['the system is unknown', { osRelease: undefined }, 'install the packages that have kl-frob, kl-nob (on Debian: frob-tools)'],
  ])('says all that is missing and the line to type when %s', async (_, overrides, line) => {
    const outcome = await ensure(overrides);
    expect(outcome).toEqual({ kind: 'missing', packages: ['frob-tools'], reason: 'kl-frob (frobbing), kl-nob (nobbing)', line });
    expect(await calls()).toEqual([]);
  });

  test('looks for packages of tests in dpkg; one whose configuration is left does not count as installed', async () => {
    await expect(ensure({ commands: [], packages: ['here'] })).resolves.toEqual({ kind: 'present' });
    await expect(ensure({ commands: [], packages: ['here', 'half', 'none'], allowInstall: false })).resolves.toMatchObject({ kind: 'missing', packages: ['half', 'none'], reason: 'half (tests), none (tests)' });
  });

  test('ignores packages of tests where there is no dpkg', async () => {
    await expect(ensure({ commands: [], packages: ['none'], osRelease: fedora })).resolves.toEqual({ kind: 'present' });
  });

  test('takes no folder or plain file for a command', async () => {
    await mkdir(join(bin, 'kl-frob'));
    await writeFile(join(bin, 'kl-nob'), '', { mode: 0o644 });
    await expect(ensure({ allowInstall: false })).resolves.toMatchObject({ kind: 'missing', reason: 'kl-frob (frobbing), kl-nob (nobbing)' });
  });
});

const realOr = (file: string) => (existsSync(file) ? realpathSync(file) : file);

describe('with the real dpkg', () => {
  const path = process.env['PATH'] ?? '';
  const hasDpkg = path.split(delimiter).some((folder) => existsSync(join(folder, 'dpkg-query')));
  const signal = new AbortController().signal;

  test('dpkg itself is installed there, a package that nobody has is not', async () => {
    expect(await isInstalled('dpkg', path, signal)).toBe(hasDpkg);
    expect(await isInstalled('no-such-package-anywhere', path, signal)).toBe(false);
  });

  test('every package of the table owns its command, where that is installed', async () => {
    if (!hasDpkg) return expect(hasDpkg).toBe(false);
    for (const { command, package: name } of systemCommands) {
      if (!(await isInstalled(name, path, signal))) continue;
      const owned = execFileSync('dpkg-query', ['--listfiles', name], { encoding: 'utf8' }).split('\n').map(realOr);
      const file = [...path.split(delimiter), '/usr/sbin', '/sbin'].map((folder) => join(folder, command)).find((candidate) => existsSync(candidate)) ?? '';
      // The command may be an alternative (update-alternatives(1)): iptables is a link to a link to xtables-nft-multi.
      expect(owned.includes(realOr(file)) ? command : `${name} without ${command}`).toBe(command);
    }
  });
});

test.each([
  [debian, 'apt'],
  ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', 'apt'],
  ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt'],
  [fedora, 'dnf'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf'],
  ['ID=arch\n', 'unknown'],
  [undefined, 'unknown'],
])('packageManagerOf %j is %s', (text, manager) => {
  expect(packageManagerOf(text)).toBe(manager);
});

test('parsePackageList reads one name per line and skips comments', () => {
  expect(parsePackageList('# why\n\nyamllint # for charts\n  jq\n')).toEqual(['yamllint', 'jq']);
});
