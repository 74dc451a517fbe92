/** The life of containers: created, running, exited, removed. A container is a process tree of this runtime and ends with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { planContainer } from './container-plan.ts';
import { containerScript, type ContainerPlan } from './container-script.ts';
import { RuntimeError } from './errors.ts';
import type { Image } from './image-store.ts';
import { ContainerLog, LogFormatter, type OutputStream } from './logs.ts';
import type { ContainerConfig, ContainerFilter, ContainerState } from './messages.ts';
import type { ProcessGroup, ProcessGroups } from './process-group.ts';
import { terminal } from './terminal.ts';
import { matchesLabels, nanoseconds, newId, type Pod } from './pods.ts';

export interface Container {
  readonly id: string;
  readonly pod: Pod;
  readonly config: ContainerConfig;
  readonly image: Image;
  readonly createdAt: string;
  readonly logPath: string;
  readonly log: ContainerLog;
  /** State directory: script, files, staging mount point. */
  readonly directory: string;
  readonly processes: ProcessGroup;
  readonly followers: Set<(stream: OutputStream, chunk: Buffer) => void>;
  state: ContainerState;
  plan: ContainerPlan | undefined;
  /** The container's first process as the server sees it; undefined unless running. */
  pid: number | undefined;
  stdin: Writable | undefined;
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  reason: string;
  message: string;
  /** Resolves when it has exited and its output is written. */
  ended: Promise<void>;
}

export interface ContainersOptions {
  readonly stateDir: string;
  readonly groups: ProcessGroups;
  /** The server has one user, in a user namespace: who shall be somebody else gets no rights instead. */
  readonly isOneUser: boolean;
  readonly skeleton: string;
  readonly onExit: (container: Container) => void;
}

/**
 * The first child after unshare is the first process of the PID namespace; the shell waits for it and ends with its exit code, 128 + n for signal n.
 * (`unshare --fork` would do, but ends with 1 when its child was killed by SIGKILL, whose handler it tries to reset.) What the shell itself
 * says of a killed child is nobody's output.
 */
const firstProcess = 'exec 9>&2 2> /dev/null; (exec setpriv --pdeathsig KILL "$@" 2>&9 9>&-); exit $?';

export class Containers {
  readonly #options: ContainersOptions;
  readonly #containers = new Map<string, Container>();

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  create(pod: Pod, image: Image, config: ContainerConfig, logDirectory: string): Container {
    const id = newId();
    const logPath = config.logPath && logDirectory ? `${logDirectory}/${config.logPath}` : '/dev/null';
    const directory = `${this.#options.stateDir}/${id.slice(0, 16)}`;
    mkdirSync(dirname(logPath), { recursive: true });
    mkdirSync(`${directory}/stage`, { recursive: true });
    const container: Container = {
      id, pod, image, config, logPath, log: new ContainerLog(logPath), directory, processes: this.#options.groups.group(id.slice(0, 16), directory),
      createdAt: nanoseconds(), followers: new Set(), state: 'CONTAINER_CREATED', plan: undefined, pid: undefined, stdin: undefined,
      startedAt: '0', finishedAt: '0', exitCode: 0, reason: '', message: '', ended: Promise.resolve(),
    };
    this.#containers.set(id, container);
    return container;
  }

  /** Resolves when the root file system stands and the command is about to run, so that hooks and probes find what they expect. */
  async start(container: Container): Promise<void> {
    if (container.state !== 'CONTAINER_CREATED') throw new RuntimeError('FAILED_PRECONDITION', `container ${container.id} is in state ${container.state}`);
    let child: ChildProcess;
    try {
      const plan = this.#plan(container);
      container.plan = plan;
      writeFileSync(`${container.directory}/start.sh`, containerScript(plan));
      container.processes.create();
      container.log.open();
      child = this.#spawn(container, plan);
    } catch (error) {
      this.#failed(container, error instanceof Error ? error.message : String(error));
      throw error;
    }
    const setup = readSetup(child.stdio[3] as Readable, (pid) => {
      container.pid = pid;
      container.processes.born(pid);
    });
    container.state = 'CONTAINER_RUNNING';
    container.startedAt = nanoseconds();
    container.ended = this.#follow(container, child);
    const failure = await setup;
    if (failure === undefined) return;
    container.processes.killAll();
    await container.ended;
    this.#failed(container, failure);
    throw new RuntimeError('INTERNAL', `failed to create containerd task: failed to start container process: ${failure}`);
  }

