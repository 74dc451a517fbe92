/** What is there after a cloud was killed in a burst and started again, against what it had answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceType, Session } from '../../../provisioner/openstack/index.ts';
import type { Burst, Thing } from './burst.ts';

export interface Aftermath {
  /** Answered and not there, or removed and there. */
  readonly lost: string[];
  /** There by half: what it belongs to is not there, or does not know of it. */
  readonly half: string[];
  /** Between two states, and for ever. */
  readonly pending: string[];
}

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

/** How long whatever was under way may take to end. */
const patienceMs = 10_000;

/** Looks until nothing is pending, and then compares. */
export async function compare(session: Session, burst: Burst): Promise<Aftermath> {
  for (const end = performance.now() + patienceMs; ;) {
    const found = await look(session, burst);
    if (performance.now() > end || (found.pending.length === 0 && found.lost.length === 0)) return found;
    await sleep(50);
  }
}

async function look(session: Session, burst: Burst): Promise<Aftermath> {
  const list = async (service: ServiceType, path: string, key: string): Promise<readonly Row[]> => (await session.call(service, 'GET', path) as Record<string, readonly Row[]>)[key]!;
  const networks = await list('network', '/v2.0/networks', 'networks');
  const subnets = await list('network', '/v2.0/subnets', 'subnets');
  const ports = await list('network', '/v2.0/ports', 'ports');
  const servers = await list('compute', '/servers/detail', 'servers');
  const volumes = await list('volumev3', '/volumes/detail', 'volumes');
  const balancers = await list('load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancers');
  const listeners = await list('load-balancer', '/v2.0/lbaas/listeners', 'listeners');
  const ids = new Set([...networks, ...subnets, ...ports, ...servers, ...volumes, ...balancers, ...listeners].map(({ id }) => id));
  const attached = volumes.flatMap((volume) => serversOf(volume).map((server) => ({ server, volume: volume.id })));
  const isThere = ({ kind, path }: Thing): boolean => {
    const [, , server, , volume] = path.split('/');
    return kind === 'attachment' ? attached.some((one) => one.server === server && one.volume === volume) : ids.has(path.split('/').at(-1) ?? '');
  };
  const unfit = (rows: readonly Row[], what: string, isRight: (row: Row) => boolean): string[] => rows.filter((row) => !isRight(row)).map(({ id }) => `${id} ${what}`);
  return {
    lost: [
      ...[...burst.kept.values()].filter((thing) => !isThere(thing) && !burst.unsure.has(thing.path)).map(({ path }) => path),
      ...[...burst.removed.values()].filter(isThere).map(({ path }) => `${path} came back`),
    ],
    half: [
      ...unfit([...subnets, ...ports], 'on no network', (row) => ids.has(String(row['network_id']))),
      ...unfit(ports, 'has an address of no subnet', (port) => (port['fixed_ips'] as { subnet_id: string }[]).every((ip) => ids.has(ip.subnet_id))),
      ...unfit(ports, 'is plugged into no server', (port) => !String(port['device_owner']).startsWith('compute:') || ids.has(String(port['device_id']))),
      ...unfit(networks, 'lists a subnet that is not there', (network) => network['router:external'] === true || (network['subnets'] as string[]).every((id) => ids.has(id))),
      ...unfit(volumes, 'is attached to a server that does not have it', (volume) => serversOf(volume).every((id) => volumesOf(servers.find((server) => server.id === id)).includes(volume.id))),
      ...unfit(servers, 'has a volume that is not attached to it', (server) => volumesOf(server).every((id) => attached.some((one) => one.server === server.id && one.volume === id))),
      ...unfit(volumes, 'is in use by nobody, or free and attached', (volume) => (volume['status'] === 'in-use') === (serversOf(volume).length > 0)),
      ...unfit(balancers, 'has no port', (balancer) => ids.has(String(balancer['vip_port_id']))),
      ...unfit(listeners, 'of no load balancer', (listener) => (listener['loadbalancers'] as { id: string }[]).every(({ id }) => ids.has(id))),
    ],
    pending: [
      ...unfit(networks, 'is not ACTIVE', (network) => network['status'] === 'ACTIVE'),
      ...unfit(servers, 'is between two states', (server) => server['OS-EXT-STS:task_state'] === null && server['status'] !== 'BUILD'),
      ...unfit(volumes, 'is between two states', (volume) => ['available', 'in-use'].includes(String(volume['status']))),
      ...unfit([...balancers, ...listeners], 'is between two states', (one) => !String(one['provisioning_status']).startsWith('PENDING')),
    ],
  };
}

const serversOf = (volume: Row): string[] => (volume['attachments'] as { server_id: string }[]).map((one) => one.server_id);
const volumesOf = (server: Row | undefined): string[] => (server?.['os-extended-volumes:volumes_attached'] as { id: string }[] | undefined ?? []).map(({ id }) => id);
