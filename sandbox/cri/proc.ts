/** What /proc tells of processes (proc(5)). One that has ended meanwhile counts for nothing. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Nanoseconds of a clock tick: USER_HZ is 100 on every architecture that Node.js runs on. */
const tick = 10_000_000n;
const pageBytes = 4096;

/** Pages that several processes share count for each of them. */
export function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + Number(field(`/proc/${pid}/statm`, 1) ?? 0) * pageBytes, 0);
}

/** CPU time of processes and of those children that they have waited for. */
export function cpuNanoseconds(pids: readonly number[]): bigint {
  return pids.reduce((sum, pid) => {
    // Fields 14 to 17; the second, a name in parentheses, may have blanks.
    const fields = read(`/proc/${pid}/stat`)?.replace(/^.*\) /s, '').split(' ').slice(11, 15) ?? [];
    return sum + fields.reduce((ticks, text) => ticks + BigInt(text), 0n) * tick;
  }, 0n);
}

/** Processes by their mount namespace, as its link reads: `mnt:[4026532008]`. A zombie is in none. */
export function mountNamespaces(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const namespace = mountNamespace(Number(name));
    if (namespace === undefined) continue;
    const members = found.get(namespace);
    if (members) members.push(Number(name));
    else found.set(namespace, [Number(name)]);
  }
  return found;
}

export function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

function field(path: string, index: number): string | undefined {
  return read(path)?.split(' ')[index];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
