/** One cgroup2 directory per container: who belongs to it, what it has used, and how to end all of it at once. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** CPU time of a cgroup and its children in nanoseconds. `cpu.stat` is there without any controller (Documentation/admin-guide/cgroup-v2.rst). */
export function cpuNanoseconds(cgroup: string): bigint {
  const usec = /^usage_usec (\d+)$/m.exec(readOr(`${cgroup}/cpu.stat`, ''))?.[1];
  return BigInt(usec ?? 0) * 1000n;
}

/** Process ids in the caller's PID namespace. */
export function processes(cgroup: string): number[] {
  return readOr(`${cgroup}/cgroup.procs`, '').split('\n').filter((line) => line !== '').map(Number);
}

/** Resident bytes of all processes of a cgroup. Pages that several processes share count for each of them. */
export function residentBytes(cgroup: string): number {
  return processes(cgroup).reduce((sum, pid) => sum + Number(readOr(`/proc/${pid}/statm`, '0 0').split(' ')[1]) * 4096, 0);
}

/** SIGKILL to everything in it, atomically (cgroup.kill, Linux 5.14). */
export function killAll(cgroup: string): void {
  try {
    writeFileSync(`${cgroup}/cgroup.kill`, '1');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

export function createCgroup(cgroup: string): void {
  mkdirSync(cgroup, { recursive: true });
}

/** Ends what is left in it and removes it. A cgroup stays busy until the kernel has let go of its last process. */
export async function removeCgroup(cgroup: string): Promise<void> {
  killAll(cgroup);
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      rmdirSync(cgroup);
      return;
    } catch (error) {
      if (isGone(error)) return;
      await sleep(10 * (1 + attempt));
    }
  }
}

export function childCgroups(cgroup: string): string[] {
  try {
    return readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => `${cgroup}/${entry.name}`);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return fallback;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENODEV' || code === 'ESRCH';
}
