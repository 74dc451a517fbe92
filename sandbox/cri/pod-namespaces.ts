/**
 * The namespaces that the containers of a pod share, held by files instead of a pause process: `unshare --net=FILE` binds a
 * new namespace to a file. A shared PID namespace needs a living first process; then, and only then, there is one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { quote, run } from './command.ts';
import { RuntimeError } from './errors.ts';

export interface PodNamespaceRequest {
  readonly podId: string;
  readonly hostname: string;
  readonly ownNetwork: boolean;
  readonly ownIpc: boolean;
  readonly sharedPid: boolean;
  /** `net.core.somaxconn` → value, set inside. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** Files to enter the namespaces by; undefined where the pod uses the server's. */
export interface PodNamespaces {
  /** Name for `ip netns`; its file is /run/netns/<name>. */
  readonly networkName: string | undefined;
  readonly network: string | undefined;
  readonly uts: string | undefined;
  readonly ipc: string | undefined;
  readonly pid: string | undefined;
  /** tmpfs that is /dev/shm in every container of the pod. */
  readonly shm: string;
}

/** containerd's defaults for pods with a network of their own (enable_unprivileged_ports, enable_unprivileged_icmp). */
const networkDefaults = (isOneUser: boolean) => ({ 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': isOneUser ? '0 0' : '0 2147483647' });

export class PodNamespaceHolder {
  readonly #directory: string;
  readonly #isOneUser: boolean;
  readonly #firstProcesses = new Map<string, ChildProcess>();

  /** @param runDir lost at reboot @param isOneUser the kernel takes no group but one */
  constructor(runDir: string, isOneUser: boolean) {
    this.#directory = `${runDir}/pods`;
    this.#isOneUser = isOneUser;
  }

  async create(request: PodNamespaceRequest): Promise<PodNamespaces> {
    const directory = this.#pod(request.podId);
    mkdirSync(`${directory}/shm`, { recursive: true });
    mkdirSync('/run/netns', { recursive: true });
    const networkName = request.ownNetwork ? `pod-${request.podId.slice(0, 12)}` : undefined;
    const pins = {
      network: networkName && `/run/netns/${networkName}`,
      uts: request.ownNetwork ? `${directory}/uts` : undefined,
      ipc: request.ownIpc ? `${directory}/ipc` : undefined,
    };
    for (const pin of Object.values(pins)) if (pin !== undefined) closeSync(openSync(pin, 'w'));
    const flags = [pins.network && `--net=${pins.network}`, pins.uts && `--uts=${pins.uts}`, pins.ipc && `--ipc=${pins.ipc}`].filter((flag) => flag !== undefined);
    const sysctls = Object.entries({ ...(request.ownNetwork ? networkDefaults(this.#isOneUser) : {}), ...request.sysctls });
    const script = [
      ...(pins.uts ? [`hostname ${quote(request.hostname)}`] : []),
      ...sysctls.map(([key, value]) => `echo ${quote(value)} > /proc/sys/${quote(key.replaceAll('.', '/'))}`),
    ].join('\n');
    if (flags.length > 0) await run('unshare', [...flags, 'sh', '-ec', script]);
    await run('mount', ['-t', 'tmpfs', '-o', 'mode=1777,size=64m,nosuid,nodev', 'shm', `${directory}/shm`]);
    return { ...pins, networkName, pid: request.sharedPid ? await this.#startFirstProcess(request.podId) : undefined, shm: `${directory}/shm` };
  }

  async remove(podId: string): Promise<void> {
    this.#firstProcesses.get(podId)?.kill('SIGKILL');
    this.#firstProcesses.delete(podId);
    const directory = this.#pod(podId);
    if (!existsSync(directory)) return;
    const network = `/run/netns/pod-${podId.slice(0, 12)}`;
    const mounted = [`${directory}/uts`, `${directory}/ipc`, `${directory}/shm`, network].filter((path) => existsSync(path));
    await run('sh', ['-c', mounted.map((path) => `umount -l ${quote(path)} 2>/dev/null`).concat('true').join('; ')]);
    rmSync(network, { force: true });
    rmSync(directory, { recursive: true, force: true });
  }

  #pod(podId: string): string {
    return `${this.#directory}/${podId.slice(0, 12)}`;
  }

  /** The first process of a PID namespace must reap orphans; a process that ignores SIGCHLD does so by the kernel's own hand (wait(2)). */
  async #startFirstProcess(podId: string): Promise<string> {
    const script = "read -r pid rest < /proc/self/stat; echo $pid; trap '' CHLD; exec sleep infinity > /dev/null";
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#firstProcesses.set(podId, child);
    // Nothing is heard of it then, and the wait below ends with its deadline.
    child.on('error', () => undefined);
    const [first] = (await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
    const pid = Number(first.toString());
    if (!(pid > 0)) throw new RuntimeError('INTERNAL', `pod ${podId}: its first process did not start`);
    return `/proc/${pid}/ns/pid`;
  }
}
