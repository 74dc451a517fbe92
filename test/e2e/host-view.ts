/** Simulated servers as the machine's kernel sees them: processes, the namespaces they hold, their cgroups and files. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startedAt } from '../fixtures/started-at.ts';
import { eventually } from './keelson.ts';
import { worldOf } from './world-of.ts';

const namespaceKinds = ['net', 'mnt', 'pid', 'uts', 'ipc', 'cgroup'] as const;

/** What servers hold of the machine. */
export interface Holdings {
  readonly servers: readonly string[];
  /** `net:[4026532008]` … of the servers alone; the world's own are not among them. */
  readonly namespaces: ReadonlySet<string>;
  /** Seconds since the machine booted. */
  readonly seenAt: number;
}

/** Process ids of a server, by its control group: every process in it, containers too. */
export function processesOf(serverId: string): number[] {
  return pids().filter((pid) => read(`/proc/${pid}/cgroup`).includes(serverId));
}

/** The first process of a server: it lies outermost, whatever the numbers. */
export function firstProcess(serverId: string): number {
  const first = pids().find((pid) => read(`/proc/${pid}/cmdline`).includes('/init.sh\0') && read(`/proc/${pid}/cmdline`).includes(`/servers/${serverId}`));
  if (first === undefined) throw new Error(`server ${serverId} has no first process`);
  return first;
}

/** As a power failure: nothing in the server gets to say a word. */
export function killServer(serverId: string): void {
  process.kill(firstProcess(serverId), 'SIGKILL');
}

/** kill -9 of every process of a server that runs the program. @param program as its command line has it ("kubelet", "keelson.mjs operator"), or the tool that is mounted there ("capo-manager") */
export function killProgram(serverId: string, program: string): number[] {
  const own = processesOf(serverId).filter((pid) => runs(pid, program));
  for (const pid of own) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return own;
}

/** Containers of tools all run /manager or the like: which tool it is says the mount that holds the program. */
function runs(pid: number, program: string): boolean {
  const argv = read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
  const line = `/${argv.join(' ')} `;
  if (line.includes(`/${program} `)) return true;
  const path = argv[0];
  return path !== undefined && read(`/proc/${pid}/mountinfo`).split('\n').some((line) => line.split(' ')[3]?.endsWith(`/${program}`) && line.split(' ')[4] === path);
}

export function holdingsOf(servers: readonly string[]): Holdings {
  const ours = servers.flatMap(processesOf);
  const worlds = new Set(pids().filter((pid) => !ours.includes(pid)).flatMap(namespacesOf));
  return { servers, namespaces: new Set(ours.flatMap(namespacesOf).filter((one) => !worlds.has(one))), seenAt: Number(read('/proc/uptime').split(' ')[0]) };
}

/** What is still there of servers that are gone: nothing, or a line for each thing. */
async function leftovers({ servers, namespaces, seenAt }: Holdings, stateFolder: string): Promise<string[]> {
  // The kernel gives the number of a namespace that is gone to the next new one (ida_alloc takes the lowest that is free): who began later holds another.
  const held = new Set(pids().filter((pid) => startedAt(pid) <= seenAt).flatMap(namespacesOf));
  const { cgroups } = await worldOf(stateFolder);
  const mounts = pids().map((pid) => read(`/proc/${pid}/mountinfo`));
  return servers.flatMap((id) => [
    ...processesOf(id).map((pid) => `process ${pid}: ${commandOf(pid)}`),
    ...cgroups.filter((cgroup) => existsSync(join(cgroup, id))).map((cgroup) => `control group ${join(cgroup, id)}`),
    ...(existsSync(join(stateFolder, 'run', 'servers', id)) ? [`folder ${join(stateFolder, 'run', 'servers', id)}`] : []),
    ...(mounts.some((table) => table.includes(id)) ? [`a mount of server ${id}`] : []),
  ]).concat([...namespaces].filter((one) => held.has(one)).map((one) => `namespace ${one}`));
}

/** The kernel takes namespaces apart a moment after their last process. @throws with what is left after a minute */
export async function nothingLeft(holdings: Holdings, stateFolder: string): Promise<void> {
  await eventually('nothing left of the servers', 60_000, async () => {
    const left = await leftovers(holdings, stateFolder);
    if (left.length > 0) throw new Error(left.join('; '));
    return true;
  });
}

/** Its arguments with blanks between; empty for a process that has just ended. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function pids(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

export function namespacesOf(pid: number): string[] {
  try {
    return namespaceKinds.map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
  } catch {
    return [];
  }
}

/** Empty for a file that is not there, and of a process that has just ended. */
export function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
