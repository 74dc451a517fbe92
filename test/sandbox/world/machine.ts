/**
 * A machine to test on: namespaces that look like a host with a network, firewall and settings of its own, whose file system is read-only
 * but for one folder. What a world changes of "the host" shows here, free of what else runs on the real one; what it writes outside its state folder fails.
 */
import { createHash } from 'node:crypto';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Action } from './do.ts';

const actor = fileURLToPath(new URL('do.ts', import.meta.url));
export const repository = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** The writable folder unless another is told: nothing on the real machine but an empty directory. Worlds of one folder share a control group, so suites that may run at the same time need one each. */
const usualFolder = '/tmp/keelson-test-machine';

const initIn = (folder: string): string => `
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t tmpfs -o size=256m tmpfs ${folder}
mkdir ${folder}/tools
ip link set lo up
[ ! -e /proc/sys/net/ipv6 ] || echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link add docker0 type bridge
ip addr add 172.17.0.1/16 dev docker0
ip link set docker0 up
ip link add uplink type veth peer name far
ip link set uplink mtu 1400 up; ip link set far up
ip addr add 192.0.2.10/24 dev uplink
ip route add default via 192.0.2.1
printf 'table ip filter {\\n chain forward {\\n type filter hook forward priority filter; policy drop;\\n iifname "docker0" accept\\n }\\n}\\n' | nft -f -
mount -o remount,bind,ro /
echo up
while :; do sleep 1000 & wait; done
`;

/** Everything of a host that a world must leave as it found it. */
const pictureIn = (folder: string): string => `
echo "# links"; ip -d -o link | sed "s/timer *[0-9.]*//g"; echo "# addresses"; ip -o addr; echo "# routes"; ip route show table all; ip rule
echo "# nft"; nft -a list ruleset
echo "# mounts"; cut -d" " -f3- /proc/1/mountinfo
echo "# sysctls"; cd /proc/sys; grep -rs "" net/ipv4 net/ipv6 net/bridge net/netfilter net/core net/unix vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys | grep -v nf_conntrack_count | sort
echo "# listeners"; ss -H -ltu -n | awk '{print $1, $5}' | sort
echo "# namespaces"; ls /run/netns 2>/dev/null
echo "# cgroups"; find /sys/fs/cgroup -maxdepth 3 -type d -name 'keelson-${createHash('sha256').update(`${folder}/state`).digest('hex').slice(0, 8)}' | sort`;

export interface Outcome { readonly value?: unknown; readonly error?: { readonly code?: string; readonly message: string } }

export class Machine {
  readonly #child: ChildProcess;
  readonly folder: string;
  #pid = 0;

  constructor(folder = usualFolder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#child = spawn('unshare', ['--net', '--mount', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-ec', initIn(folder)], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#child.stdout!.once('data', () => { resolve(); });
      this.#child.once('exit', () => { reject(new Error('the machine did not come up')); });
    });
    this.#pid = Number(spawnSync('pgrep', ['-P', String(this.#child.pid)]).stdout.toString().trim());
  }

  /** The state folder as processes of the test see it. */
  get state(): string {
    return `/proc/${this.#pid}/root${this.folder}/state`;
  }

  /** A shell script on the machine: its output, trimmed. */
  sh(script: string): Promise<string> {
    return new Promise((resolve) => {
      const child = this.background(['sh', '-c', script]);
      let output = '';
      child.stdout!.setEncoding('utf8').on('data', (text: string) => { output += text; });
      child.stderr!.setEncoding('utf8').on('data', (text: string) => { output += text; });
      child.on('close', () => { resolve(output.trim()); });
    });
  }

  /** A program on the machine, not waited for. */
  background(argv: readonly string[]): ChildProcess {
    return spawn('nsenter', ['-t', String(this.#pid), '-n', '-m', '-p', '-u', '-i', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** An action of `do.ts` as a process on the machine. @param prefix a program to run it with */
  async do(action: Action['do'], more: Partial<Omit<Action, 'do' | 'repository' | 'tools'>> = {}, prefix: readonly string[] = []): Promise<Outcome> {
    const child = this.background(this.argv(action, more, prefix));
    let output = '';
    let errors = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => { output += text; });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => { errors += text; });
    await new Promise((resolve) => { child.once('close', resolve); });
    if (output === '') throw new Error(`${action}: no outcome: ${errors}`);
    return JSON.parse(output) as Outcome;
  }

  argv(action: Action['do'], more: object = {}, prefix: readonly string[] = []): string[] {
    return [...prefix, process.execPath, '--disable-warning=ExperimentalWarning', actor, JSON.stringify({ do: action, state: `${this.folder}/state`, tools: `${this.folder}/tools`, repository, minimumFreeBytes: 1024 * 1024, ...more })];
  }

  /** The host as it is now. */
  picture(): Promise<string> {
    return this.sh(pictureIn(this.folder));
  }

  /** Command lines of all processes but the machine's own. */
  async processes(): Promise<string[]> {
    const lines = (await this.sh('ps -eo pid=,args= | sed "s/^ *//"')).split('\n');
    return lines.filter((line) => !/^1 |sleep 1000|ps -eo|^\d+ sed /.test(line));
  }

  /** Waits until nothing runs on it, for at most twenty seconds: the kernel takes its time with large processes. */
  async empty(): Promise<void> {
    for (const deadline = Date.now() + 20_000; ;) {
      const processes = await this.processes();
      if (processes.length === 0) return;
      if (Date.now() > deadline) throw new Error(`still there:\n${processes.join('\n')}`);
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  /** Everything on it dies. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await new Promise((resolve) => { this.#child.once('close', resolve).kill('SIGKILL'); });
  }
}
