/** What happens to a server after the API said yes: scheduling, networking, booting, stopping, going away. */
import { newId, timestamp, type Core } from '../core.ts';
import { prefixLength } from '../neutron/fabric-sync.ts';
import { deletePort } from '../neutron/port-life.ts';
import type { PortRecord } from '../neutron/records.ts';
import { touch } from '../neutron/standard.ts';
import type { WantedServer } from '../seams.ts';
import type { VolumeLife } from '../cinder/volume-life.ts';
import type { ServerRecord } from './records.ts';
import { chooseHost } from './scheduler.ts';
import { ServerVolumes } from './server-volumes.ts';

/** How long a delete waits for a boot that is under way before it pulls the plug. */
const bootGraceMs = 20_000;

/** Nova keeps all of them until someone archives its tables. */
const keptDeletedServers = 500;

/** Boots that are under way are known in memory only: after a restart none is. */
export class ServerLife {
  readonly volumes: ServerVolumes;
  readonly #core: Core;
  readonly #boots = new Map<string, Promise<void>>();

  constructor(core: Core, volumes: VolumeLife) {
    this.#core = core;
    this.volumes = new ServerVolumes(core, volumes);
  }

  /** Servers that end by themselves are SHUTOFF. */
  watch(): void {
    this.#core.hypervisor.onExit((id) => {
      const server = this.#core.state.nova.servers[id];
      if (server?.vmState === 'active' && server.taskState === null) this.#set(server, { vmState: 'stopped', powerState: 4 });
    });
  }

  /**
   * After a start with records of an earlier life, as nova-compute does when its host comes back (`nova/compute/manager.py`, `_init_instance`, with
   * `resume_guests_state_on_host_boot`): running servers run again, a request that had not reached a host yet is scheduled, a build that was under
   * way is an ERROR, deletes and changes of power are done to their end.
   */
  resume(): void {
    for (const server of Object.values(this.#core.state.nova.servers)) this.#resumeOne(server);
  }

  build(server: ServerRecord): void {
    this.#core.background.run(`build server ${server.id}`, async (signal) => {
      const boot = this.#build(server, signal);
      this.#boots.set(server.id, boot);
      await boot.finally(() => this.#boots.delete(server.id));
    });
  }

  remove(server: ServerRecord): void {
    this.#write(server, { taskState: 'deleting' });
    this.#core.background.run(`delete server ${server.id}`, async (signal) => {
      const grace = this.#core.clock.sleep(bootGraceMs, signal).catch(() => undefined);
      await Promise.race([this.#boots.get(server.id)?.catch(() => undefined), grace]);
      await this.#core.hypervisor.destroy(server.id);
      releasePorts(this.#core, server);
      this.volumes.releaseAll(server);
      this.#bury(server);
    });
  }

  /** Runs one change of power; the server shows `task` until it is done, and ERROR if it fails. */
  power(server: ServerRecord, task: string, act: () => Promise<void>, then: Pick<ServerRecord, 'vmState' | 'powerState'>): void {
    this.#set(server, { taskState: task });
    this.#core.background.run(`${task} ${server.id}`, async () => {
      try {
        // After a restart the host has the server only once it was revived.
        await this.#boots.get(server.id)?.catch(() => undefined);
        await act();
        this.#set(server, { taskState: null, ...then });
      } catch (error) {
        this.#fail(server, error);
      }
    });
  }

  #resumeOne(server: ServerRecord): void {
    const { vmState, taskState } = server;
    if (taskState === 'deleting') return this.remove(server);
    if (vmState === 'building' && server.host === '') return this.build(server);
    if (vmState === 'building') return this.#fail(server, new Error('Instance failed to spawn: the host was restarted while it was built'));
    this.volumes.resume(server);
    const isRunning = taskState === null ? vmState === 'active' : taskState !== 'powering-off';
    if (vmState !== 'error') this.#set(server, { taskState: null, ...(isRunning ? { vmState: 'active', powerState: 1 } : { vmState: 'stopped', powerState: 4 }) });
    this.#core.background.run(`revive server ${server.id}`, async () => {
      const networks = portsOf(this.#core, server.id).map((port) => port.network_id);
      const reviving = Promise.all(networks.map((id) => this.#core.convergence.attempted('network', id)))
        .then(() => (isGoing(server) ? undefined : this.#core.hypervisor.revive(wantedServer(this.#core, server), isRunning ? 'on' : 'off')));
      this.#boots.set(server.id, reviving);
      await reviving.catch((error: unknown) => { if (isRunning) this.#fail(server, error); });
      this.#boots.delete(server.id);
    });
  }

  async #build(server: ServerRecord, signal: AbortSignal): Promise<void> {
    const core = this.#core;
    try {
      await core.clock.sleep(core.delays.scheduleMs, signal);
      if (isGoing(server)) return;
      this.#place(server);
      if (server.volumes.some((one) => one.make)) this.#set(server, { taskState: 'block_device_mapping' });
      await this.volumes.makeMissing(server);
      if (isGoing(server)) return;
      this.#set(server, { taskState: 'networking' });
      const ports = bindPorts(core, server);
      await Promise.all(ports.map((port) => core.convergence.attempted('network', port.network_id)));
      if (isGoing(server)) return;
      this.#set(server, { taskState: 'spawning' });
      await core.hypervisor.boot(wantedServer(core, server));
      if (isGoing(server)) return;
      for (const port of ports) port.status = 'ACTIVE';
      this.volumes.completeAll(server);
      this.#set(server, { vmState: 'active', taskState: null, powerState: 1, launchedAt: `${timestamp(core).slice(0, 19)}.000000` });
    } catch (error) {
      if (!signal.aborted) this.#fail(server, error);
    }
  }

  /** Chooses the host. Without one the client's ports are free again, as Nova takes ports only on a host. */
  #place(server: ServerRecord): void {
    try {
      const host = chooseHost(this.#core, server);
      Object.assign(server, { host: host.name, zone: host.zone });
    } catch (error) {
      releasePorts(this.#core, server);
      throw error;
    }
  }

  /** What is left of a server is seen by administrators only, and only the last of them. */
  #bury(server: ServerRecord): void {
    const { servers, deletedServers } = this.#core.state.nova;
    Reflect.deleteProperty(servers, server.id);
    this.#write(server, { vmState: 'deleted', taskState: null, powerState: 0 });
    Object.assign(server, { tags: [], terminatedAt: `${timestamp(this.#core).slice(0, 19)}.000000` });
    deletedServers[server.id] = server;
    for (const id of Object.keys(deletedServers).slice(0, -keptDeletedServers)) Reflect.deleteProperty(deletedServers, id);
  }

  #fail(server: ServerRecord, error: unknown): void {
    if (isGoing(server)) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#core.log.error({ server: server.id, name: server.name, error: message }, 'server went to ERROR');
    server.fault = { code: 500, message, created: timestamp(this.#core) };
    this.#set(server, { vmState: 'error', taskState: null, powerState: 0 });
  }

  /** Of a server that is deleted nothing else is told any more: whatever was under way may end after the request (`UnexpectedDeletingTaskStateError` in Nova). */
  #set(server: ServerRecord, change: Partial<Pick<ServerRecord, 'vmState' | 'taskState' | 'powerState' | 'launchedAt'>>): void {
    if (!isGoing(server)) this.#write(server, change);
  }

  #write(server: ServerRecord, change: Partial<Pick<ServerRecord, 'vmState' | 'taskState' | 'powerState' | 'launchedAt'>>): void {
    Object.assign(server, change);
    server.updatedAt = timestamp(this.#core);
  }
}

const isGoing = ({ vmState, taskState }: ServerRecord): boolean => taskState === 'deleting' || vmState === 'deleted';

/** The server's ports in the order they were asked for. */
export function portsOf(core: Core, serverId: string): PortRecord[] {
  return Object.values(core.state.neutron.ports).filter((port) => port.device_id === serverId);
}

function bindPorts(core: Core, server: ServerRecord): PortRecord[] {
  const ports = portsOf(core, server.id);
  for (const port of ports) {
    port.device_owner = `compute:${server.zone}`;
    port['binding:host_id'] = server.host;
    touch(core, port);
  }
  return ports;
}

/** Ports Nova made go with the server; the client's own are only unbound. */
function releasePorts(core: Core, server: ServerRecord): void {
  for (const port of portsOf(core, server.id)) {
    if (server.ownPorts.includes(port.id)) {
      deletePort(core, port);
      continue;
    }
    Object.assign(port, { device_id: '', device_owner: '', status: 'DOWN', 'binding:host_id': '' });
    touch(core, port);
  }
}

function wantedServer(core: Core, server: ServerRecord): WantedServer {
  const flavor = core.state.nova.flavors[server.flavorId];
  return {
    id: server.id, name: server.name, hostname: server.hostname, zone: server.zone,
    flavor: { name: flavor?.name ?? '', vcpus: flavor?.vcpus ?? 1, ramMb: flavor?.ramMb ?? 512, diskGb: flavor?.diskGb ?? 1 },
    image: { id: server.imageId, name: server.imageName },
    volumes: server.volumes.map((one) => ({ id: one.volume_id, device: one.device, isRoot: one.is_root })),
    userData: Buffer.from(server.userData, 'base64').toString('utf8'), configDrive: server.configDrive,
    ports: portsOf(core, server.id).map((port) => wantedServerPort(core, port)),
  };
}

function wantedServerPort(core: Core, port: PortRecord): WantedServer['ports'][number] {
  const ip = port.fixed_ips.find((one) => !one.ip_address.includes(':'));
  const subnet = ip && core.state.neutron.subnets[ip.subnet_id];
  return {
    id: port.id, networkId: port.network_id, mac: port.mac_address, address: ip?.ip_address ?? '', prefixLength: prefixLength(subnet?.cidr),
    ...(subnet?.gateway_ip ? { gateway: subnet.gateway_ip } : {}),
    dnsServers: subnet?.dns_nameservers ?? [], mtu: core.state.neutron.networks[port.network_id]?.mtu ?? 1500, hostRoutes: subnet?.host_routes ?? [],
  };
}

export function newServerId(core: Core): string {
  return newId(core);
}
