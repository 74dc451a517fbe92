/** Results on stdout in the format that was asked for. */
import { stringify } from 'yaml';
import type { CliContext, OutputFormat } from './context.ts';

/** Formats of findings: a code host reads SARIF. */
export const findingsFormats = ['table', 'json', 'yaml', 'sarif'] as const;
export type FindingsFormat = (typeof findingsFormats)[number];

/** @param table what a person reads; only built when asked for */
export function write(context: CliContext, format: OutputFormat, value: unknown, table: () => string): void {
  if (format === 'json') context.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  else if (format === 'yaml') context.stdout.write(stringify(value, { version: '1.1' }));
  else context.stdout.write(table());
}
