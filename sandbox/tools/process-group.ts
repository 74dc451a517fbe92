/** Runs one command as a process group of its own, so that stopping it stops its children too: `go build` starts dozens. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Called for every line on stdout or stderr. */
  readonly onLine?: (line: string) => void;
  /** Between SIGTERM and SIGKILL, once the signal is aborted. */
  readonly graceMs?: number;
}

export interface CommandResult {
  /** Exit code; 128 + signal number where a signal ended it, as shells say it. */
  readonly code: number;
  /** The last lines of stdout and stderr together. */
  readonly output: string;
  /** User and system seconds of the command and everything it waited for. */
  readonly cpuSeconds: number;
}

const keptLines = 60;

/** Node reports no resource use of its children, the shell does: `times` prints own and children's (POSIX, XCU times). */
const timedShell = '"$@"; code=$?; times >&3; exit "$code"';

/**
 * @param argv program and arguments; nothing is interpreted by the shell
 * @throws the signal's reason after the whole group ended; ENOENT where there is no shell
 */
export async function runGroup(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
  options.signal.throwIfAborted();
  const child = spawn('/bin/sh', ['-c', timedShell, 'sh', ...argv], { cwd: options.cwd, env: { ...options.environment }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  const lines: string[] = [];
  const [, stdout, stderr, timesPipe] = child.stdio;
  const readers = [stdout, stderr].map(async (stream) => {
    if (!stream) return;
    for await (const line of createInterface({ input: stream as NodeJS.ReadableStream })) {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      options.onLine?.(line);
    }
  });
  let times = '';
  timesPipe?.on('data', (chunk: Buffer) => (times += chunk.toString()));

  let killTimer: NodeJS.Timeout | undefined;
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid !== undefined) killGroup(child.pid, signal);
  };
  const onAbort = () => {
    kill('SIGTERM');
    killTimer = setTimeout(() => kill('SIGKILL'), options.graceMs ?? 3000);
  };
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, signal) => resolve(exit ?? 128 + signalNumber(signal)));
    });
    await Promise.all(readers);
    options.signal.throwIfAborted();
    return { code, output: lines.join('\n'), cpuSeconds: childSeconds(times) };
  } finally {
    clearTimeout(killTimer);
    options.signal.removeEventListener('abort', onAbort);
  }
}

/** The second line of `times`: "1m2.50s 0m3.25s" = user and system of the children. */
export function childSeconds(times: string): number {
  const [, children = ''] = times.trim().split('\n');
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : 1;
}
