/** A private world for network tests: own PID, mount and network namespaces, dead with the test. Needs root. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NetworkFabric } from '../../../sandbox/network/fabric.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const init = 'mount -t proc proc /proc; mount -t tmpfs tmpfs /run; ip link set lo up; exec "$0" --disable-warning=ExperimentalWarning "$1"';

type Method = 'start' | 'stop' | 'counts' | 'ensureNetwork' | 'removeNetwork' | 'ensureRouter' | 'removeRouter' | 'ensureLoadBalancer' | 'removeLoadBalancer';

export class Lab {
  readonly health = new Map<string, string>();
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;

  constructor() {
    this.#child = spawn('unshare', ['--net', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-ec', init, process.execPath, file('driver.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
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

  /** A method of the fabric in the world. */
  call<M extends Method>(method: M, ...args: Parameters<NetworkFabric[M]>): Promise<Awaited<ReturnType<NetworkFabric[M]>>> {
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
    const made = await this.sh(`set -e; ip netns add ${name}; ip link add t-${name} mtu 1442 type veth peer name eth0 mtu 1442 netns ${name}; ip link set t-${name} master ${bridge} up
      ip -n ${name} link set lo up; ip -n ${name} addr add ${address}/24 dev eth0; ip -n ${name} link set eth0 up; ip -n ${name} route add default via ${gateway}`);
    if (made !== '') throw new Error(made);
  }

  /** A web server there that answers with its name and the client's address as it sees it. */
  web(name: string, options: { isOutside?: boolean } = {}): Promise<void> {
    const program = `require("http").createServer((q,r)=>r.end("${name} sees "+q.socket.remoteAddress)).listen(8080,"${options.isOutside ? '198.51.100.1' : '0.0.0.0'}",()=>console.log("up"))`;
    return this.#background(`web-${name}`, `${options.isOutside ? '' : `nsenter --net=/run/netns/${name} `}'${process.execPath}' -e '${program}'`);
  }

  /** kill -9 of a server's web server, and waits until its port refuses: a killed process holds it until the kernel has taken it apart. */
  async stopWeb(name: string): Promise<void> {
    const outcome = await this.inside(name, `kill -9 $(cat /run/web-${name}.pid); for i in $(seq 200); do (exec 3<>/dev/tcp/127.0.0.1/8080) 2> /dev/null || exit 0; sleep 0.05; done; echo its port is still open`);
    if (outcome !== '') throw new Error(`web-${name}: ${outcome}`);
  }

  /** A UDP server there that answers "echo <text>". */
  udpEcho(name: string, port: number): Promise<void> {
    return this.#background(`udp-${name}`, `nsenter --net=/run/netns/${name} '${process.execPath}' -e 'const s=require("dgram").createSocket("udp4");s.on("message",(m,f)=>s.send("echo "+m,f.port,f.address)).bind(${port},()=>console.log("up"))'`);
  }

  udpAsk(address: string, port: number, text: string, patienceMs = 3000): Promise<string> {
    return this.sh(`'${process.execPath}' -e 'const s=require("dgram").createSocket("udp4");s.on("message",m=>{console.log(String(m));process.exit()}).send("${text}",${port},"${address}");setTimeout(()=>{console.log("silence");process.exit()},${patienceMs})'`);
  }

  /** A TCP connection from outside that stays open; `ask` sends an HTTP request over it. */
  open(name: string, address: string, port: number): Promise<void> {
    return this.#background(name, `'${process.execPath}' '${file('long-connection.ts')}' ${address} ${port} /run/${name}.ask`);
  }

  /** The body of the answer over the connection of that name, `silence` when none comes. */
  async ask(name: string): Promise<string> {
    return this.sh(`rm -f /run/${name}.ask.answer; touch /run/${name}.ask; for i in $(seq 60); do [ -s /run/${name}.ask.answer ] && cat /run/${name}.ask.answer && exit; sleep 0.05; done; echo silence`);
  }

  /** Process ids of the relay processes, by blanks. */
  async relayPids(): Promise<string> {
    return this.sh('pgrep -f "[l]oad-balancer/main.ts" | tr "\\n" " "');
  }

  /** Everything in the world dies. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await new Promise((resolve) => { this.#child.once('close', resolve).kill('SIGKILL'); });
  }

  /** Starts a program that prints "up" when it is ready; its pid is in /run/<name>.pid. */
  async #background(name: string, command: string): Promise<void> {
    const outcome = await this.sh(`${command} > /run/${name} 2>&1 & echo $! > /run/${name}.pid; for i in $(seq 200); do grep -q up /run/${name} && exit 0; sleep 0.05; done; cat /run/${name}; exit 1`);
    if (outcome !== '') throw new Error(`${name}: ${outcome}`);
  }

  #ask(method: string, args: unknown[]): Promise<unknown> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin!.write(`${JSON.stringify({ id, method, args })}\n`);
    });
  }
}

/** Waits until the condition holds, for at most fifteen seconds. */
export async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 15_000; ;) {
    if (await condition()) return;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
