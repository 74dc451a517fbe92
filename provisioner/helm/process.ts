/** Runs one command to its end: bounded output, a deadline, and a stop that is first polite, then final. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly binary: string;
  readonly args: readonly string[];
  /** The whole environment of the child; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Time between SIGTERM and SIGKILL. Helm uses it to mark its release as failed rather than leave it pending. */
  readonly killAfterMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timedOut' | 'aborted'; readonly stderr: string }
  /** By somebody else: the kernel, when memory ran out. */
  | { readonly kind: 'killed' }
  | { readonly kind: 'notStarted'; readonly cause: NodeJS.ErrnoException };

/** A release with its chart is printed as JSON in one piece; the largest charts we know come to some 10 MB. */
const stdoutLimitBytes = 64 * 1024 * 1024;
const stderrLimitBytes = 64 * 1024;
/** Time to read what a stopped command wrote last. */
const drainMs = 200;

/** Never rejects: how the command ended is in the result. */
export function runCommand(o: CommandOptions): Promise<CommandResult> {
  if (o.signal?.aborted) return Promise.resolve({ kind: 'aborted', stderr: '' });
  return new Promise((resolve) => {
    const child = spawn(o.binary, [...o.args], { env: { ...o.env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout, stdoutLimitBytes);
    const stderr = collect(child.stderr, stderrLimitBytes);
    let stopped: 'timedOut' | 'aborted' | undefined;
    let killTimer: NodeJS.Timeout | undefined;
    let drainTimer: NodeJS.Timeout | undefined;
    const stop = (why: 'timedOut' | 'aborted') => {
      if (stopped) return;
      stopped = why;
      child.kill('SIGTERM');
      killTimer = setTimeout(() => child.kill('SIGKILL'), o.killAfterMs);
    };
    const deadline = setTimeout(() => stop('timedOut'), o.timeoutMs);
    const onAbort = () => stop('aborted');
    o.signal?.addEventListener('abort', onAbort, { once: true });
    const end = (result: CommandResult) => {
      clearTimeout(deadline);
      clearTimeout(killTimer);
      clearTimeout(drainTimer);
      o.signal?.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (child.pid === undefined) end({ kind: 'notStarted', cause });
    });
    // A grandchild may hold the pipes open, so only a command that ends by itself is waited for until they close.
    child.once('exit', () => {
      if (stopped) drainTimer = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), drainMs);
    });
    child.once('close', (code) => {
      if (stopped) end({ kind: stopped, stderr: stderr() });
      // Shells tell a signal as 128 and its number.
      else if (code === null || code > 128) end({ kind: 'killed' });
      else end({ kind: 'exited', code, stdout: stdout(), stderr: stderr() });
    });
    // A child that exits before it has read its stdin gives EPIPE; its exit code and stderr say why.
    child.stdin.on('error', () => child.stdin.destroy());
    child.stdin.end(o.stdin ?? '');
  });
}

/** Gathers a stream up to a limit and lets the rest pass by: the head of a log names the cause, the reader must not grow without end. */
function collect(stream: NodeJS.ReadableStream, limitBytes: number): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < limitBytes) chunks.push(chunk.subarray(0, limitBytes - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
