/**
 * Memory and CPU time of the fleet by program. Proportional set size (PSS, /proc/PID/smaps_rollup, proc_pid_smaps_rollup(5)) shares
 * out the pages that several processes map, so the sum over all of them is what the machine really gives.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

export interface ProgramUsage {
  readonly program: string;
  readonly processes: number;
  readonly proportionalBytes: number;
  /** Used since the processes began (proc_pid_stat(5): utime, stime). */
  readonly cpuSeconds: number;
}

/** Every process below `root` (inclusive), grouped by the program it runs, largest first. Processes that end meanwhile are left out. */
export async function usageBelow(root: number): Promise<ProgramUsage[]> {
  const programs = new Map<string, ProgramUsage>();
  for (const pid of await processesBelow(root)) {
    const bytes = await proportionalBytes(pid);
    const program = await programOf(pid);
    if (bytes === undefined || program === undefined) continue;
    const sum = programs.get(program) ?? { program, processes: 0, proportionalBytes: 0, cpuSeconds: 0 };
    programs.set(program, { program, processes: sum.processes + 1, proportionalBytes: sum.proportionalBytes + bytes, cpuSeconds: sum.cpuSeconds + (await cpuSecondsOf(pid)) });
  }
  return [...programs.values()].sort((a, b) => b.proportionalBytes - a.proportionalBytes);
}

/** Process ids of the tree under `root`, as the caller's PID namespace numbers them. */
export async function processesBelow(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = await parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    found.push(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return found;
}

async function parentOf(pid: number): Promise<number | undefined> {
  const parent = (await fieldsOf(pid))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Linux counts in hundredths of a second on every machine Node.js runs on (USER_HZ, time(7)). */
async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = await fieldsOf(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) / 100 : 0;
}

/** Fields 3 and on of /proc/PID/stat. The command name in parentheses may hold spaces and parentheses: count from the last one (proc_pid_stat(5)). */
async function fieldsOf(pid: number): Promise<string[] | undefined> {
  const stat = await read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

async function proportionalBytes(pid: number): Promise<number | undefined> {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec((await read(`/proc/${pid}/smaps_rollup`)) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** The name a person would give it: the script for an interpreter, else the command. */
async function programOf(pid: number): Promise<string | undefined> {
  const argv = (await read(`/proc/${pid}/cmdline`))?.split('\0').filter(Boolean);
  const [command] = argv ?? [];
  if (!argv || command === undefined) return undefined;
  const name = basename(command);
  if (name === 'manager') return managerOf(pid, command);
  if (name !== 'node') return name;
  const script = argv.slice(1).find((argument) => !argument.startsWith('-'));
  const words = script?.endsWith('keelson.mjs') ? argv.slice(argv.indexOf(script) + 1).find((a) => !a.startsWith('-')) : script?.split('/').slice(-2).join('/');
  return `node ${words ?? (await readlink(`/proc/${pid}/exe`).catch(() => ''))}`;
}

/** Images of managers all have theirs at /manager: the mount of it says which one it is (proc_pid_mountinfo(5): fields 4 and 5). */
async function managerOf(pid: number, command: string): Promise<string> {
  const line = (await read(`/proc/${pid}/mountinfo`))?.split('\n').map((text) => text.split(' ')).find((fields) => fields[4] === command);
  return basename(line?.[3] ?? command);
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
