/** Pseudo terminals by script(1) of util-linux: it makes the terminal, runs a command on it and copies between the terminal and its own pipes. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { quote, run } from './command.ts';
import type { TerminalSize } from './streaming/remote-command.ts';

/** @param file gets the terminal's device, for `resizeTerminal` */
export function terminal(argv: readonly string[], file: string): string[] {
  // --return: exit as the command does; --quiet --flush, /dev/null: no transcript.
  const command = `readlink /proc/self/fd/0 > ${quote(file)}; ${sizing(file)}; exec setpriv --pdeathsig KILL ${argv.map(quote).join(' ')}`;
  return ['setpriv', '--pdeathsig', 'KILL', 'script', '--quiet', '--return', '--flush', '--command', command, '/dev/null'];
}

/**
 * Sets the window size; the kernel then tells the foreground process (SIGWINCH). A client says its size once, maybe before the terminal
 * is there: it is kept beside the terminal's file, and the terminal begins with it.
 */
export async function resizeTerminal(file: string, { columns, rows }: TerminalSize): Promise<void> {
  // A container that is removed takes its terminals with it; a window without one has no size.
  if (!existsSync(dirname(file))) return;
  writeFileSync(`${sizeFile(file)}.new`, `columns ${columns} rows ${rows}`);
  renameSync(`${sizeFile(file)}.new`, sizeFile(file));
  // Written before the terminal is looked for, as the terminal is named before it looks for a size: one of the two finds the other.
  if (!existsSync(file) || readFileSync(file, 'utf8') === '') return;
  // The terminal may end at any time.
  await run('sh', ['-c', sizing(file)]).catch(() => undefined);
}

const sizeFile = (file: string): string => `${file}.size`;

/** Sets the size that is kept, again if another one came meanwhile: of two that set one each, the older could be the last. */
function sizing(file: string): string {
  const size = quote(sizeFile(file));
  return `while s=$(cat ${size} 2> /dev/null) && stty -F "$(cat ${quote(file)})" $s 2> /dev/null && [ "$s" != "$(cat ${size})" ]; do :; done`;
}
