/** The modules runcmd and bootcmd: lists of commands, each a string for the shell or a list of words. */
import { CloudInitError } from './errors.ts';

/** A script as cloud-init writes it (util.shellify): one command a line, no `set -e`, so that one failure does not stop the next. Throws CONFIG. */
export function shellScript(commands: unknown, module: string): string {
  if (!Array.isArray(commands)) throw new CloudInitError('CONFIG', `${module}: expected a list of commands`);
  const lines = commands.map((command: unknown) => {
    if (typeof command === 'string') return command;
    if (Array.isArray(command)) return command.map((word) => `'${String(word).replaceAll("'", `'\\''`)}'`).join(' ');
    throw new CloudInitError('CONFIG', `${module}: unable to shellify type '${typeof command}'; expected list or string`);
  });
  return ['#!/bin/sh', ...lines, ''].join('\n');
}
