/**
 * One builder at a time per cache. The lock is a file that names its owner: process id, that process's start time
 * (ids are used again) and a random part. The lock of a dead process is taken over.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  /** For the jitter of the polls; 0 ≤ x < 1. */
  readonly random?: () => number;
  /** Called once when another living owner holds the lock. */
  readonly onWait?: (pid: number) => void;
}

/** Waits for the lock file `<folder>/lock` and takes it. @returns releases it; safe to call twice */
export async function acquireLock(folder: string, options: LockOptions): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'lock');
  const own = `${await processIdentity(process.pid)} ${randomUUID()}`;
  const random = options.random ?? Math.random;
  let isWaiting = false;
  for (;;) {
    options.signal.throwIfAborted();
    const holder = await claim(file, own);
    if (holder === own) return () => release(file, own);
    if (holder !== undefined && !(await isAlive(holder))) {
      await takeOver(file, holder, own);
      continue;
    }
    if (!isWaiting && holder !== undefined) {
      options.onWait?.(pidOf(holder));
      isWaiting = true;
    }
    await sleep((options.pollMs ?? 500) * (0.75 + random() / 2), undefined, { signal: options.signal });
  }
}

/** Creates the lock with its content in one step (link fails when the name exists). @returns whoever holds it now */
async function claim(file: string, own: string): Promise<string | undefined> {
  const mine = `${file}.of-${own.replaceAll(' ', '-')}`;
  await writeFile(mine, own);
  try {
    await link(mine, file);
    return own;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readOptional(file);
  } finally {
    await rm(mine, { force: true });
  }
}

/**
 * Removes the lock of a dead owner. Of several that try, the one that creates the marker named after the dead owner may;
 * it looks again, because an earlier one may have done it already. A marker whose owner died is removed the same way.
 */
async function takeOver(file: string, dead: string, own: string): Promise<void> {
  const marker = `${file}.after-${dead.replaceAll(' ', '-')}`;
  const holder = await claim(marker, own);
  if (holder === own) {
    if ((await readOptional(file)) === dead) await rm(file);
    await rm(marker);
  } else if (holder !== undefined && !(await isAlive(holder))) {
    await takeOver(marker, holder, own);
  } else {
    await sleep(20);
  }
}

async function release(file: string, own: string): Promise<void> {
  if ((await readOptional(file)) === own) await rm(file, { force: true });
}

async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // ESRCH: the process ended between opening and reading its file in /proc.
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  });
}

async function isAlive(owner: string): Promise<boolean> {
  return owner.startsWith(`${await processIdentity(pidOf(owner))} `);
}

function pidOf(owner: string): number {
  return Number(owner.split(' ')[0]);
}

/** `<pid> <start>`: ticks since boot, field 22 of /proc/<pid>/stat counted after the command's closing bracket (proc(5)); `-` without /proc. */
async function processIdentity(pid: number): Promise<string> {
  const text = (await readOptional(`/proc/${pid}/stat`)) ?? '';
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return `${pid} gone`;
  if (state) return `${pid} ${fields[18]}`;
  return process.platform !== 'linux' && isRunning(pid) ? `${pid} -` : `${pid} gone`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
