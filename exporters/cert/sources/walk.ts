/**
 * Which files there are below a directory, without leaving it. One entry that cannot be read never hides another: it
 * is yielded as skipped, and the walk goes on.
 */
import { lstat, opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join, matchesGlob, sep } from 'node:path';
import { systemErrorCode } from '../../core/errors.ts';
import type { SkipReason } from '../catalogue.ts';

export type Found =
  /** `path` as it is named below the root; `real` after all symbolic links. */
  | { readonly kind: 'file'; readonly path: string; readonly real: string }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: SkipReason };

export interface Root {
  readonly directory: string;
  /** Which paths below it are wanted. */
  readonly wants: (path: string) => boolean;
}

/** The fixed part of a pattern is the root that its symbolic links must not leave. */
export function rootOf(glob: string): Root {
  const segments = glob.split(sep);
  const fixed = segments.findIndex((segment) => /[*?[{]/.test(segment));
  const directory = fixed < 0 ? dirname(glob) : segments.slice(0, fixed).join(sep) || sep;
  return { directory, wants: (path) => matchesGlob(path, glob) };
}

/** Files below a root, depth first. Devices, sockets and pipes are passed over. */
export async function* walk(root: Root, signal: AbortSignal): AsyncGenerator<Found> {
  let real: string;
  try {
    real = await realpath(root.directory);
  } catch (error) {
    yield skipped(root.directory, error);
    return;
  }
  yield* walkDirectory({ root, real, seen: new Set(), signal }, root.directory, real);
}

interface Walk {
  readonly root: Root;
  /** The root after all symbolic links. */
  readonly real: string;
  /** Real directories walked already: links may form circles. */
  readonly seen: Set<string>;
  readonly signal: AbortSignal;
}

async function* walkDirectory(walk: Walk, path: string, real: string): AsyncGenerator<Found> {
  if (walk.seen.has(real)) return;
  walk.seen.add(real);
  let names: string[];
  try {
    names = await namesIn(real);
  } catch (error) {
    yield skipped(path, error);
    return;
  }
  for (const name of names) {
    walk.signal.throwIfAborted();
    yield* entry(walk, join(path, name), join(real, name));
  }
}

async function* entry(walk: Walk, path: string, unresolved: string): AsyncGenerator<Found> {
  try {
    const real = await realpath(unresolved);
    const isInside = real === walk.real || real.startsWith(walk.real === sep ? sep : walk.real + sep);
    if (!isInside) {
      if (walk.root.wants(path)) yield { kind: 'skipped', path, reason: 'outside_root' };
      return;
    }
    const info = await stat(real);
    if (info.isDirectory()) yield* walkDirectory(walk, path, real);
    else if (info.isFile() && walk.root.wants(path)) yield { kind: 'file', path, real };
  } catch (error) {
    if (walk.signal.aborted) throw error;
    if (walk.root.wants(path)) yield (await isLink(unresolved)) ? { kind: 'skipped', path, reason: 'broken_symlink' } : skipped(path, error);
  }
}

/** Tells a link to nothing from a file that has just gone. */
async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (systemErrorCode(error)) return false;
    throw error;
  }
}

/**
 * Sorted, so that equal trees give equal walks. Names that begin with ".." are the kubelet's own: it fills `..<time>`,
 * swaps the link `..data` to it, and the names that people use are links through `..data` (Kubernetes AtomicWriter).
 */
async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(directory)) if (!name.startsWith('..')) names.push(name);
  return names.sort();
}

function skipped(path: string, error: unknown): Found {
  const reasons: Readonly<Record<string, SkipReason>> = { EACCES: 'permission_denied', EPERM: 'permission_denied', ENOENT: 'not_found' };
  return { kind: 'skipped', path, reason: reasons[systemErrorCode(error) ?? ''] ?? 'read_failed' };
}
