/**
 * Command-line flags that set keys of a configuration, written as Go programs write them: `--flag value`,
 * `--flag=value`, `-flag=value`, and `--flag` alone for a boolean.
 */
import { parseArgs } from 'node:util';
import { ExporterError } from './errors.ts';

export interface Flag {
  /** Without dashes. */
  readonly name: string;
  readonly kind: 'string' | 'boolean' | 'list' | 'number' | 'seconds';
  /** The configuration has the opposite of what a boolean flag says. */
  readonly isNegated?: boolean;
  /** Where the value goes in the configuration: ["files", "directories"]. */
  readonly key: readonly string[];
  /** Further places of the same value. */
  readonly also?: readonly (readonly string[])[];
  readonly help: string;
}

export interface Flags {
  readonly help: boolean;
  /** Path of a configuration file, from --config. */
  readonly config: string | undefined;
  /** A partial configuration. */
  readonly overrides: Readonly<Record<string, unknown>>;
}

/** @throws ExporterError CONFIG_INVALID that names the flag */
export function parseFlags(argv: readonly string[], flags: readonly Flag[]): Flags {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const args = argv.map((arg) => longForm(arg, byName));
  const options = Object.fromEntries([...flags.map(({ name }) => [name, { type: 'string' }] as const), ['config', { type: 'string' }] as const, ['help', { type: 'boolean' }] as const]);
  const { help, config, ...given } = parse(args, options);
  const overrides: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(given)) {
    const flag = byName.get(name);
    if (flag && typeof text === 'string') for (const key of [flag.key, ...(flag.also ?? [])]) place(overrides, key, value(flag, text));
  }
  return { help: help === true, config: typeof config === 'string' ? config : undefined, overrides };
}

/** One line per flag. */
export function usage(program: string, flags: readonly Flag[]): string {
  const rows: [string, string][] = [['--config', 'YAML file; flags win over it'], ...flags.map(({ name, help }): [string, string] => [`--${name}`, help]), ['--help', 'this text']];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return `Usage: ${program} [flags]\n\n${rows.map(([name, help]) => `  ${name.padEnd(width)}${help}`).join('\n')}\n`;
}

function parse(args: string[], options: Record<string, { type: 'string' | 'boolean' }>): Record<string, unknown> {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (cause) {
    throw new ExporterError('CONFIG_INVALID', `${cause instanceof Error ? cause.message : String(cause)}; --help lists the flags`, { cause });
  }
}

/** `-flag` as `--flag`, and a bare boolean as `--flag=true`. */
function longForm(arg: string, byName: ReadonlyMap<string, Flag>): string {
  const name = /^--?([a-z][a-z0-9-]+)/.exec(arg)?.[1];
  if (name === undefined || (!byName.has(name) && name !== 'config' && name !== 'help')) return arg;
  const long = arg.startsWith('--') ? arg : `-${arg}`;
  return byName.get(name)?.kind === 'boolean' && !long.includes('=') ? `${long}=true` : long;
}

function value(flag: Flag, text: string): unknown {
  if (flag.kind === 'string') return text;
  if (flag.kind === 'list') return text.split(',').map((part) => part.trim()).filter(Boolean);
  if (flag.kind === 'number') return number(flag, text);
  if (flag.kind === 'seconds') return duration(flag, text);
  if (['true', '1', 't'].includes(text.toLowerCase())) return flag.isNegated !== true;
  if (['false', '0', 'f'].includes(text.toLowerCase())) return flag.isNegated === true;
  throw new ExporterError('CONFIG_INVALID', `--${flag.name}=${text}: write true or false`);
}

function number(flag: Flag, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new ExporterError('CONFIG_INVALID', `--${flag.name}=${text}: write a number`);
}

/** As Go's time.ParseDuration reads "1s", "500ms", "2m"; a bare number is seconds. */
function duration(flag: Flag, text: string): number {
  const { amount, unit = 's' } = /^(?<amount>\d+(\.\d+)?)(?<unit>ms|s|m)?$/.exec(text)?.groups ?? {};
  if (amount === undefined) throw new ExporterError('CONFIG_INVALID', `--${flag.name}=${text}: write a duration as "500ms", "1s" or "2m"`);
  return Number(amount) * (unit === 'ms' ? 0.001 : unit === 'm' ? 60 : 1);
}

function place(target: Record<string, unknown>, key: readonly string[], content: unknown): void {
  const [first, ...rest] = key;
  if (first === undefined) return;
  if (rest.length === 0) {
    target[first] = content;
    return;
  }
  const inner = (target[first] ?? {}) as Record<string, unknown>;
  target[first] = inner;
  place(inner, rest, content);
}
