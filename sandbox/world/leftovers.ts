/** What a world can leave behind when it dies: control groups and files. Its mounts, namespaces and processes die with PID 1. */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from '../network/command.ts';
import { orNoDisk, WorldError } from './errors.ts';
import type { WorldPaths } from './world-paths.ts';
import type { WorldRecord } from './world-record.ts';

/** Milliseconds until a control group that does not become empty is given up, as for the first process of its world. */
const emptyTimeoutMs = 30_000;

/**
 * Takes away what is left of a world whose processes are gone. Throws WORLD_STATE_STALE for what does not go.
 * @param then `forget` everything; or keep what the next world can `resume` from: the cloud's records, disks of servers, pages
 */
export async function removeLeftovers(paths: WorldPaths, record: WorldRecord, then: 'forget' | 'resume'): Promise<void> {
  for (const cgroup of record.cgroups) await removeCgroup(cgroup);
  for (const point of await mountsUnder(paths.state)) await attempt('umount', ['--lazy', point]);
  try {
    if (then === 'forget' || !existsSync(paths.records)) {
      await rm(paths.run, { recursive: true, force: true });
      await rm(paths.clouds, { force: true });
      return;
    }
    const doomed = (await readdir(paths.run)).filter((name) => !paths.kept.includes(name));
    for (const name of doomed) await rm(join(paths.run, name), { recursive: true, force: true });
  } catch (error) {
    throw new WorldError('WORLD_STATE_STALE', `cannot remove ${paths.run} of a former world: ${(error as Error).message}`, { cause: orNoDisk(error, paths.run) });
  }
}

/** Mount points of this mount namespace inside a folder, the deepest first (proc_pid_mountinfo(5): field 5, blanks as octal). */
export async function mountsUnder(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table.split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => point.startsWith(`${folder}/`))
    .reverse();
}

/** Only groups that are ours by name, whatever the record says; processes inside have died, but the kernel takes its time with large ones. */
async function removeCgroup(path: string): Promise<void> {
  if (!path.startsWith('/sys/fs/cgroup/') || !basename(path).startsWith('keelson-')) return;
  await killAll(path);
  for (const deadline = performance.now() + emptyTimeoutMs; ;) {
    try {
      await removeTree(path);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw new WorldError('WORLD_STATE_STALE', `control group ${path} of a former world is still in use: ${(error as Error).message}`, { cause: error });
      await sleep(50);
    }
  }
}

/** What is in the group and below, where the kernel can: version 2, since Linux 5.14 (cgroup-v2.rst, cgroup.kill). */
async function killAll(path: string): Promise<void> {
  await writeFile(join(path, 'cgroup.kill'), '1', { flag: 'r+' }).catch((error: NodeJS.ErrnoException) => {
    // ENODEV: the group went after its file was opened.
    if (error.code !== 'ENOENT' && error.code !== 'ENODEV') throw new WorldError('WORLD_STATE_STALE', `cannot end what is left in control group ${path} of a former world: ${error.message}`, { cause: error });
  });
}

/** The files of a control group are the kernel's; only directories can be removed, the inner ones first. */
async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(path, entry.name));
  await rmdir(path).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'ENOENT') throw error; });
}
