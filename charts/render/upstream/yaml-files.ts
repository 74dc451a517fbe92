/** Reads the manifests of a module's config folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Manifest } from './helm-text.ts';

/** All documents of one file. */
export async function manifests(path: string): Promise<Manifest[]> {
  return (loadAll(await readFile(path, 'utf8')) as (Manifest | undefined)[]).filter((document) => document !== undefined && document !== null);
}

/** All documents of the files of a folder, by file name; empty when the folder names none that `select` takes. */
export async function folderManifests(folder: string, select: (name: string) => boolean = () => true): Promise<Manifest[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml' && select(name)).sort();
  return (await Promise.all(names.map((name) => manifests(join(folder, name))))).flat();
}
