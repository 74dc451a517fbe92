/** An error as a person wants to read it: one line with its code, causes included; the stack only when asked for. */
export function explain(error: unknown, withStack = false): string {
  if (!(error instanceof Error)) return `keelson: ${String(error)}`;
  if (withStack) return `keelson: ${error.stack ?? error.message}${error.cause ? `\ncaused by: ${explain(error.cause, true)}` : ''}`;
  const parts: string[] = [];
  for (let e: unknown = error; e instanceof Error && parts.length < 4; e = e.cause) {
    const { message } = e;
    if (message && !parts.some((part) => part.includes(message))) parts.push(message);
  }
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  return `keelson: ${parts.join(': ')}${code}`;
}
