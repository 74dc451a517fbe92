/** Pseudo terminals by script(1) of util-linux: it makes the terminal, runs a command on it and copies between the terminal and its own pipes. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { quote, run } from './command.ts';
import type { TerminalSize } from './streaming/remote-command.ts';

/** @param file gets the terminal's device, for `resizeTerminal` */
export function terminal(argv: readonly string[], file: string): string[] {
  // --return: exit as the command does; --quiet --flush, /dev/null: no transcript.
  const command = `readlink /proc/self/fd/0 > ${quote(file)}; exec setpriv --pdeathsig KILL ${argv.map(quote).join(' ')}`;
  return ['setpriv', '--pdeathsig', 'KILL', 'script', '--quiet', '--return', '--flush', '--command', command, '/dev/null'];
}

/** Sets the window size; the kernel then tells the foreground process (SIGWINCH). The first size may come before the terminal is there. */
export async function resizeTerminal(file: string, { columns, rows }: TerminalSize): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const device = await readFile(file, 'utf8').catch(() => '');
    if (device !== '') {
      // The terminal may end at any time; a window without one has no size.
      await run('stty', ['-F', device.trim(), 'columns', String(columns), 'rows', String(rows)]).catch(() => undefined);
      return;
    }
    await sleep(50);
  }
}
