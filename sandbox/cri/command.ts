/** Runs the small system programs the runtime is made of (ip, nft, unshare, tar), with a deadline and an error that says what they said. */
import { spawn } from 'node:child_process';
import { RuntimeError } from './errors.ts';

export interface CommandOptions {
  readonly stdin?: string;
  /** Milliseconds until the program is killed; 30,000 unless told. */
  readonly timeoutMs?: number;
}

/** Standard output of the program. Throws INTERNAL with its standard error when it fails or takes too long. */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
    child.stdin.on('error', (error) => { stderr += `(its input was cut: ${error.message}) `; });
    child.on('error', (error) => reject(new RuntimeError('INTERNAL', `${command}: ${error.message}`, { cause: error })));
    child.on('close', (status, signal) => {
      if (status === 0) resolve(stdout);
      else reject(new RuntimeError('INTERNAL', `${[command, ...args].join(' ').slice(0, 200)}: ${signal ?? `exit status ${status}`}: ${stderr.trim()}`));
    });
    child.stdin.end(options.stdin ?? '');
  });
}

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
