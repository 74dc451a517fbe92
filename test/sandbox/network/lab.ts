/** A private world for network tests: own PID, mount and network namespaces, dead with the test. Needs root. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NetworkFabric } from '../../../sandbox/network/fabric.ts';

const driver = fileURLToPath(new URL('driver.ts', import.meta.url));
const init = 'mount -t proc proc /proc; mount -t tmpfs tmpfs /run; ip link set lo up; exec "$0" --disable-warning=ExperimentalWarning "$1"';

/** Why these tests cannot run here, undefined when they can. */
export function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const absent = ['ip', 'nft', 'nsenter', 'unshare', 'curl', 'bash'].filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  return absent.length > 0 ? `needs ${absent.join(', ')}` : undefined;
}

export class Lab {
  readonly health = new Map<string, string>();
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;

  constructor() {
    this.#child = spawn('unshare', ['--net', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-ec', init, process.execPath, driver], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as { id?: number; value?: unknown; error?: { message: string; code?: string }; health?: { member: string; state: string } };
      if (answer.health) this.health.set(answer.health.member, answer.health.state);
      const waiting = this.#waiting.get(answer.id ?? -1);
      if (!waiting) return;
      this.#waiting.delete(answer.id!);
      if (answer.error) waiting.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
      else waiting.resolve(answer.value);
    });
    this.#child.on('exit', () => { for (const waiting of this.#waiting.values()) waiting.reject(new Error('the lab ended')); });
  }

  call<M extends 'start' | 'stop' | 'counts' | 'ensureNetwork' | 'removeNetwork' | 'ensureRouter' | 'removeRouter' | 'ensureLoadBalancer' | 'removeLoadBalancer'>(method: M, ...args: Parameters<NetworkFabric[M]>): Promise<Awaited<ReturnType<NetworkFabric[M]>>> {
    return this.#ask(method, args) as Promise<Awaited<ReturnType<NetworkFabric[M]>>>;
  }

  /** Runs a shell script in the world. Its output, trimmed, or what it failed with. */
  async sh(script: string): Promise<string> {
    const outcome = await this.#ask('sh', [script]) as { kind: 'ok'; stdout: string } | { kind: 'failed'; reason: string };
    return outcome.kind === 'ok' ? outcome.stdout.trim() : `failed: ${outcome.reason}`;
  }

  /** The same in a named namespace of the world. */
  inside(namespace: string, script: string): Promise<string> {
    return this.sh(`nsenter --net=/run/netns/${namespace} bash -c '${script.replaceAll("'", "'\\''")}'`);
  }

  /** A server as the machines room would make it: a namespace with one device on a tenant's bridge. */
  async server(name: string, bridge: string, address: string, gateway: string): Promise<void> {
    const made = await this.sh(`set -e; ip netns add ${name}; ip link add t-${name} type veth peer name eth0 netns ${name}; ip link set t-${name} master ${bridge} up
      ip -n ${name} link set lo up; ip -n ${name} addr add ${address}/24 dev eth0; ip -n ${name} link set eth0 up; ip -n ${name} route add default via ${gateway}`);
    if (made !== '') throw new Error(made);
  }

  /** A web server there that answers with its name and the client's address as it sees it. Ends when the namespace's process is killed by `stopWeb`. */
  async web(name: string, port = 8080): Promise<void> {
    const program = `require("http").createServer((q,r)=>r.end("${name} sees "+q.socket.remoteAddress)).listen(${port},"0.0.0.0",()=>console.log("up"))`;
    const outcome = await this.sh(`nsenter --net=/run/netns/${name} '${process.execPath}' -e '${program}' > /run/web-${name} 2>&1 & echo $! > /run/web-${name}.pid; for i in $(seq 100); do grep -q up /run/web-${name} && exit 0; sleep 0.05; done; exit 1`);
    if (outcome !== '') throw new Error(`web ${name}: ${outcome}`);
  }

  stopWeb(name: string): Promise<string> {
    return this.sh(`kill -9 $(cat /run/web-${name}.pid)`);
  }

  /** Everything in the world dies. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await new Promise((resolve) => { this.#child.once('close', resolve).kill('SIGKILL'); });
  }

  #ask(method: string, args: unknown[]): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin!.write(`${JSON.stringify({ id, method, args })}\n`);
    });
  }
}

/** Waits until the condition holds, for at most ten seconds. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 10_000; ;) {
    if (await condition()) return;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
