/** One simulated server with nothing on it but the container runtime, which is asked over its socket as the kubelet asks it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { toolsBin } from '../../fixtures/needs.ts';
import { World } from '../machines/world.ts';

const repoDir = join(import.meta.dirname, '../../..');
const definition = loadSync(join(repoDir, 'sandbox/cri/api.proto'), { longs: String, enums: String, defaults: true, oneofs: true });
const { runtime } = loadPackageDefinition(definition) as unknown as { runtime: { v1: Record<'RuntimeService' | 'ImageService', ServiceClientConstructor> } };
type Method = (request: object, options: { deadline: number }, done: (error: Error | null, response: unknown) => void) => void;
const id = '44444444-0000-4000-8000-000000000004';
const network = '0a0b0c0d-0000-4000-8000-000000000004';
/** Shows the server's programs (sh, sleep) and runs what it is told. */
const image = { image: 'registry.k8s.io/kubectl:v1.36.3' };

export interface ContainerStatus { readonly state: string; readonly exitCode: number; readonly reason: string; readonly message: string; readonly logPath: string }
export interface Wish {
  readonly name: string;
  readonly script: string;
  readonly mounts?: readonly { readonly containerPath: string; readonly hostPath: string; readonly readonly?: boolean; readonly propagation?: 'PROPAGATION_BIDIRECTIONAL' }[];
  readonly stopSignal?: string;
  readonly tty?: boolean;
  /** CRI's mode of the PID namespace; one of its own unless told. */
  readonly pid?: 'POD' | 'NODE';
  readonly isPrivileged?: boolean;
}

export class RuntimeLab {
  readonly #stateDir = mkdtempSync(join(tmpdir(), 'keelson-cri-'));
  readonly #asNobody: boolean;
  #world: World | undefined;
  #pods = 0;

  constructor(options: { readonly asNobody?: boolean } = {}) {
    this.#asNobody = options.asNobody ?? false;
  }

  async start(): Promise<void> {
    this.#world = await World.start({ stateDir: this.#stateDir, toolsDir: toolsBin, repoDir, worldName: `cri-${process.pid}`, asNobody: this.#asNobody });
    await this.#world.call('network', network, '10.67.0.1/24');
    await this.#world.boot({
      id, name: 'cri', hostname: 'cri', zone: 'az1', flavor: { name: 'k.large', vcpus: 8, ramMb: 16_384, diskGb: 80 }, image: { id: 'image', name: 'keelson-node-v1.36.3' }, userData: '#cloud-config\n',
      ports: [{ id: 'b4444444-0000-4000-8000-000000000004', networkId: network, mac: 'fa:16:3e:67:00:04', address: '10.67.0.4', prefixLength: 24, gateway: '10.67.0.1', dnsServers: [], mtu: 1450, hostRoutes: [] }],
    });
    await this.ready();
    await this.call('UpdateRuntimeConfig', { runtimeConfig: { networkConfig: { podCidr: '10.168.0.0/24' } } });
  }

  async stop(): Promise<void> {
    await this.#world?.stop();
    rmSync(this.#stateDir, { recursive: true, force: true });
  }

  /** Waits until the runtime answers, after a boot or a restart. */
  async ready(): Promise<void> {
    for (const end = Date.now() + 60_000; ;) {
      if (await this.call('Version', {}).then(() => true, () => false)) return;
      if (Date.now() > end) throw new Error('the runtime does not answer');
      await sleep(100);
    }
  }

  /** A call of CRI. The socket is reached through the root of the server's first process. */
  call<T = object>(method: string, request: object, timeoutMs = 60_000): Promise<T> {
    const client = new runtime.v1[method === 'PullImage' ? 'ImageService' : 'RuntimeService'](`unix:${this.path('/run/containerd/containerd.sock')}`, credentials.createInsecure());
    return new Promise<T>((resolve, reject) => {
      (client as unknown as Record<string, Method>)[method]!(request, { deadline: Date.now() + timeoutMs }, (error, response) => {
        client.close();
        if (error) reject(error);
        else resolve(response as T);
      });
    });
  }

  /** A file of the server as the test sees it. */
  path(inServer: string): string {
    const first = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).find((pid) => {
      const line = commandLine(pid);
      return line.includes('/init.sh\0') && line.includes(`${this.#stateDir}/servers/${id}`) && !line.startsWith('unshare');
    });
    if (first === undefined) throw new Error('the server does not run');
    return `/proc/${first}/root${inServer}`;
  }

  /** A new volume of Cinder's, put onto the server. */
  async attachVolume(volumeId: string, device: string): Promise<void> {
    await this.#world!.call('createVolume', { id: volumeId, sizeGb: 1 });
    await this.#world!.call('attachVolume', id, { id: volumeId, device });
  }

  async sh(script: string): Promise<string> {
    return (await this.#world!.exec(id, ['sh', '-c', script])).stdout.trim();
  }

  async pod(pid: 'CONTAINER' | 'POD' | 'NODE' = 'CONTAINER'): Promise<{ id: string; config: object }> {
    const name = `pod-${++this.#pods}`;
    const config = { metadata: { name, uid: name, namespace: 'test', attempt: 0 }, hostname: name, logDirectory: `/var/log/pods/${name}`, dnsConfig: { servers: ['10.67.0.1'], searches: [], options: [] }, linux: { securityContext: { namespaceOptions: { network: 'POD', pid, ipc: 'POD' } } } };
    const { podSandboxId } = await this.call<{ podSandboxId: string }>('RunPodSandbox', { config });
    return { id: podSandboxId, config };
  }

  /** Starts a container that runs a script of sh, in a pod of its own unless told. @returns its id */
  async run({ name, script, mounts = [], stopSignal, tty = false, pid = undefined, isPrivileged = false }: Wish, pod?: { id: string; config: object }): Promise<string> {
    await this.call('PullImage', { image });
    const { id: podSandboxId, config: sandboxConfig } = pod ?? (await this.pod(pid));
    const config = { metadata: { name, attempt: 0 }, image, command: ['sh', '-c', script], mounts, logPath: `${name}.log`, tty, linux: { securityContext: { privileged: isPrivileged, ...(pid === undefined ? {} : { namespaceOptions: { network: 'POD', pid, ipc: 'POD' } }) } }, ...(stopSignal === undefined ? {} : { stopSignal }) };
    const { containerId } = await this.call<{ containerId: string }>('CreateContainer', { podSandboxId, config, sandboxConfig });
    await this.call('StartContainer', { containerId });
    return containerId;
  }

  async status(containerId: string): Promise<ContainerStatus> {
    return (await this.call<{ status: ContainerStatus }>('ContainerStatus', { containerId })).status;
  }

  /** Its status once it has ended. */
  async ended(containerId: string): Promise<ContainerStatus> {
    for (const end = Date.now() + 30_000; ;) {
      const status = await this.status(containerId);
      if (status.state === 'CONTAINER_EXITED') return status;
      if (Date.now() > end) throw new Error(`still ${status.state}`);
      await sleep(50);
    }
  }

  /** What it wrote, without times and tags. */
  async log(containerId: string): Promise<string> {
    const { logPath } = await this.status(containerId);
    return readFileSync(this.path(logPath), 'utf8').replaceAll(/^\S+ (stdout|stderr) [FP] /gm, '');
  }
}

/** Empty for a process that has just ended. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
