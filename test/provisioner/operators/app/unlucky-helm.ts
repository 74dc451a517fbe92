/** A Helm that is killed (SIGKILL) in the middle of commands that a test names, and is itself otherwise. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolsBin } from '../../../fixtures/needs.ts';

export interface UnluckyHelm {
  readonly binary: string;
  /** The next run of this command is killed after so many seconds. */
  kill(command: 'upgrade' | 'rollback' | 'uninstall', afterSeconds: number): Promise<void>;
  /** Commands that were struck, in their order; others ended before. */
  struck(): Promise<readonly string[]>;
}

export async function unluckyHelm(folder: string): Promise<UnluckyHelm> {
  const binary = join(folder, 'unlucky-helm');
  const log = join(folder, 'struck');
  const helm = join(toolsBin, 'helm');
  await writeFile(log, '');
  await writeFile(binary, `#!/bin/sh
plan=${folder}/kill-$1
if [ -f "$plan" ]; then
  after=$(cat "$plan"); rm "$plan"
  timeout -s KILL "$after" ${helm} "$@"; code=$?
  [ $code = 137 ] && echo "$1" >>${log}
  exit $code
fi
exec ${helm} "$@"
`, { mode: 0o755 });
  return {
    binary,
    kill: (command, afterSeconds) => writeFile(join(folder, `kill-${command}`), String(afterSeconds)),
    struck: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
  };
}
