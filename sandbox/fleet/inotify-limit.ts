/**
 * The one setting of the machine that a fleet changes while it runs. Watches of files take inotify instances, which Linux
 * counts by user for the whole machine (inotify(7), 128 by default since 2.6.13): as root all servers of a fleet are one
 * user, and a kubelet that gets none ends ("inotify_init: too many open files"). A node of the class raises the same limit
 * for itself (provisioner/topology/kubeadm/os/kernel.ts). `down` puts back what was there.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from './errors.ts';
import { clusterCount, defaultShape, type FleetShape } from './shape.ts';

export const inotifyLimit = '/proc/sys/fs/inotify/max_user_instances';

/** As much as a node of the class has. */
const raised = 8192;
/** Counted in a running fleet: kubelet and kube-proxy of a server; API server and controller manager of a control plane. */
const perServer = 8;
const perControlPlane = 14;

/** Instances that one user needs for the management cluster and the clusters asked for. */
export function inotifyInstances(shape: FleetShape): number {
  const { controlPlanes, workers } = { ...defaultShape, ...defined(shape) };
  const clusters = clusterCount(shape);
  const servers = 1 + clusters * (controlPlanes + workers);
  return servers * perServer + (1 + clusters * controlPlanes) * perControlPlane;
}

/**
 * Raises the limit where it is lower than a node's and this user may.
 * @returns what was done, for the user; undefined when nothing was
 * @throws FleetError FLEET_MACHINE_LIMIT when it cannot be raised and is too low for the fleet
 */
export async function raiseInotifyLimit(state: string, shape: FleetShape = {}, path = inotifyLimit): Promise<string | undefined> {
  const limit = Number(await readFile(path, 'utf8').catch(() => raised));
  if (limit >= raised) return undefined;
  try {
    await writeFile(path, String(raised));
  } catch (cause) {
    const needed = inotifyInstances(shape);
    if (needed <= limit) return undefined;
    throw new FleetError('FLEET_MACHINE_LIMIT', `this fleet needs ${needed} inotify instances and the machine allows ${limit} to a user: run "sudo sysctl fs.inotify.max_user_instances=${raised}" and "keelson up" again, or ask for fewer clusters`, { cause });
  }
  await writeFile(recordIn(state), String(limit), { flag: 'wx' }).catch(() => undefined); // an older record is the older value
  return `fs.inotify.max_user_instances is ${raised} until "keelson down", ${limit} before`;
}

/** Puts back what was there before `up`, unless somebody else has changed it since. */
export async function restoreInotifyLimit(state: string, path = inotifyLimit): Promise<void> {
  const before = await readFile(recordIn(state), 'utf8').catch(() => undefined);
  if (before === undefined) return;
  if (Number(await readFile(path, 'utf8')) === raised) await writeFile(path, before);
  await rm(recordIn(state));
}

const recordIn = (state: string): string => join(state, 'inotify-limit');

const defined = (shape: FleetShape): Partial<Record<'controlPlanes' | 'workers', number>> =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined));
