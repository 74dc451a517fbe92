/**
 * A network namespace as it should be: devices on bridges, addresses, routes. Shared by routers and load balancers.
 * What is there is read from the kernel, so a half-made namespace is finished and an equal one is left alone.
 */
import { attempt, ipBatch, run, runInside } from './command.ts';

/** One device of a namespace: a veth pair whose other end is on a bridge. */
export interface WantedDevice {
  readonly name: string;
  /** Name of the bridge's end, in the fabric's own namespace. */
  readonly tap: string;
  readonly bridge: string;
  readonly mac: string;
  readonly mtu: number;
  /** In CIDR form; the first is the primary one, from which the namespace itself speaks. */
  readonly addresses: readonly string[];
}

/** `destination` is a CIDR or `default`. */
export interface WantedRoute { readonly destination: string; readonly nexthop: string }

export interface WantedNamespace {
  readonly name: string;
  /** Said in errors: "router 4f…". */
  readonly on: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly devices: readonly WantedDevice[];
  readonly routes: readonly WantedRoute[];
}

interface AddressRow { ifname?: string; address?: string; mtu?: number; operstate?: string; flags?: string[]; addr_info?: { family: string; local: string; prefixlen: number }[] }
interface LinkRow { ifname?: string; master?: string; mtu?: number }
interface RouteRow { dst: string; gateway?: string; protocol?: string }

/** Makes the namespace with nothing in it but its settings, so that rules can stand before the first packet arrives. */
export async function openNamespace({ name, on, sysctls }: WantedNamespace): Promise<void> {
  if ((await namespaces()).includes(name)) return;
  await run('ip', ['netns', 'add', name], { on });
  try {
    await runInside(name, ['sh', '-ec', sysctlScript(sysctls)], { on });
    await ipBatch(['link set dev lo up'], { namespace: name, on });
  } catch (error) {
    await attempt('ip', ['netns', 'del', name]);
    throw error;
  }
}

/** Changes what differs in an open namespace. @returns the addresses that are new in it, without prefix length */
export async function ensureNamespace(wanted: WantedNamespace): Promise<string[]> {
  await ensureDevices(wanted);
  const added = await ensureAddresses(wanted);
  await ensureRoutes(wanted);
  return added;
}

/** Shell lines that set what the kernel has; one without IPv6 has no settings for it. */
export function sysctlScript(sysctls: Readonly<Record<string, string>>): string {
  return Object.entries(sysctls).map(([key, value]) => `[ ! -e /proc/sys/${key} ] || echo ${value} > /proc/sys/${key}`).join('\n');
}

/** Takes the namespace and its devices away; nothing to do when it is gone already. Processes inside must have ended before. */
export async function removeNamespace(name: string, on: string): Promise<void> {
  if (!(await namespaces()).includes(name)) return;
  const inside = await readJson<AddressRow>(['-j', 'addr', 'show'], on, name);
  const doomed = inside.filter((row) => row.ifname !== undefined && row.ifname !== 'lo');
  await ipBatch(doomed.map((row) => `link del dev ${row.ifname}`), { namespace: name, on });
  await run('ip', ['netns', 'del', name], { on });
}

/** Names of all network namespaces that this mount namespace knows. */
export async function namespaces(): Promise<string[]> {
  const listed = await run('ip', ['netns', 'list']);
  return listed.split('\n').map((line) => line.split(' ')[0] ?? '').filter((name) => name !== '');
}

/** Forgets who had an address: its next user has another MAC, and a stale neighbour entry would hold for seconds. */
export async function forgetNeighbours(addresses: readonly string[], device: string, namespace?: string): Promise<void> {
  for (const address of addresses) {
    const flush = ['neigh', 'flush', 'to', address, 'dev', device];
    if (namespace === undefined) await attempt('ip', flush);
    else await attempt('nsenter', [`--net=/run/netns/${namespace}`, 'ip', ...flush]);
  }
}

