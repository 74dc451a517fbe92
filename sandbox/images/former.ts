/**
 * Images of former releases stay while the fleet does, as in a registry: a cluster keeps the bundle it has, and its new
 * nodes pull the images of that one.
 */
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readLayout } from '../cri/oci-layout.ts';
import { imageDefinitions } from './definitions.ts';
import { parseReference } from './images.ts';

/** Moves the layout of another version to `<folder>-<version>`. Nothing to do where there is none, or the same one. */
export async function setAside(folder: string, version: string): Promise<void> {
  if (!existsSync(join(folder, 'index.json'))) return;
  const [image] = await readLayout(folder);
  if (!image) return;
  const { tag = version } = parseReference(image.reference);
  if (tag === version) return;
  const aside = `${folder}-${tag}`;
  await rm(aside, { recursive: true, force: true });
  await rename(folder, aside);
}

/** @param out the folder of the layouts; need not exist */
export async function removeFormer(out: string): Promise<void> {
  const names = await readdir(out).catch(() => []);
  const former = names.filter((name) => imageDefinitions.some((image) => name.startsWith(`${image.name}-`)));
  await Promise.all(former.map((name) => rm(join(out, name), { recursive: true, force: true })));
}
