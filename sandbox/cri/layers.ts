/**
 * Unpacked image layers, one directory each, named by chain id (image-spec v1.1 config.md, "Layer ChainID") and shared by all
 * servers of a machine. Whiteout files of the tar become overlayfs whiteouts: character devices 0/0 (kernel docs, overlayfs.rst).
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { run } from './command.ts';
import { RuntimeError } from './errors.ts';
import type { LayoutLayer } from './oci-layout.ts';

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/** Unpacks what is missing. @returns directories from the topmost layer down, as overlayfs wants its lowerdir. */
export async function unpackLayers(store: string, layers: readonly LayoutLayer[]): Promise<string[]> {
  const directories: string[] = [];
  let chain = '';
  for (const layer of layers) {
    chain = chain === '' ? layer.diffId : `sha256:${createHash('sha256').update(`${chain} ${layer.diffId}`).digest('hex')}`;
    const directory = `${store}/${chain.slice('sha256:'.length)}`;
    if (!existsSync(directory)) await unpack(layer, directory, directories);
    directories.unshift(directory);
  }
  return directories;
}

/** Several runtimes may unpack the same layer at once: each into a directory of its own, the first rename wins. */
async function unpack(layer: LayoutLayer, directory: string, below: readonly string[]): Promise<void> {
  const temporary = `${directory}.${randomUUID()}`;
  await mkdir(temporary, { recursive: true });
  try {
    await run('tar', [...decompression(layer.mediaType), '--extract', '--numeric-owner', '--same-owner', '--preserve-permissions', `--file=${layer.file}`, `--directory=${temporary}`], { timeoutMs: 300_000 });
    await convertWhiteouts(temporary, '', below);
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
}

function decompression(mediaType: string): string[] {
  if (mediaType.endsWith('gzip')) return ['--gzip'];
  if (mediaType.endsWith('.tar')) return [];
  throw new RuntimeError('UNIMPLEMENTED', `layers of type ${mediaType} are not supported; write tar or tar+gzip`);
}

async function convertWhiteouts(root: string, path: string, below: readonly string[]): Promise<void> {
  for (const entry of await readdir(`${root}${path}`, { withFileTypes: true })) {
    if (entry.isDirectory()) await convertWhiteouts(root, `${path}/${entry.name}`, below);
    else if (entry.name === opaque) await hideAllBelow(root, path, below);
    else if (entry.name.startsWith(whiteout)) await hide(root, path, entry.name.slice(whiteout.length));
    if (entry.name.startsWith(whiteout)) await rm(`${root}${path}/${entry.name}`);
  }
}

/** An opaque directory hides everything that lower layers have in it and this one has not. */
async function hideAllBelow(root: string, path: string, below: readonly string[]): Promise<void> {
  const own = new Set(await readdir(`${root}${path}`));
  const lower = await Promise.all(below.map((layer) => (existsSync(`${layer}${path}`) ? readdir(`${layer}${path}`) : [])));
  for (const name of new Set(lower.flat())) if (!own.has(name)) await hide(root, path, name);
}

async function hide(root: string, path: string, name: string): Promise<void> {
  await run('mknod', [`${root}${path}/${name}`, 'c', '0', '0']);
}
