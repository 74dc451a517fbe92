/** Programs of a test, each with a log of its own, all of which end with it. */
import type { ChildProcess } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnWithParent } from '../../fixtures/spawn-with-parent.ts';
import { toolsBin } from '../../fixtures/tools-bin.ts';

/** One process that can be killed, frozen and started again with the same arguments. */
export class Program {
  readonly #tool: string;
  readonly #args: readonly string[];
  readonly #log: string;
  #child: ChildProcess | undefined;

  constructor(tool: string, args: readonly string[], log: string) {
    this.#tool = tool;
    this.#args = args;
    this.#log = log;
  }

  start(): void {
    this.#child = spawnWithParent(join(toolsBin, this.#tool), this.#args, openSync(this.#log, 'a'));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGHUP: Prometheus and Alertmanager read their configuration again. */
  reload(): void {
    this.#child?.kill('SIGHUP');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  log(): string {
    return readFileSync(this.#log, 'utf8').slice(-3000);
  }
}

/** Asks until there is something. @throws Error that names what was waited for */
export async function until<T>(what: string, attempt: () => Promise<T | undefined> | T | undefined, withinMs = 90_000): Promise<T> {
  const endsAt = Date.now() + withinMs;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (Date.now() > endsAt) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
