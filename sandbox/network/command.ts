/** Runs the programs that change the kernel's network (ip, nft, nsenter) with a deadline, and says plainly which failed and why. */
import { spawn } from 'node:child_process';
import { NetworkError } from './errors.ts';

export interface CommandOptions {
  /** Text for the program's standard input: an `ip -batch` script, an nft transaction. */
  readonly stdin?: string;
  /** Milliseconds until the program is killed; 20,000 unless told. Commands of a busy machine wait for the rtnl lock. */
  readonly timeoutMs?: number;
  /** The object the command is for, named in the error: "router 4f…". */
  readonly on?: string;
  readonly signal?: AbortSignal;
}

/** Standard output of the program. Throws NETWORK_COMMAND_FAILED with its standard error. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const outcome = await attempt(command, args, options);
  if (outcome.kind === 'ok') return outcome.stdout;
  const where = options.on ? ` (${options.on})` : '';
  throw new NetworkError('NETWORK_COMMAND_FAILED', `${[command, ...args].join(' ')}${where}: ${outcome.reason}`);
}

export type Outcome = { readonly kind: 'ok'; readonly stdout: string } | { readonly kind: 'failed'; readonly reason: string };

/** The same for commands whose failure is an answer ("is there such a namespace?"). */
export function attempt(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  return new Promise((resolve) => {
    // A group of its own: what a shell started goes with it, or its pipes would stay open for ever.
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    let stdout = '';
    let stderr = '';
    let killedBecause = '';
    const kill = (because: string): void => {
      killedBecause ||= because;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(() => { kill(`took longer than ${timeoutMs} ms`); }, timeoutMs);
    const onAbort = (): void => { kill('was interrupted'); };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    // A program that ends before it has read its input says why itself, or does not need it.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'failed', reason: `cannot run: ${error.message}` });
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      if (status === 0) resolve({ kind: 'ok', stdout });
      else resolve({ kind: 'failed', reason: `${killedBecause || (signal ? `killed by ${signal}` : `exit status ${status}`)}: ${stderr.trim() || 'no words'}` });
    });
    child.stdin.end(options.stdin ?? '');
  });
}

/** Several `ip` commands as one process, all or up to the first that fails; nothing is run for an empty list. */
export async function ipBatch(lines: readonly string[], options: { readonly namespace?: string; readonly on: string }): Promise<void> {
  if (lines.length === 0) return;
  const argv = ['ip', '-batch', '-'];
  const command = { stdin: `${lines.join('\n')}\n`, on: `${options.on}; ${lines.join('; ')}` };
  if (options.namespace === undefined) await run('ip', argv.slice(1), command);
  else await runInside(options.namespace, argv, command);
}

/** A program inside a named network namespace; mounts and processes stay those of the caller. (`ip -n` mounts a /sys of its own, which a user namespace may not.) */
export function runInside(namespace: string, argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  return run('nsenter', [`--net=/run/netns/${namespace}`, ...argv], options);
}
