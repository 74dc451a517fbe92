/** Pod sandboxes: the namespaces, address and settings that the containers of a pod share. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { RuntimeError } from './errors.ts';
import type { Labels, NamespaceOptions, PodFilter, PodSandboxConfig, PodState } from './messages.ts';
import type { PodNamespaceHolder, PodNamespaces } from './pod-namespaces.ts';
import type { PodNetwork } from './pod-network.ts';

export interface Pod {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly options: NamespaceOptions;
  readonly createdAt: string;
  readonly namespaces: PodNamespaces;
  /** Empty for a pod on the server's network. */
  readonly address: string;
  state: PodState;
}

const defaultOptions: NamespaceOptions = { network: 'POD', pid: 'CONTAINER', ipc: 'POD', targetId: '' };

/** Nanoseconds since 1970, as CRI counts. */
export function nanoseconds(now: Date = new Date()): string {
  return `${now.getTime()}000000`;
}

export function newId(): string {
  return randomBytes(32).toString('hex');
}

export function matchesLabels(labels: Labels, selector: Labels | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

export class Pods {
  readonly #namespaces: PodNamespaceHolder;
  readonly #network: PodNetwork;
  readonly #pods = new Map<string, Pod>();

  constructor(namespaces: PodNamespaceHolder, network: PodNetwork) {
    this.#namespaces = namespaces;
    this.#network = network;
  }

  async run(config: PodSandboxConfig): Promise<Pod> {
    const id = newId();
    const options = config.linux?.securityContext?.namespaceOptions ?? defaultOptions;
    const ownNetwork = options.network !== 'NODE';
    if (config.logDirectory) mkdirSync(config.logDirectory, { recursive: true });
    const namespaces = await this.#namespaces.create({
      podId: id, hostname: config.hostname, ownNetwork, ownIpc: options.ipc !== 'NODE', sharedPid: options.pid === 'POD', sysctls: config.linux?.sysctls ?? {},
    });
    try {
      const ports = config.portMappings.filter((port) => port.hostPort > 0).map((port) => ({ protocol: port.protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp', hostPort: port.hostPort, hostIp: port.hostIp, containerPort: port.containerPort }));
      const address = namespaces.networkName ? await this.#network.attach(id, namespaces.networkName, ports) : '';
      const pod: Pod = { id, config, options, createdAt: nanoseconds(), namespaces, address, state: 'SANDBOX_READY' };
      this.#pods.set(id, pod);
      return pod;
    } catch (error) {
      await this.#release(id);
      throw error;
    }
  }

  /** Takes the network away; containers must have ended. */
  async stop(pod: Pod): Promise<void> {
    pod.state = 'SANDBOX_NOTREADY';
    await this.#release(pod.id);
  }

  async remove(pod: Pod): Promise<void> {
    await this.#release(pod.id);
    this.#pods.delete(pod.id);
  }

  /** By id or the beginning of one. */
  find(id: string): Pod | undefined {
    return this.#pods.get(id) ?? (id === '' ? undefined : this.list().find((pod) => pod.id.startsWith(id)));
  }

  /** Throws NOT_FOUND. */
  get(id: string): Pod {
    const pod = this.find(id);
    if (!pod) throw new RuntimeError('NOT_FOUND', `pod sandbox ${id} not found`);
    return pod;
  }

  list(filter?: PodFilter | null): Pod[] {
    return [...this.#pods.values()].filter((pod) =>
      (!filter?.id || pod.id.startsWith(filter.id)) && (!filter?.state || pod.state === filter.state.state) && matchesLabels(pod.config.labels, filter?.labelSelector));
  }

  async #release(id: string): Promise<void> {
    await this.#network.detach(id);
    await this.#namespaces.remove(id);
  }
}
