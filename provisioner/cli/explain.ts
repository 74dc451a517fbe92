/** An error as a person wants to read it: one line with its causes and code; the stack only when asked for. */
export function explain(error: unknown, withStack = false): string {
  if (!(error instanceof Error)) return `keelson: ${String(error)}`;
  if (withStack) return `keelson: ${error.stack ?? error.message}${error.cause ? `\ncaused by: ${explain(error.cause, true)}` : ''}`;
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  return `keelson: ${messageOf(error)}${code}`;
}

/** The messages of an error and its causes on one line. */
export function messageOf(error: unknown): string {
  const parts: string[] = [];
  for (let e: unknown = error; e !== undefined && parts.length < 4; e = e instanceof Error ? e.cause : undefined) {
    const text = e instanceof Error ? e.message : String(e);
    if (text && !parts.some((p) => p.includes(text))) parts.push(text);
  }
  return parts.join(': ');
}