  /** @param timeoutSeconds between the stop signal and SIGKILL */
  async stop(container: Container, timeoutSeconds: number): Promise<void> {
    if (container.state !== 'CONTAINER_RUNNING') return;
    if (timeoutSeconds > 0) {
      signal(container.pid, stopSignal(container));
      if (await endsWithin(container.ended, timeoutSeconds * 1000)) return;
    }
    container.processes.killAll();
    await container.ended;
  }

  async remove(container: Container): Promise<void> {
    await this.stop(container, 0);
    this.#containers.delete(container.id);
    await container.processes.remove();
    rmSync(container.directory, { recursive: true, force: true });
  }

  /** By id or the beginning of one. */
  find(id: string): Container | undefined {
    return this.#containers.get(id) ?? (id === '' ? undefined : this.list().find((container) => container.id.startsWith(id)));
  }

  /** Throws NOT_FOUND. */
  get(id: string): Container {
    const container = this.find(id);
    if (!container) throw new RuntimeError('NOT_FOUND', `container ${id} not found`);
    return container;
  }

  list(filter?: ContainerFilter | null): Container[] {
    return [...this.#containers.values()].filter((container) =>
      (!filter?.id || container.id.startsWith(filter.id)) && (!filter?.state || container.state === filter.state.state)
      && (!filter?.podSandboxId || container.pod.id === filter.podSandboxId) && matchesLabels(container.config.labels, filter?.labelSelector));
  }

  of(pod: Pod): Container[] {
    return this.list().filter((container) => container.pod === pod);
  }

