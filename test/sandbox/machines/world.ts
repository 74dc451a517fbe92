/** Starts a world (world-driver.ts) and talks to it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { ExecResult, ServerSpec } from '../../../sandbox/machines/index.ts';
import { startedBy, userNamespace } from '../../../sandbox/world/one-user.ts';
import { Nobody } from '../../fixtures/nobody.ts';

export interface WorldOptions {
  readonly stateDir: string;
  readonly toolsDir: string;
  readonly repoDir: string;
  readonly imagesDir?: string;
  readonly worldName: string;
  /** Everything as nobody, in a user namespace; the state directory is theirs then. */
  readonly asNobody?: boolean;
}

export class World {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  readonly exited: string[] = [];
  #next = 1;
  /** What the host logged. */
  log = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.log += text; });
    child.on('close', () => { for (const { reject } of this.#pending.values()) reject(new Error(`the world ended: ${this.log}`)); });
  }

  static async start(options: WorldOptions): Promise<World> {
    const { asNobody = false, ...driven } = options;
    const driver = [
      'setpriv', '--pdeathsig', 'KILL', 'unshare', ...(asNobody ? userNamespace(undefined) : []), '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private',
      ...(asNobody ? startedBy(undefined, options.toolsDir) : []), 'sh', '-ec', 'ip link set lo up; echo 1 > /proc/sys/net/ipv4/ip_forward; exec "$@"', 'sh',
      process.execPath, '--disable-warning=ExperimentalWarning', `${import.meta.dirname}/world-driver.ts`, JSON.stringify(driven),
    ];
    // The folder of tools has links to what lies beside it.
    const folders = { [options.repoDir]: 'checkout', [dirname(options.toolsDir)]: 'tools' };
    const [command = '', ...argv] = asNobody ? new Nobody(options.stateDir, folders).command(driver) : driver;
    const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
    const world = new World(child);
    await new Promise<void>((resolve, reject) => {
      child.on('close', () => reject(new Error(`the world did not start: ${world.log}`)));
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const message = JSON.parse(line) as { ready?: boolean; exited?: string; id?: number; result?: unknown; error?: string };
        if (message.ready) resolve();
        if (message.exited) world.exited.push(message.exited);
        if (message.id !== undefined) {
          const waiting = world.#pending.get(message.id);
          world.#pending.delete(message.id);
          if (message.error === undefined) waiting?.resolve(message.result);
          else waiting?.reject(new Error(message.error));
        }
      });
    });
    await world.call('start');
    return world;
  }

  call<T = void>(method: string, ...args: unknown[]): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#pending.set(id, { resolve: (value) => resolve(value as T), reject });
      this.#child.stdin!.write(`${JSON.stringify({ id, method, args })}\n`);
    });
  }

  boot(spec: ServerSpec): Promise<void> { return this.call('boot', spec); }
  exec(id: string, argv: string[], options: { stdin?: string; timeoutMs?: number } = {}): Promise<ExecResult> { return this.call('exec', id, argv, options); }
  run(...argv: string[]): Promise<string> { return this.call('run', argv); }

  /** Process id of the world's first process on the machine. */
  get pid(): number { return this.#child.pid!; }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.stdin!.end();
    await closed;
  }
}
