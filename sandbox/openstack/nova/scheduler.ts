/** Chooses a host for a server: room, zone, and what its server group asks for (`nova/scheduler/filters`, `weights`). */
import type { Core } from '../core.ts';
import type { HostRecord, ServerRecord } from './records.ts';

/** Nova's `cpu_allocation_ratio`: a processor is given out sixteen times. */
const cpuRatio = 16;

/** Nova's words when Placement finds no room, and when its own filters leave none. */
const noRoom = 'No valid host was found. ';
const noneLeft = 'No valid host was found. There are not enough hosts available.';

/** @throws Error with Nova's words when there is none */
export function chooseHost(core: Core, server: ServerRecord): HostRecord {
  const flavor = core.state.nova.flavors[server.flavorId];
  const { vcpus = 1, ramMb = 512 } = flavor ?? {};
  const roomy = Object.values(core.state.nova.hosts).filter((host) => {
    const free = freeOf(core, host);
    return host.is_enabled && (server.zone === '' || host.zone === server.zone) && free.vcpus >= vcpus && free.ramMb >= ramMb;
  });
  if (roomy.length === 0) throw new Error(noRoom);
  const group = groupOf(core, server);
  const allowed = roomy.filter((host) => group.allows(host.name));
  if (allowed.length === 0) throw new Error(noneLeft);
  const best = Math.max(...allowed.map((host) => group.weight(host.name)));
  const likeliest = allowed.filter((host) => group.weight(host.name) === best);
  const mostFree = Math.max(...likeliest.map((host) => freeOf(core, host).ramMb));
  const equals = likeliest.filter((host) => freeOf(core, host).ramMb === mostFree);
  const chosen = equals[Math.floor(core.random() * equals.length)];
  if (!chosen) throw new Error(noneLeft);
  return chosen;
}

/** Zones in which a server can be asked for: those with a host that takes servers. */
export function openZones(core: Core): Set<string> {
  return new Set(Object.values(core.state.nova.hosts).filter((host) => host.is_enabled).map((host) => host.zone));
}

/** What is left of a host. */
export function freeOf(core: Core, host: HostRecord): { vcpus: number; ramMb: number } {
  const flavors = serversOn(core, host.name).map((server) => core.state.nova.flavors[server.flavorId]);
  return {
    vcpus: host.vcpus * cpuRatio - flavors.reduce((sum, flavor) => sum + (flavor?.vcpus ?? 0), 0),
    ramMb: host.ramMb - flavors.reduce((sum, flavor) => sum + (flavor?.ramMb ?? 0), 0),
  };
}

export function serversOn(core: Core, host: string): ServerRecord[] {
  return Object.values(core.state.nova.servers).filter((server) => server.host === host);
}

interface GroupRule {
  allows(host: string): boolean;
  /** More is better. */
  weight(host: string): number;
}

function groupOf(core: Core, server: ServerRecord): GroupRule {
  const group = server.serverGroupId === null ? undefined : core.state.nova.serverGroups[server.serverGroupId];
  if (!group) return { allows: () => true, weight: () => 0 };
  const members = Object.values(core.state.nova.servers).filter((one) => one.serverGroupId === group.id && one.host !== '');
  const on = (host: string): number => members.filter((one) => one.host === host).length;
  switch (group.policy) {
    case 'affinity': return { allows: (host) => members.length === 0 || on(host) > 0, weight: () => 0 };
    case 'anti-affinity': return { allows: (host) => on(host) < Number(group.rules['max_server_per_host'] ?? 1), weight: () => 0 };
    case 'soft-affinity': return { allows: () => true, weight: on };
    default: return { allows: () => true, weight: (host) => -on(host) };
  }
}
