/** Installs the system packages that the sandbox and, with --tests, the tests need: `node sandbox/packages/main.ts --help`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { ensurePackages, PackagesError, parsePackageList } from './index.ts';

interface Flags {
  readonly tests?: true;
  readonly packages: boolean;
}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

await new Command('packages')
  .description('Finds missing system commands and, as root on Debian or Ubuntu, installs their packages.')
  .option('--tests', 'also the packages of test/debian-packages.txt')
  .option('--no-packages', 'install nothing; print the line to type and exit 1 when something is missing')
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync();

async function run(flags: Flags): Promise<void> {
  try {
    const outcome = await ensurePackages({
      packages: flags.tests ? parsePackageList(await readFile(join(import.meta.dirname, '../../test/debian-packages.txt'), 'utf8')) : [],
      allowInstall: flags.packages,
      isRoot: process.getuid?.() === 0,
      osRelease: await readFile('/etc/os-release', 'utf8').catch(() => undefined),
      path: process.env['PATH'] ?? '',
      signal: interruption.signal,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    if (outcome.kind === 'installed') process.stderr.write(`packages: installed ${outcome.packages.join(', ')}\n`);
    if (outcome.kind !== 'missing') return;
    process.stderr.write(`packages: missing: ${outcome.reason}\n  ${outcome.line}\n`);
  } catch (error) {
    if (!(error instanceof PackagesError) && !interruption.signal.aborted) throw error;
    process.stderr.write(`packages: ${(error as Error).message}\n`);
  }
  process.exitCode = 1;
}