async function ensureDevices({ name, on, devices }: WantedNamespace): Promise<void> {
  const inside = await readJson<AddressRow>(['-j', 'addr', 'show'], on, name);
  const bridged = new Map((await readJson<LinkRow>(['-j', 'link', 'show', 'type', 'veth'], on)).map((row) => [row.ifname, row]));
  const remove = inside.filter((row) => row.ifname !== undefined && row.ifname !== 'lo' && !devices.some((device) => matches(device, row, bridged.get(device.tap))));
  await ipBatch(remove.map((row) => `link del dev ${row.ifname}`), { namespace: name, on });
  const kept = new Set(inside.filter((row) => !remove.includes(row)).map((row) => row.ifname));
  const missing = devices.filter((device) => !kept.has(device.name));
  await ipBatch(missing.flatMap((d) => [
    ...(bridged.has(d.tap) && !inside.some((row) => row.ifname === d.name) ? [`link del dev ${d.tap}`] : []),
    `link add name ${d.tap} mtu ${d.mtu} type veth peer name ${d.name} address ${d.mac} mtu ${d.mtu} netns ${name}`,
    `link set dev ${d.tap} master ${d.bridge}`,
    `link set dev ${d.tap} up`,
  ]), { on });
}

function matches(device: WantedDevice, row: AddressRow, tap: LinkRow | undefined): boolean {
  return row.ifname === device.name && row.address === device.mac && row.mtu === device.mtu && tap?.master === device.bridge;
}

async function ensureAddresses({ name, on, devices }: WantedNamespace): Promise<string[]> {
  const inside = await readJson<AddressRow>(['-j', 'addr', 'show'], on, name);
  const lines: string[] = [];
  const added: string[] = [];
  for (const device of devices) {
    const row = inside.find((candidate) => candidate.ifname === device.name);
    const has = (row?.addr_info ?? []).filter((a) => a.family === 'inet').map((a) => `${a.local}/${a.prefixlen}`);
    // Taking away a primary address takes its secondaries along (promote_secondaries is off), so all go before any comes.
    const stays = has[0] === device.addresses[0] ? has.filter((address) => device.addresses.includes(address)) : [];
    const gone = has.filter((address) => !stays.includes(address));
    const fresh = device.addresses.filter((address) => !stays.includes(address));
    lines.push(...gone.map((address) => `addr del ${address} dev ${device.name}`), ...fresh.map((address) => `addr add ${address} dev ${device.name}`));
    added.push(...fresh.map((address) => address.split('/')[0] ?? address));
    // Up comes last: with arp_notify the device then announces its addresses.
    if (!row?.flags?.includes('UP')) lines.push(`link set dev ${device.name} up`);
  }
  await ipBatch(lines, { namespace: name, on });
  return added;
}

async function ensureRoutes({ name, on, routes }: WantedNamespace): Promise<void> {
  const rows = await readJson<RouteRow>(['-j', 'route', 'show', 'table', 'main'], on, name);
  const key = (destination: string, nexthop: string | undefined): string => `${destination.replace(/\/32$/, '')} via ${nexthop}`;
  const has = new Set(rows.filter((row) => row.protocol !== 'kernel').map((row) => key(row.dst, row.gateway)));
  const wanted = new Map(routes.map((route) => [key(route.destination, route.nexthop), route]));
  await ipBatch([
    ...[...has].filter((route) => !wanted.has(route)).map((route) => `route del ${route}`),
    ...[...wanted.keys()].filter((route) => !has.has(route)).map((route) => `route replace ${route}`),
  ], { namespace: name, on });
}

async function readJson<Row>(args: readonly string[], on: string, namespace?: string): Promise<Row[]> {
  const text = namespace === undefined ? await run('ip', args, { on }) : await runInside(namespace, ['ip', ...args], { on });
  return text.trim() === '' ? [] : (JSON.parse(text) as Row[]);
}
