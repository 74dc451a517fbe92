/** The runtime as a whole: what it is made of, how it starts on what an earlier one left behind, how it stops. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { run } from './command.ts';
import { CgroupProcesses } from './cgroup-processes.ts';
import type { RuntimeConfig } from './config.ts';
import { Containers, type Container } from './containers.ts';
import { ContainerEvents } from './events.ts';
import { ImageStore } from './image-store.ts';
import { NamespaceProcesses } from './namespace-processes.ts';
import { PodNamespaceHolder } from './pod-namespaces.ts';
import { PodNetwork } from './pod-network.ts';
import { Pods, type Pod } from './pods.ts';
import type { ProcessGroups } from './process-group.ts';
import { makeSkeleton } from './skeleton.ts';
import { PortForwarder } from './streaming/port-forward.ts';
import { StreamingServer } from './streaming/server.ts';

export class Runtime {
  readonly config: RuntimeConfig;
  readonly images: ImageStore;
  readonly network: PodNetwork;
  readonly pods: Pods;
  readonly #groups: ProcessGroups;
  readonly containers: Containers;
  readonly events: ContainerEvents;
  readonly streaming: StreamingServer;
  readonly forwarder: PortForwarder;

  constructor(config: RuntimeConfig) {
    this.config = config;
    this.#groups = config.isOneUser ? new NamespaceProcesses(config.stateDir) : new CgroupProcesses(config.cgroup);
    this.images = new ImageStore(config);
    this.network = new PodNetwork(config);
    this.pods = new Pods(new PodNamespaceHolder(config.runDir, config.isOneUser), this.network);
    this.events = new ContainerEvents((pod) => this.containers.of(pod));
    this.containers = new Containers({ ...config, groups: this.#groups, skeleton: this.#skeleton, onExit: (container) => this.events.emit(container, 'CONTAINER_STOPPED_EVENT') });
    this.streaming = new StreamingServer();
    this.forwarder = new PortForwarder(config);
  }

  /** Containers of an earlier runtime died with it; here what they left is cleared, and the kubelet starts its pods anew. */
  async start(): Promise<void> {
    await this.#clear();
    mkdirSync(this.config.runDir, { recursive: true });
    mkdirSync(this.config.layersDir, { recursive: true });
    makeSkeleton(this.#skeleton);
    await this.network.start();
    await this.streaming.start();
  }

  async stop(): Promise<void> {
    this.streaming.stop();
    await Promise.all(this.containers.list().map((container) => this.containers.stop(container, 0)));
  }

  async stopPod(pod: Pod): Promise<void> {
    await Promise.all(this.containers.of(pod).map((container) => this.containers.stop(container, 0)));
    this.forwarder.release(pod);
    await this.pods.stop(pod);
  }

  async removePod(pod: Pod): Promise<void> {
    await this.stopPod(pod);
    for (const container of this.containers.of(pod)) await this.removeContainer(container);
    await this.pods.remove(pod);
  }

  async removeContainer(container: Container): Promise<void> {
    await this.containers.remove(container);
    this.events.emit(container, 'CONTAINER_DELETED_EVENT');
  }

  get #skeleton(): string {
    return `${this.config.runDir}/skeleton`;
  }

  async #clear(): Promise<void> {
    const { runDir, stateDir } = this.config;
    await this.#groups.start();
    const pins = existsSync(`${runDir}/pods`) ? readdirSync(`${runDir}/pods`).flatMap((pod) => ['uts', 'ipc', 'shm'].map((name) => `${runDir}/pods/${pod}/${name}`)) : [];
    const networks = existsSync('/run/netns') ? readdirSync('/run/netns').filter((name) => name.startsWith('pod-')).map((name) => `/run/netns/${name}`) : [];
    // What is not mounted any more says so; that is fine.
    for (const pin of [...pins, ...networks]) await run('umount', ['--lazy', '--quiet', pin]).catch(() => undefined);
    for (const network of networks) rmSync(network, { force: true });
    rmSync(runDir, { recursive: true, force: true });
    for (const entry of existsSync(stateDir) ? readdirSync(stateDir, { withFileTypes: true }) : []) {
      if (entry.isDirectory()) rmSync(`${stateDir}/${entry.name}`, { recursive: true, force: true });
    }
  }
}
