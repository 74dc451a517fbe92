/** The hypervisor of the sandbox: boots servers as namespaces of this machine, plugs them into tenant networks, reads their consoles. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { attempt, ipBatch, run } from '../network/command.ts';
import { bridgeName, tapName } from '../network/names.ts';
import type { Hypervisor } from '../openstack/seams.ts';
import { MachineError } from './errors.ts';
import { availableImages, toolsOf } from './node-images.ts';
import { kubernetesVersions, toolsFolderOf } from '../tools/pins.ts';
import { buildPrograms } from './programs.ts';
import { seedFiles, type HostPaths, type ServerSpec } from './seed.ts';
import { VolumeStore } from './volume-store.ts';
import { ServerProcess, type ExecOptions, type ExecResult } from './server-process.ts';

export interface MachineHostOptions {
  /** Disks, consoles and layers of the servers; everything below `servers/` belongs to this host. */
  readonly stateDir: string;
  /** The pinned tools, one executable (or link) each. */
  readonly toolsDir: string;
  /** The checkout whose cloud-init and container runtime the servers run. */
  readonly repoDir: string;
  /** OCI layouts, one directory each. */
  readonly imagesDir?: string;
  /** Distinguishes worlds on one machine: part of cgroup names. */
  readonly worldName: string;
  /** False where control groups are not ours to make, in a world without root: servers have none then. */
  readonly hasCgroups?: boolean;
  /** Node.js for the servers; the one that runs this unless told. */
  readonly node?: string;
  readonly bootTimeoutMs?: number;
  readonly log: (line: string) => void;
}

interface Server {
  readonly spec: ServerSpec;
  /** Volumes it has, by id, and where their content is while it has them. */
  readonly volumes: Map<string, { device: string; path: string }>;
  process: ServerProcess | undefined;
  isFrozen: boolean;
}

/** A server as its host sees it. */
export interface HostedServer {
  readonly spec: ServerSpec;
  readonly isRunning: boolean;
  readonly isFrozen: boolean;
  /** Addresses of its pods, once its node has them. */
  readonly podCidr: string | undefined;
}

const shutDownTimeoutMs = 20_000;

/** Needs root, and must run in the network namespace that has the bridges of the tenant networks. */
export class MachineHost implements Hypervisor {
  readonly #options: MachineHostOptions;
  /** Content of volumes and snapshots. */
  readonly storage: VolumeStore;
  readonly #servers = new Map<string, Server>();
  readonly #exitListeners: ((id: string) => void)[] = [];
  readonly #bootListeners: ((id: string) => void)[] = [];

  constructor(options: MachineHostOptions) {
    this.#options = options;
    this.storage = new VolumeStore(`${options.stateDir}/volumes`);
  }

