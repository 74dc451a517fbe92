/** Names a process so that its number alone, which the kernel uses again, is never trusted. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process: field 22 of /proc/<pid>/stat (proc(5)). */
  readonly startTime: number;
}

/** Undefined for a process that is not there, or is a zombie: it runs nothing any more. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The command's name may hold spaces and brackets; fields count from after its last bracket.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === undefined || state === '' || state === 'Z' || state === 'X' ? undefined : { pid, startTime: Number(fields[18]) };
}

export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startTime === startTime;
}

/** Kills with SIGKILL if it is still that process, and waits for its end. @returns false when it lives on after the deadline */
export async function killAndWait(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  if (await isAlive(identity)) {
    try {
      process.kill(identity.pid, 'SIGKILL');
    } catch (error) {
      // It ended after it was looked at.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return ended(identity, timeoutMs);
}

/** Waits for the end of a process of whoever. @returns false when it lives on after the deadline */
export async function ended(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  for (const deadline = performance.now() + timeoutMs; await isAlive(identity);) {
    if (performance.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}
