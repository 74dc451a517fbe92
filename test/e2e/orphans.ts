/** Servers that the machine still has and the cloud does not list: what a create or a delete that was cut in two could leave. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { processesBelow } from '../../sandbox/fleet/usage.ts';
import { commandOf, namespacesOf, read } from './host-view.ts';
import { eventually } from './keelson.ts';
import { worldOf } from './world-of.ts';

/** Where a world keeps its servers. */
export interface Whereabouts {
  /** Process id of the world's first process. */
  readonly root: number;
  /** Control groups that have one below them for each server. */
  readonly cgroups: readonly string[];
  /** The folder that has one for each server. */
  readonly servers: string;
}

/** @param listed ids of the servers that the cloud knows @returns a line for each thing that is there of another */
export async function orphans({ root, cgroups, servers }: Whereabouts, listed: ReadonlySet<string>): Promise<string[]> {
  const below = (await processesBelow(root)).map((pid) => ({ pid, server: serverOf(pid), namespaces: namespacesOf(pid) }));
  const isLost = ({ server }: { readonly server: string | undefined }): boolean => server !== undefined && !listed.has(server);
  const lost = below.filter(isLost);
  const others = new Set(below.filter((one) => !isLost(one)).flatMap(({ namespaces }) => namespaces));
  const theirs = new Set(lost.flatMap(({ namespaces }) => namespaces).filter((one) => !others.has(one)));
  return [
    ...lost.map(({ pid, server }) => `process ${pid} of server ${server}: ${commandOf(pid)}`),
    ...[...theirs].map((one) => `namespace ${one} of a server that is not listed`),
    ...cgroups.flatMap((group) => foldersIn(group).filter((id) => isId(id) && !listed.has(id)).map((id) => `control group ${join(group, id)}`)),
    ...foldersIn(servers).filter((id) => !listed.has(id)).map((id) => `folder ${join(servers, id)}`),
  ];
}

/** Deletes are listed until the host has done its part, so there is nothing to wait for but the kernel. @throws with what is there after half a minute */
export async function noOrphans(state: string, listed: () => Promise<ReadonlySet<string>>): Promise<void> {
  await eventually('no orphan on the machine', 30_000, async () => {
    const { process: world, cgroups } = await worldOf(state);
    const found = await orphans({ root: world.pid, cgroups, servers: join(state, 'run', 'servers') }, await listed());
    if (found.length > 0) throw new Error(found.join('; '));
    return true;
  });
}

/** By its control group, `…/keelson-<world>/<server>/…`; by its arguments where servers have none, and before it is in it. */
function serverOf(pid: number): string | undefined {
  return /\/keelson-[^/\n]+\/([0-9a-f-]{36})/.exec(read(`/proc/${pid}/cgroup`))?.[1] ?? /\/servers\/([0-9a-f-]{36})\b/.exec(commandOf(pid))?.[1];
}

const isId = (name: string): boolean => /^[0-9a-f-]{36}$/.test(name);

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
