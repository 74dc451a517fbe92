/** The `keelson` command. Exit codes: 0 fine, 1 a finding or a failure, 2 wrong usage. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { explain } from './explain.ts';
import { buildProgram } from './program.ts';

const abort = new AbortController();
let interrupts = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second Ctrl-C does not wait for what the first one asked to end.
    if ((interrupts += 1) > 1) process.exit(130);
    abort.abort(new Error(`stopped by ${signal}`));
  });
}

const program = buildProgram({
  env: process.env,
  home: homedir(),
  repository: join(import.meta.dirname, '..', '..'),
  signal: abort.signal,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  setExitCode: (code) => {
    process.exitCode = code;
  },
});
try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${explain(error, process.env['KEELSON_DEBUG'] !== undefined)}\n`);
    process.exitCode = abort.signal.aborted ? 130 : isWrongUsage(error) ? 2 : 1;
  }
}

/** What the user gave cannot be used: CliError, or an option's value, for which the code of every area's error ends so. */
function isWrongUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^CLI_|_BAD_OPTION$/.test(error.code);
}