  /**
   * Before the first boot. Clears what a host of the same world left behind when it was killed: its servers died with it, their files did not.
   * @param kept ids of servers whose disks stay, to be revived
   */
  async start(kept: ReadonlySet<string> = new Set()): Promise<void> {
    mkdirSync(this.#layersDir, { recursive: true });
    await this.storage.takeAllBack();
    const left = existsSync(this.#serversDir) ? readdirSync(this.#serversDir) : [];
    for (const id of left.filter((one) => !kept.has(one))) rmSync(`${this.#serversDir}/${id}`, { recursive: true, force: true });
    await this.#bury(this.#world);
    await buildPrograms(this.#options.repoDir, this.#programsDir);
  }

  async boot(spec: ServerSpec): Promise<void> {
    await this.#powerOn(await this.#make(spec));
  }

  /** From the disk of an earlier life of this host. */
  async revive(spec: ServerSpec, power: 'on' | 'off'): Promise<void> {
    if (this.#servers.get(spec.id)?.process) return;
    const server = await this.#make(spec);
    if (!existsSync(`${this.#directory(spec.id)}/disk`)) throw new MachineError('MACHINE_DISK_GONE', `server ${spec.id} (${spec.name}) has no disk any more; delete it and make another`);
    if (power === 'on') await this.#powerOn(server);
  }

  /** The server with its volumes, before it runs. */
  async #make(spec: ServerSpec): Promise<Server> {
    this.#seed(spec);
    const server: Server = { spec, volumes: new Map(), process: undefined, isFrozen: false };
    this.#servers.set(spec.id, server);
    for (const { id, device, isRoot } of spec.volumes ?? []) await this.#lend(server, { id, device, path: isRoot ? `${this.#directory(spec.id)}/disk` : this.#volumePath(spec.id, id) });
    return server;
  }

  /** Writes what the server is told before it boots. Throws MACHINE_IMAGE_UNKNOWN. */
  #seed(spec: ServerSpec): void {
    const images = availableImages(this.#options.toolsDir);
    const image = images.find((candidate) => candidate.name === spec.image.name);
    if (!image) throw new MachineError('MACHINE_IMAGE_UNKNOWN', `server ${spec.id}: no node image ${spec.image.name}; there are: ${images.map((known) => known.name).join(', ')}`);
    const directory = this.#directory(spec.id);
    for (const [path, text] of Object.entries(seedFiles(spec, image, this.#hostPaths()))) {
      const file = `${directory}/seed/${path}`;
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: path === 'user_data' ? 0o600 : 0o644 });
    }
  }

  async reboot(id: string, kind: 'SOFT' | 'HARD'): Promise<void> {
    const server = this.#get(id);
    await this.#powerOff(server, kind === 'SOFT');
    await this.#powerOn(server);
  }

  async stopServer(id: string): Promise<void> {
    await this.#powerOff(this.#get(id), true);
  }

  async startServer(id: string): Promise<void> {
    const server = this.#get(id);
    if (!server.process) await this.#powerOn(server);
  }

  /** Nothing is left of the server; fine when it is gone already. */
  async destroy(id: string): Promise<void> {
    const server = this.#servers.get(id);
    this.#servers.delete(id);
    if (server) await this.#powerOff(server, false);
    for (const volumeId of server?.volumes.keys() ?? []) await this.storage.takeBack(volumeId);
    rmSync(this.#directory(id), { recursive: true, force: true });
  }

  async attachVolume(id: string, { id: volumeId, device }: { id: string; device: string }): Promise<void> {
    const server = this.#get(id);
    await this.#lend(server, { id: volumeId, device, path: this.#volumePath(id, volumeId) });
    await this.#showVolume(server, 'attach', { id: volumeId, device });
  }

  async detachVolume(id: string, volumeId: string): Promise<void> {
    const server = this.#servers.get(id);
    const volume = server?.volumes.get(volumeId);
    if (!server || !volume) return;
    await this.#showVolume(server, 'detach', { id: volumeId, device: volume.device });
    server.volumes.delete(volumeId);
    this.#writeVolumes(server);
    await this.storage.takeBack(volumeId);
  }

  async consoleLog(id: string, lines?: number): Promise<string> {
    this.#get(id);
    const text = await readFile(`${this.#directory(id)}/console.log`, 'utf8').catch(() => '');
    if (lines === undefined) return text;
    return text.split('\n').slice(-(lines + 1)).join('\n');
  }

  onExit(listener: (id: string) => void): void {
    this.#exitListeners.push(listener);
  }

  /** A server whose init runs: after its first boot and after every other. */
  onBoot(listener: (id: string) => void): void {
    this.#bootListeners.push(listener);
  }

  /** As if the power failed: everything in it ends at once, and whoever listens hears that it ended by itself. */
  async cutPower(id: string): Promise<void> {
    const server = this.#get(id);
    if (server.isFrozen) await this.freeze(id, false);
    await server.process?.powerOff();
  }

  /** Stops every process of the server where it is, or lets all go on. Throws MACHINE_UNKNOWN when it does not run. */
  async freeze(id: string, isFrozen: boolean): Promise<void> {
    const server = this.#get(id);
    if (!server.process) throw new MachineError('MACHINE_UNKNOWN', `server ${id} is not running`);
    if (this.#hasCgroups) await this.#cgroupScript('freeze.sh', `${this.#world}/${id}`, [isFrozen ? '1' : '0']);
    else await server.process.freeze(isFrozen);
    server.isFrozen = isFrozen;
  }

  /** Everything about every server, for faults. */
  hosted(): HostedServer[] {
    return [...this.#servers.values()].map(({ spec, process, isFrozen }) => {
      // Where the container runtime keeps it (sandbox/cri/pod-network.ts).
      const file = `${this.#directory(spec.id)}/disk/var/lib/keelson-cri/pod-cidr`;
      return { spec, isRunning: process !== undefined, isFrozen, podCidr: existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined };
    });
  }

  /** Every server of this host, running or not. */
  servers(): { readonly id: string; readonly name: string; readonly state: 'running' | 'stopped' }[] {
    return [...this.#servers].map(([id, { spec, process }]) => ({ id, name: spec.name, state: process ? 'running' : 'stopped' }));
  }

  /** Runs a command in a running server, as root. Throws MACHINE_UNKNOWN when it does not run. */
  exec(id: string, argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { process } = this.#get(id);
    if (!process) throw new MachineError('MACHINE_UNKNOWN', `server ${id} is not running`);
    return process.exec(argv, options);
  }

  /** Ends and removes all servers. */
  async stop(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((id) => this.destroy(id)));
    await this.#bury(this.#world);
  }

  get #serversDir(): string {
    return `${this.#options.stateDir}/servers`;
  }

  get #layersDir(): string {
    return `${this.#options.stateDir}/layers`;
  }

  get #programsDir(): string {
    return `${this.#options.stateDir}/programs`;
  }

  get #world(): string {
    return `keelson-${this.#options.worldName}`;
  }