  /** CRI has no state between created and running: a container that cannot be started has exited, with containerd's code and reason. */
  #failed(container: Container, why: string): void {
    container.state = 'CONTAINER_EXITED';
    container.finishedAt = nanoseconds();
    container.exitCode = 128;
    container.reason = 'StartError';
    container.message = why;
    container.log.close();
  }

  #plan(container: Container): ContainerPlan {
    const { pod, image, config, directory } = container;
    const dns = pod.config.dnsConfig;
    const resolvConf = dns && [...dns.servers.map((server) => `nameserver ${server}`), ...(dns.searches.length > 0 ? [`search ${dns.searches.join(' ')}`] : []), ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}`] : []), ''].join('\n');
    if (resolvConf) writeFileSync(`${directory}/resolv.conf`, resolvConf);
    const files = [{ source: resolvConf ? `${directory}/resolv.conf` : '/etc/resolv.conf', target: '/etc/resolv.conf' }];
    if (pod.config.hostname) {
      writeFileSync(`${directory}/hostname`, `${pod.config.hostname}\n`);
      files.push({ source: `${directory}/hostname`, target: '/etc/hostname' });
    }
    const mounts = config.mounts.map((mount) => (mount.hostPath === '' ? mount : { ...mount, hostPath: this.#existing(mount.hostPath) }));
    return planContainer({ directory: `${directory}/stage`, skeleton: this.#options.skeleton, isOneUser: this.#options.isOneUser, pod, image, files, config: { ...config, mounts } });
  }

  /** A missing host path is created, as container engines do; where the server's file system is read-only an empty directory stands in. */
  #existing(path: string): string {
    if (existsSync(path)) return realpathSync(path);
    try {
      mkdirSync(path, { recursive: true });
      return realpathSync(path);
    } catch (error) {
      // Node.js says ENOENT where a recursive mkdir meets a read-only file system.
      if (!['EROFS', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      mkdirSync(`${this.#options.stateDir}/empty`, { recursive: true });
      return `${this.#options.stateDir}/empty`;
    }
  }

  #spawn(container: Container, plan: ContainerPlan): ChildProcess {
    const { namespaces } = container.pod;
    const security = container.config.linux?.securityContext;
    const target = security?.namespaceOptions?.pid === 'TARGET' ? `/proc/${this.get(security.namespaceOptions.targetId).pid}/ns/pid` : undefined;
    const pidNamespace = target ?? (plan.usesServerPids ? undefined : namespaces.pid);
    const enter = [
      ...(namespaces.network ? [`--net=${namespaces.network}`] : []), ...(namespaces.uts ? [`--uts=${namespaces.uts}`] : []),
      ...(namespaces.ipc ? [`--ipc=${namespaces.ipc}`] : []), ...(pidNamespace ? [`--pid=${pidNamespace}`, '--no-fork'] : []),
    ];
    const isolate = ['unshare', '--mount', '--cgroup', '--propagation', 'unchanged', ...(plan.usesServerPids ? [] : [...(pidNamespace ? [] : ['--pid']), 'sh', '-c', firstProcess, 'sh'])];
    const chain = [
      'setpriv', '--pdeathsig', 'KILL', 'sh', '-c', `${container.processes.join}; exec "$@"`, 'sh',
      ...(enter.length > 0 ? ['nsenter', ...enter] : []), ...isolate, 'sh', `${container.directory}/start.sh`,
    ];
    const { tty, stdin } = container.config;
    const [command = '', ...args] = tty ? terminal(chain, terminalFile(container)) : chain;
    return spawn(command, args, { stdio: [tty || stdin ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'], detached: true });
  }

  #follow(container: Container, child: ChildProcess): Promise<void> {
    container.stdin = child.stdin ?? undefined;
    // A reader that goes away is the container's business.
    child.stdin?.on('error', () => undefined);
    for (const stream of ['stdout', 'stderr'] as const) {
      const formatter = new LogFormatter(stream, () => new Date());
      child[stream]?.on('data', (chunk: Buffer) => {
        container.log.write(formatter.feed(chunk));
        for (const follower of container.followers) follower(stream, chunk);
      });
      child[stream]?.on('end', () => container.log.write(formatter.end()));
    }
    return new Promise((resolve) => {
      child.on('exit', () => container.processes.killAll());
      child.on('error', (error) => { container.message = error.message; });
      child.on('close', (code, name) => {
        container.state = 'CONTAINER_EXITED';
        container.pid = undefined;
        container.stdin = undefined;
        container.exitCode = code ?? (name ? 128 + constants.signals[name] : 255);
        container.reason = container.exitCode === 0 ? 'Completed' : 'Error';
        container.finishedAt = nanoseconds();
        container.log.close();
        this.#options.onExit(container);
        resolve();
      });
    });
  }
}

/** Where the name of the container's terminal is kept, for resizing. */
export function terminalFile(container: Container): string {
  return `${container.directory}/terminal`;
}

/** Reads "pid N", then "ready" or the reason of a failure. @returns the reason, undefined when ready */
function readSetup(from: Readable, onPid: (pid: number) => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    from.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const pid = /^pid (\d+)$/m.exec(text)?.[1];
      if (pid) onPid(Number(pid));
      if (/^ready$/m.test(text)) resolve(undefined);
    });
    from.on('error', (error) => resolve(error.message));
    from.on('end', () => resolve(text.replace(/^pid \d+$/m, '').trim() || 'the container ended while it was being set up'));
  });
}

function stopSignal({ config, image }: Container): NodeJS.Signals {
  const wanted = config.stopSignal !== 'RUNTIME_DEFAULT' && config.stopSignal !== '' ? config.stopSignal : image.stopSignal || 'SIGTERM';
  return wanted in constants.signals ? (wanted as NodeJS.Signals) : 'SIGTERM';
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function endsWithin(ended: Promise<void>, timeoutMs: number): Promise<boolean> {
  const timer = Promise.withResolvers<false>();
  const timeout = setTimeout(() => timer.resolve(false), timeoutMs);
  try {
    return await Promise.race([ended.then(() => true), timer.promise]);
  } finally {
    clearTimeout(timeout);
  }
}
