/** A process under measurement: what it takes of memory and CPU, as the kernel says (proc(5)). */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Memory {
  /** Megabytes of 10^6 bytes. */
  readonly peak: number;
  readonly resident: number;
  readonly anonymous: number;
}

export class Measured {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = '';

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  /** Resolves with the first match in what the process has written. */
  async says(pattern: RegExp, withinMs: number): Promise<RegExpExecArray> {
    const endsAt = Date.now() + withinMs;
    for (;;) {
      const match = pattern.exec(this.#output);
      if (match) return match;
      if (this.#child.exitCode !== null || Date.now() > endsAt) throw new Error(`the process under measurement did not say ${pattern.source}: ${this.#output.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** First groups of all matches in what was written since the start or the last `forget`. */
  all(pattern: RegExp): string[] {
    return [...this.#output.matchAll(pattern)].map(([, group = '']) => group);
  }

  forget(): void {
    this.#output = '';
  }

  memory(): Memory {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const megabytes = (field: string): number => (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
    return { peak: megabytes('VmHWM'), resident: megabytes('VmRSS'), anonymous: megabytes('RssAnon') };
  }

  /** CPU time so far in milliseconds, all threads; ticks are 10 ms (USER_HZ). */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#exited;
  }
}
