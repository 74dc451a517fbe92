/** One running server: its first process, its end of the network, commands in it. Everything in it ends with the first process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { MachineError } from './errors.ts';

export interface ExecOptions {
  readonly stdin?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LaunchOptions {
  readonly id: string;
  readonly directory: string;
  /** Below the root of cgroup2: `keelson-world/<id>`; undefined where servers have none. */
  readonly cgroup: string | undefined;
  readonly nodeImageDir: string;
  /** Gives the server's network namespace its devices, by the id of a process in it. */
  readonly plugIn: (pid: number) => Promise<void>;
  readonly bootTimeoutMs: number;
}

/** Environment of commands in a server, as a login shell of root would have it. */
export const serverPath = '/opt/keelson/node/bin:/opt/keelson/kubernetes:/opt/keelson/tools:/opt/keelson/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export class ServerProcess {
  readonly #id: string;
  readonly #child: ChildProcess;
  readonly #initPid: number;
  /** Resolves when nothing of the server runs any more. */
  readonly ended: Promise<void>;

  private constructor(id: string, child: ChildProcess, initPid: number, ended: Promise<void>) {
    this.#id = id;
    this.#child = child;
    this.#initPid = initPid;
    this.ended = ended;
  }

  /** Resolves when init runs its services. Throws MACHINE_BOOT_FAILED, and then nothing of the server is left running. */
  static async launch({ id, directory, cgroup, nodeImageDir, plugIn, bootTimeoutMs }: LaunchOptions): Promise<ServerProcess> {
    const console = openSync(`${directory}/console.log`, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private', 'sh', `${nodeImageDir}/launch.sh`, directory, ...(cgroup === undefined ? [] : [cgroup])], {
      stdio: ['pipe', console, console, 'pipe'], detached: true, env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
    });
    closeSync(console);
    // unshare waits for init, and init's end means the end of its PID namespace (pid_namespaces(7)).
    const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()).on('error', () => resolve()));
    const says = new Milestones(child.stdio[3] as Readable);
    const timer = setTimeout(() => child.kill('SIGKILL'), bootTimeoutMs);
    try {
      const pid = Number(await says.next('born'));
      await plugIn(pid);
      child.stdin?.end('go\n');
      await says.next('running');
      return new ServerProcess(id, child, pid, ended);
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      throw new MachineError('MACHINE_BOOT_FAILED', `server ${id} did not boot: ${error instanceof Error ? error.message : String(error)}; see its console log`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks init to stop the services and end; after the time everything is killed. */
  async shutDown(timeoutMs: number): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), timeoutMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Stops every process where it is, or lets all go on, by signals: for servers without a cgroup. Throws MACHINE_COMMAND_FAILED. */
  async freeze(isFrozen: boolean): Promise<void> {
    // kill(2) with -1 reaches the whole PID namespace at once, but not its first process, nor the caller.
    if (!isFrozen) this.#signal('SIGCONT');
    await this.exec(['sh', '-c', `kill -${isFrozen ? 'STOP' : 'CONT'} -1`]);
    if (isFrozen) this.#signal('SIGSTOP');
  }

  /** As pulling the plug. */
  async powerOff(): Promise<void> {
    this.#signal('SIGKILL');
    await this.ended;
  }

  /** Runs a command in the server as root. Throws MACHINE_COMMAND_FAILED only when it cannot be started or takes too long. */
  exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const timeoutMs = options.timeoutMs ?? 120_000;
    return new Promise((resolve, reject) => {
      const child = spawn('nsenter', [`--target=${this.#initPid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--', '/usr/bin/env', '-i', `PATH=${serverPath}`, 'HOME=/root', 'USER=root', 'TERM=dumb', 'LANG=C.UTF-8', ...argv], {
        stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL', ...(options.signal && { signal: options.signal }),
      });
      const output = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => { output[stream] += text; });
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.stdin ?? '');
      child.on('error', (error) => reject(new MachineError('MACHINE_COMMAND_FAILED', `server ${this.#id}: ${argv.join(' ')}: ${error.message}`, { cause: error })));
      child.on('close', (code, signal) => {
        if (code !== null) resolve({ code, ...output });
        else reject(new MachineError('MACHINE_COMMAND_FAILED', `server ${this.#id}: ${argv.join(' ')}: killed by ${signal ?? 'nobody'} (deadline ${timeoutMs} ms): ${output.stderr.slice(-500)}`));
      });
    });
  }

  #signal(name: NodeJS.Signals): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(this.#initPid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** The words init says on its way up, one a line: "born 4711", "running". */
class Milestones {
  readonly #stream: Readable;
  #text = '';
  #isOver = false;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => { this.#text += chunk.toString(); });
    stream.on('error', () => { this.#isOver = true; });
    stream.on('end', () => { this.#isOver = true; });
  }

  /** What stands behind the word; rejects when init ends before it says it. */
  next(word: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const said = new RegExp(`^${word}\\b *(.*)$`, 'm').exec(this.#text);
        if (!said && !this.#isOver) return;
        this.#stream.off('data', look).off('end', look).off('error', look);
        if (said) resolve(said[1] ?? '');
        else reject(new Error(`init ended before it was ${word}`));
      };
      this.#stream.on('data', look).on('end', look).on('error', look);
      look();
    });
  }
}
