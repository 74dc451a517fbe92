/**
 * A world of its own for the field: PID, mount and network namespaces that belong to one run. Addresses exist only in
 * there, names cannot meet those of another run, and when the test ends, however it ends, the kernel takes all of it away.
 * It goes before everything else on the machine (nice), so that a busy one does not look like a slow network.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Outcome } from '../../../../sandbox/network/command.ts';

/** What the agent in the world can be asked. `netns` is the name of a network namespace there; without, the root of the world. */
export interface AgentMethods {
  run(o: { argv: readonly string[]; stdin?: string; netns?: string; timeoutMs?: number }): Promise<Outcome>;
  /** Starts a program that goes on running; `name` is ours. */
  start(o: { name: string; argv: readonly string[]; netns?: string; env?: Readonly<Record<string, string>> }): Promise<null>;
  /** Waits until the program's output matches; its groups. */
  says(o: { name: string; pattern: string; timeoutMs?: number }): Promise<string[]>;
  /** Writes a line to its standard input. */
  tell(o: { name: string; line: string }): Promise<null>;
  output(o: { name: string }): Promise<string>;
  /** Signals it (SIGTERM) and waits for its end. A program that is gone is as good. */
  end(o: { name: string; signal?: 'SIGTERM' | 'SIGKILL' }): Promise<null>;
  fetch(o: { url: string; netns?: string; timeoutMs?: number }): Promise<{ status: number; text: string }>;
  /** CPU time so far and memory as proc(5) has them; megabytes of 10^6 bytes. */
  usage(o: { name: string }): Promise<Usage>;
}

export interface Usage { readonly cpuMs: number; readonly residentMb: number; readonly peakMb: number; readonly anonymousMb: number }

/** The kernel shares the CPU among sessions first (sched(7), autogroup), so the priority is that of the world's own session. */
const init = 'echo -15 > /proc/self/autogroup || true; mount -t proc proc /proc; mount -t tmpfs tmpfs /run; ip link set lo up; exec "$0" --disable-warning=ExperimentalWarning "$1"';

export class World {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly #ready: Promise<void>;
  #asked = 0;
  #isOver = false;

  constructor() {
    const agent = join(import.meta.dirname, 'agent.ts');
    this.#child = spawn('nice', ['-n', '-15', 'unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-ec', init, process.execPath, agent], { detached: true, stdio: ['pipe', 'pipe', 'inherit'], env: environment() });
    let isReady = (): void => undefined;
    this.#ready = new Promise((resolve) => { isReady = resolve; });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as { ready?: true; id?: number; value?: unknown; error?: string };
      if (answer.ready) isReady();
      const waiting = this.#waiting.get(answer.id ?? -1);
      if (!waiting) return;
      this.#waiting.delete(answer.id!);
      if (answer.error === undefined) waiting.resolve(answer.value);
      else waiting.reject(new Error(answer.error));
    });
    this.#child.stdin!.on('error', () => undefined);
    this.#child.once('exit', () => {
      this.#isOver = true;
      isReady();
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('the world ended'));
    });
  }

  async ask<M extends keyof AgentMethods>(method: M, args: Parameters<AgentMethods[M]>[0]): Promise<Awaited<ReturnType<AgentMethods[M]>>> {
    await this.#ready;
    if (this.#isOver) throw new Error('the world ended');
    const id = ++this.#asked;
    const value = await new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin!.write(`${JSON.stringify({ id, method, args })}\n`);
    });
    return value as Awaited<ReturnType<AgentMethods[M]>>;
  }

  /** Standard output of a command. Throws with its words. */
  async run(argv: readonly string[], options: { stdin?: string; netns?: string } = {}): Promise<string> {
    const outcome = await this.ask('run', { argv, ...options });
    if (outcome.kind === 'ok') return outcome.stdout;
    throw new Error(`${argv.join(' ')}${options.netns === undefined ? '' : ` in ${options.netns}`}: ${outcome.reason}`);
  }

  /** Process id of the world's outermost process: when it is gone, all is. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    await new Promise((resolve) => { this.#child.once('close', resolve).kill('SIGKILL'); });
  }
}

/** Without what jest adds for itself. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  return rest;
}
