/** An error as a person wants to read it: one line with its causes and code; the stack only when asked for. */
import { messageOf } from '../../sandbox/fleet/phases.ts';

export function explain(error: unknown, withStack = false): string {
  if (!(error instanceof Error)) return `keelson: ${String(error)}`;
  if (withStack) return `keelson: ${error.stack ?? error.message}${error.cause ? `\ncaused by: ${explain(error.cause, true)}` : ''}`;
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  return `keelson: ${messageOf(error)}${code}`;
}
