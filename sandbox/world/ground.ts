/** What faults may see and touch of this world: the cloud knows names and clusters, the host runs the servers, commands run in the world's network. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FaultError } from '../faults/errors.ts';
import type { Ground, Peer, Server } from '../faults/ground.ts';
import { TimeServer } from '../faults/clock/time-server.ts';
import { MachineError, type HostedServer, type MachineHost } from '../machines/index.ts';
import { bridgeName, externalNetwork, run, tapName } from '../network/index.ts';
import type { Cloud } from '../openstack/index.ts';

/** How long a program that was started may take until it says that it works. */
const startTimeoutMs = 10_000;

export interface GroundOptions {
  readonly host: MachineHost;
  readonly cloud: Cloud;
  readonly toolsFolder: string;
}

/** @returns the ground, and the time server, which has to be started */
export function groundOf({ host, cloud, toolsFolder }: GroundOptions): { readonly ground: Ground; readonly timeServer: TimeServer } {
  const timeServer = new TimeServer({ address: externalNetwork.time, clusterAt: (address) => clusterAt(cloud, host, address) });
  /** The cloud wants it to run and the host has not come to it yet: it boots, or the world has just begun. */
  const isOnItsWay = (id: string): boolean => cloud.state.nova.servers[id]?.vmState === 'active' && !host.servers().some((server) => server.id === id && server.state === 'running');
  const ground: Ground = {
    servers: () => host.hosted().map((hosted) => serverOf(hosted, cloud)),
    zones: () => cloud.state.zones,
    peers: () => peersOf(cloud),
    exec: async (id, argv, options = {}) => {
      if (isOnItsWay(id)) throw new FaultError('FAULT_NOT_APPLIED', `server ${cloud.state.nova.servers[id]?.name} is being started; try again when it runs`);
      const { code, stdout, stderr } = await gone(() => host.exec(id, argv, { timeoutMs: 60_000, ...options }));
      return { status: code, stdout, stderr };
    },
    run: (command, args, stdin) => run(command, args, stdin === undefined ? {} : { stdin }),
    start: (command, args) => start(join(toolsFolder, command), args),
    cutPower: (id) => gone(() => host.cutPower(id)),
    restorePower: (id) => {
      cloud.powerOn(id);
      return Promise.resolve(id in cloud.state.nova.servers);
    },
    freeze: (id, isFrozen) => gone(() => host.freeze(id, isFrozen)),
    setClock: (cluster, answer) => { timeServer.set(cluster, answer); },
    clockCounts: () => timeServer.counts(),
    apiFaults: cloud.faults,
    onBoot: (listener) => { host.onBoot(listener); },
  };
  return { ground, timeServer };
}

function serverOf({ spec, isRunning, isFrozen, podCidr }: HostedServer, cloud: Cloud): Server {
  const ports = spec.ports.map((port) => ({ tap: tapName(port.id), bridge: bridgeName(port.networkId) }));
  const floating = spec.ports.flatMap((port) => Object.values(cloud.state.neutron.floatingIps).filter((ip) => ip.port_id === port.id).map((ip) => ip.floating_ip_address));
  return {
    id: spec.id, name: spec.name, zone: spec.zone, isRunning, isFrozen, ports, cluster: clusterOf(spec, cloud),
    addresses: [...spec.ports.map((port) => port.address), ...floating, ...(podCidr === undefined ? [] : [podCidr])],
  };
}

/**
 * CAPO names a cluster's network `k8s-clusterapi-cluster-<namespace>-<name>`, and both may have dashes: the name is the longest end of it
 * that the server's own name begins with. The management cluster's network has its name.
 */
function clusterOf({ name, ports }: HostedServer['spec'], cloud: Cloud): string | undefined {
  const network = cloud.state.neutron.networks[ports[0]?.networkId ?? ''];
  const words = /^k8s-clusterapi-cluster-(.+)$/.exec(network?.name ?? '')?.[1]?.split('-') ?? [];
  return words.map((_, i) => words.slice(i).join('-')).find((end) => name.startsWith(`${end}-`)) ?? network?.name;
}

/** Whose packets have this source on the external network: a floating IP's server, or all that leave through a router's gateway. */
function clusterAt(cloud: Cloud, host: MachineHost, address: string): string | undefined {
  const { routers, ports } = cloud.state.neutron;
  const servers = host.hosted();
  const own = servers.map((hosted) => serverOf(hosted, cloud)).find((server) => server.addresses.includes(address));
  if (own) return own.cluster;
  const router = Object.values(routers).find((one) => one.external_gateway_info?.external_fixed_ips.some((ip) => ip.ip_address === address));
  const networks = new Set(Object.values(ports).filter((port) => router !== undefined && port.device_id === router.id && port.device_owner === 'network:router_interface').map((port) => port.network_id));
  const behind = servers.find(({ spec }) => spec.ports.some((port) => networks.has(port.networkId)));
  return behind && clusterOf(behind.spec, cloud);
}

function peersOf(cloud: Cloud): Peer[] {
  const { floatingIps } = cloud.state.neutron;
  return [
    { name: 'cloud', addresses: [externalNetwork.api] },
    { name: 'pager', addresses: [externalNetwork.pager] },
    { name: 'outside', addresses: [externalNetwork.cidr] },
    ...Object.values(cloud.state.octavia.loadBalancers).map((lb) => ({
      name: lb.name, addresses: [lb.vip_address, ...Object.values(floatingIps).filter((ip) => ip.port_id === lb.vip_port_id).map((ip) => ip.floating_ip_address)],
    })),
  ];
}

async function gone<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MachineError && error.code === 'MACHINE_UNKNOWN') throw new FaultError('FAULT_SERVER_GONE', error.message, { cause: error });
    throw error;
  }
}

async function start(file: string, args: readonly string[]): Promise<{ stop(): Promise<void> }> {
  if (!existsSync(file)) throw new FaultError('FAULT_UNSUPPORTED', `${file} is not there; "keelson up" builds it`);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { words = (words + text).slice(-1000); });
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(() => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  const isReady = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]).catch((error: unknown) => { words += String(error); return false; });
  clearTimeout(timer);
  if (!isReady) throw new FaultError('FAULT_UNSUPPORTED', `${file} ${args.join(' ')}: ${words.trim() || 'it ended at once'}; the kernel needs TUN (CONFIG_TUN, /dev/net/tun)`);
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
