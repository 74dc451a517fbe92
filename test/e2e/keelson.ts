/** Runs the commands of a user against a fleet in a state folder of the test's own; tools come from the shared cache. */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export const cache = join(process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '/root', '.cache'), 'keelson');
const tools = join(cache, 'tools', 'bin');
export const repository = join(import.meta.dirname, '..', '..');

export class Keelson {
  /** Short, because the path of a Unix socket must stay below 108 bytes (unix(7)). */
  readonly stateHome = mkdtempSync('/tmp/keelson-e2e-');
  readonly state = join(this.stateHome, 'keelson');
  /** The pinned tools. */
  readonly tools = tools;
  /** Of the management cluster. */
  readonly kubeconfig = join(this.state, 'kubeconfig-management');

  /** `keelson …`, its progress on our stderr. @param tree of another checkout than this one */
  run(args: readonly string[], timeoutMs = 900_000, tree = repository): Promise<Ran> {
    const [file = '', ...argv] = this.asUser([join(tree, 'bin', 'keelson'), ...args]);
    return this.command(file, argv, { timeoutMs, echo: true });
  }

  /** A command line as whoever runs the fleet. */
  protected asUser(argv: readonly string[]): readonly string[] {
    return argv;
  }

  /** `kubectl …` as the user's shell would run it. */
  kubectl(cluster: string, args: readonly string[], stdin = ''): Promise<Ran> {
    return this.command(join(tools, 'kubectl'), ['--kubeconfig', join(this.state, `kubeconfig-${cluster}`), ...args], { timeoutMs: 120_000, stdin });
  }

  /** Parsed output of `kubectl … -o json`. */
  async json<T>(cluster: string, args: readonly string[]): Promise<T> {
    const ran = await this.kubectl(cluster, [...args, '-o', 'json']);
    if (ran.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`);
    return JSON.parse(ran.stdout) as T;
  }

  private command(file: string, args: readonly string[], options: { timeoutMs: number; stdin?: string; echo?: boolean }): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = spawn(file, args, { cwd: repository, env: { ...process.env, XDG_STATE_HOME: this.stateHome }, stdio: ['pipe', 'pipe', 'pipe'] });
      const timer = setTimeout(() => child.kill('SIGTERM'), options.timeoutMs);
      let stdout = '';
      let stderr = '';
      child.stdin.on('error', () => undefined).end(options.stdin ?? '');
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        if (options.echo) process.stderr.write(text);
      });
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ code: code ?? 128, stdout, stderr });
      });
    });
  }
}

/** Looks every second until `look` returns something. */
export async function eventually<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (let last = ''; ; ) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      last = String(error);
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