  get #nodeImageDir(): string {
    return `${this.#options.repoDir}/sandbox/machines/node-image`;
  }

  async #lend(server: Server, volume: { id: string; device: string; path: string }): Promise<void> {
    await this.storage.lend(volume.id, volume.path);
    server.volumes.set(volume.id, { device: volume.device, path: volume.path });
    this.#writeVolumes(server);
  }

  /** What the next boot finds. */
  #writeVolumes({ spec, volumes }: Server): void {
    const own = [...volumes].filter(([id, { path }]) => path === this.#volumePath(spec.id, id));
    writeFileSync(`${this.#directory(spec.id)}/seed/volumes`, own.map(([id, { device }]) => `${id} ${device}\n`).join(''));
  }

  /** Nothing to do for a server that does not run: its next boot reads the list. */
  async #showVolume({ spec, process }: Server, action: 'attach' | 'detach', { id, device }: { id: string; device: string }): Promise<void> {
    if (!process) return;
    const { code, stderr } = await process.exec(['sh', '/opt/keelson/node/volume.sh', action, id, device]);
    if (code !== 0) throw new MachineError('MACHINE_COMMAND_FAILED', `server ${spec.id}: cannot ${action} volume ${id} as ${device}: ${stderr.trim()}`);
  }

  #volumePath(serverId: string, volumeId: string): string {
    return `${this.#directory(serverId)}/volumes/${volumeId}`;
  }

  #directory(id: string): string {
    return `${this.#serversDir}/${id}`;
  }

  #get(id: string): Server {
    const server = this.#servers.get(id);
    if (!server) throw new MachineError('MACHINE_UNKNOWN', `no server ${id} on this host`);
    return server;
  }

  /** Tools and layouts are looked up at every boot: they may have been built since. */
  #hostPaths(): HostPaths {
    const { toolsDir, imagesDir, node } = this.#options;
    const tools = Object.fromEntries(kubernetesVersions.flatMap((version) => filesIn(toolsFolderOf(toolsDir, version), toolsOf(version))));
    return {
      nodeImageDir: this.#nodeImageDir, programsDir: this.#programsDir, node: realpathSync(node ?? process.execPath), layersDir: this.#layersDir, tools,
      imagesDir: imagesDir !== undefined && existsSync(imagesDir) ? realpathSync(imagesDir) : undefined, hasCgroups: this.#hasCgroups,
    };
  }

  async #powerOn(server: Server): Promise<void> {
    const { spec } = server;
    const launched = await ServerProcess.launch({
      id: spec.id, directory: this.#directory(spec.id), cgroup: this.#hasCgroups ? `${this.#world}/${spec.id}` : undefined, nodeImageDir: this.#nodeImageDir,
      plugIn: (pid) => this.#plugIn(spec, pid), bootTimeoutMs: this.#options.bootTimeoutMs ?? 60_000,
    });
    server.process = launched;
    this.#options.log(`server ${spec.name} (${spec.id}) runs`);
    void launched.ended.then(() => this.#ended(server, launched));
    for (const listener of this.#bootListeners) listener(spec.id);
  }

  async #powerOff(server: Server, isGraceful: boolean): Promise<void> {
    const { process, spec } = server;
    // What is frozen does not even end when it is killed: its keeper stands still too.
    if (server.isFrozen) await this.freeze(spec.id, false);
    server.process = undefined;
    // The taps go first: a namespace is taken apart some time after its last process has ended.
    if (process && isGraceful) await process.shutDown(shutDownTimeoutMs);
    await this.#unplug(spec);
    if (process) await process.powerOff();
    await this.#bury(`${this.#world}/${spec.id}`);
  }

  /** Init ended by itself: the plug was not pulled from here. */
  #ended(server: Server, ended: ServerProcess): void {
    if (server.process !== ended) return;
    server.process = undefined;
    this.#options.log(`server ${server.spec.name} (${server.spec.id}) ended by itself`);
    for (const listener of this.#exitListeners) listener(server.spec.id);
  }

  async #plugIn({ id, ports }: ServerSpec, pid: number): Promise<void> {
    const on = `server ${id}`;
    await this.#removeTaps(ports.map((port) => tapName(port.id)));
    await ipBatch(ports.flatMap((port, i) => [
      `link add name ${tapName(port.id)} mtu ${port.mtu} type veth peer name eth${i} address ${port.mac} mtu ${port.mtu} netns ${pid}`,
      `link set dev ${tapName(port.id)} master ${bridgeName(port.networkId)}`,
      `link set dev ${tapName(port.id)} up`,
    ]), { on });
  }

  async #unplug({ ports }: ServerSpec): Promise<void> {
    await this.#removeTaps(ports.map((port) => tapName(port.id)));
  }

  /** A tap that is gone already is as good. (/sys/class/net would not tell: it shows the namespace it was mounted in.) */
  async #removeTaps(names: readonly string[]): Promise<void> {
    for (const name of names) await attempt('ip', ['link', 'del', 'dev', name]);
  }

  async #bury(cgroup: string): Promise<void> {
    if (this.#hasCgroups) await this.#cgroupScript('bury.sh', cgroup);
  }

  get #hasCgroups(): boolean {
    return this.#options.hasCgroups ?? true;
  }

  async #cgroupScript(script: string, cgroup: string, args: readonly string[] = []): Promise<void> {
    const mountPoint = `${this.#options.stateDir}/cgroup`;
    await run('unshare', ['--mount', '--propagation', 'private', 'sh', `${this.#nodeImageDir}/${script}`, mountPoint, cgroup, ...args], { on: `cgroup ${cgroup}` });
  }
}

/** What a folder of links points to, by the path that servers have it at; links that lead nowhere are left out. */
function filesIn(folder: string, shownAs: string): [path: string, file: string][] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort().filter((name) => existsSync(`${folder}/${name}`)).map((name) => [`${shownAs}/${name}`, realpathSync(`${folder}/${name}`)]);
}
