/** apt-get and dpkg-query, without questions. */
import { runGroup, type CommandResult } from '../tools/process-group.ts';
import { PackagesError } from './errors.ts';

export interface AptOptions {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly progress?: (line: string) => void;
}

/** Longest that one apt-get may take, the wait for another package manager included. */
const deadlineMs = 15 * 60_000;
const lockWaitSeconds = 300;

/**
 * Installs packages. The package lists are fetched only when apt does not know a package, or its copy is outdated.
 * A package manager must not be stopped half way, so a signal counts before and between its steps only.
 * @throws PackagesError PACKAGES_INSTALL_FAILED; the signal's reason
 */
export async function aptInstall(packages: readonly string[], options: AptOptions): Promise<void> {
  const install = ['install', '--yes', '--no-install-recommends', ...packages];
  const first = await aptGet(install, options);
  if (first.code === 0) return;
  options.progress?.('packages: fetching the package lists (apt-get update)');
  const update = await aptGet(['update'], options);
  const second = await aptGet(install, options);
  if (second.code === 0) return;
  const said = [second, update].flatMap((result) => result.output.split('\n').filter((line) => /^E: /.test(line)))[0] ?? `exit code ${second.code}`;
  throw new PackagesError('PACKAGES_INSTALL_FAILED', `apt-get cannot install ${packages.join(', ')}: ${said}; try "apt-get install ${packages.join(' ')}" yourself`, { output: second.output });
}

/** Whether dpkg knows the package as installed; false where there is no dpkg. */
export async function isInstalled(name: string, path: string, signal: AbortSignal): Promise<boolean> {
  const result = await runGroup(['dpkg-query', '--show', '--showformat=${db:Status-Status}', name], { cwd: '/', environment: { PATH: path, LC_ALL: 'C' }, signal });
  return result.code === 0 && result.output === 'installed';
}

async function aptGet(argv: readonly string[], options: AptOptions): Promise<CommandResult> {
  options.signal.throwIfAborted();
  return runGroup(['apt-get', '--quiet', '-o', 'Dpkg::Use-Pty=0', '-o', `DPkg::Lock::Timeout=${lockWaitSeconds}`, ...argv], {
    cwd: '/',
    environment: { PATH: `${options.path}:/usr/sbin:/sbin`, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    signal: AbortSignal.timeout(deadlineMs),
    onLine: (line) => {
      if (/^(Get:|Unpacking|Setting up|Waiting for cache lock)/.test(line)) options.progress?.(`packages: ${line}`);
    },
  });
}
