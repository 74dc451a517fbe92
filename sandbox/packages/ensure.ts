/** Sees to it that the commands the sandbox starts are installed: finds what is missing, all at once, and installs it or says how. */
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { aptInstall, isInstalled } from './apt.ts';
import { PackagesError } from './errors.ts';
import { packageManagerOf } from './os-release.ts';
import { systemCommands, type SystemCommand } from './packages.ts';

export interface PackagesOptions {
  /** What must be there; the sandbox's table unless a test says otherwise. */
  readonly commands?: readonly SystemCommand[];
  /** Packages without a command to look for: those that only tests need. Checked where there is dpkg, ignored elsewhere. */
  readonly packages?: readonly string[];
  /** false (`--no-packages`): nothing is installed, what is missing is returned. */
  readonly allowInstall: boolean;
  readonly isRoot: boolean;
  /** Text of /etc/os-release; undefined where there is none. */
  readonly osRelease: string | undefined;
  /** PATH; /usr/sbin and /sbin are searched too, because the PATH of plain users lacks them on Debian. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** One line per step. */
  readonly progress?: (line: string) => void;
}

export type PackagesOutcome =
  | { readonly kind: 'present' }
  | { readonly kind: 'installed'; readonly packages: readonly string[] }
  /** `reason` in one line with what is needed for what, `line` to type. */
  | { readonly kind: 'missing'; readonly packages: readonly string[]; readonly reason: string; readonly line: string };

/** @throws PackagesError when apt-get fails, or when a command is still not there afterwards */
export async function ensurePackages(options: PackagesOptions): Promise<PackagesOutcome> {
  const commands = await missingCommands(options.commands ?? systemCommands, options.path);
  const manager = packageManagerOf(options.osRelease);
  const extra = manager === 'apt' ? await missingPackages(options.packages ?? [], options) : [];
  const packages = [...new Set([...commands.map((entry) => entry.package), ...extra])].sort();
  if (packages.length === 0) return { kind: 'present' };

  if (!options.allowInstall || !options.isRoot || manager !== 'apt') {
    return { kind: 'missing', packages, reason: reasonOf(commands, extra), line: lineToType(manager, options.isRoot, packages, commands) };
  }
  options.progress?.(`packages: installing ${packages.join(', ')}`);
  await aptInstall(packages, { path: options.path, signal: options.signal, ...(options.progress ? { progress: options.progress } : {}) });
  const still = await missingCommands(commands, options.path);
  if (still.length > 0) {
    throw new PackagesError('PACKAGES_STILL_MISSING', `installed ${packages.join(', ')}, but there is still no ${still.map((entry) => entry.command).join(', ')}: correct sandbox/packages/packages.ts`);
  }
  return { kind: 'installed', packages };
}

/** Package names of a list such as test/debian-packages.txt: one per line, # starts a comment. */
export function parsePackageList(text: string): readonly string[] {
  return text.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
}

async function missingCommands(commands: readonly SystemCommand[], path: string): Promise<readonly SystemCommand[]> {
  const folders = [...path.split(delimiter).filter(Boolean), '/usr/sbin', '/sbin'];
  const isThere = await Promise.all(commands.map(async ({ command }) => (await Promise.all(folders.map((folder) => isExecutable(join(folder, command))))).includes(true)));
  return commands.filter((_, i) => !isThere[i]);
}

async function missingPackages(packages: readonly string[], options: PackagesOptions): Promise<readonly string[]> {
  const isThere = await Promise.all(packages.map((name) => isInstalled(name, options.path, options.signal)));
  return packages.filter((_, i) => !isThere[i]);
}

function reasonOf(commands: readonly SystemCommand[], extra: readonly string[]): string {
  return [...commands.map((entry) => `${entry.command} (${entry.neededFor})`), ...extra.map((name) => `${name} (tests)`)].join(', ');
}

function lineToType(manager: 'apt' | 'dnf' | 'unknown', isRoot: boolean, packages: readonly string[], commands: readonly SystemCommand[]): string {
  const sudo = isRoot ? '' : 'sudo ';
  if (manager === 'apt') return `${sudo}apt-get install --no-install-recommends ${packages.join(' ')}`;
  // dnf finds packages by the files they own, so that no second table of names is needed.
  if (manager === 'dnf') return `${sudo}dnf install ${commands.map((entry) => `'*bin/${entry.command}'`).join(' ')}`;
  return `install the packages that have ${commands.map((entry) => entry.command).join(', ')} (on Debian: ${packages.join(' ')})`;
}

async function isExecutable(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() === true && (await access(file, constants.X_OK).then(() => true, () => false));
}
