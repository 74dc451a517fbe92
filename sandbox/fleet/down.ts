/** The end of a fleet: the world goes with all that is in it, and what pointed into it. The cache, logs and the last report stay. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFormer } from '../images/former.ts';
import { stopWorld } from '../world/index.ts';
import type { FleetContext } from './context.ts';
import { restoreInotifyLimit } from './inotify-limit.ts';
import { volumesMark } from './volumes.ts';

/** Fine when nothing runs. @throws WorldError */
export async function takeDown(context: FleetContext): Promise<void> {
  const { state, images } = context.places;
  await stopWorld(state);
  await restoreInotifyLimit(state);
  await removeFormer(images);
  const names = await readdir(state).catch(() => []);
  const stale = names.filter((name) => name.startsWith('kubeconfig-') || name.startsWith('clouds') || name === volumesMark);
  await Promise.all(stale.map((name) => rm(join(state, name), { force: true })));
}
