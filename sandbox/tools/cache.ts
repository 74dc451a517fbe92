/**
 * The cache of built tools: one folder per family key with a manifest of SHA-256 sums. A folder exists only when it is
 * complete (built beside, then renamed). Sums are checked again whenever a file's size, inode or change time is not the
 * one at which it was last checked; hashing a gigabyte at every start would take longer than starting a cluster.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const manifestName = 'manifest.json';

const manifestSchema = z.object({
  family: z.string(),
  version: z.string(),
  go: z.string(),
  cpuSeconds: z.number(),
  wallSeconds: z.number(),
  bytes: z.number(),
  files: z.record(z.string(), z.object({ sha256: z.string(), stamp: z.string() })),
});

/** What was built, by which Go, at what cost. `files` has one entry per program; names that are hard links share sum and stamp. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

export type CacheState =
  | { readonly kind: 'present'; readonly manifest: Manifest }
  | { readonly kind: 'absent' }
  /** A file is missing, or is not the one that was built. */
  | { readonly kind: 'damaged'; readonly file: string; readonly reason: string };

/** Looks at a family's folder. @param expected names that must be there */
export async function inspect(folder: string, expected: readonly string[], signal?: AbortSignal): Promise<CacheState> {
  const text = await readOptional(join(folder, manifestName));
  if (text === undefined) return (await exists(folder)) ? { kind: 'damaged', file: join(folder, manifestName), reason: 'is missing' } : { kind: 'absent' };
  const parsed = manifestSchema.safeParse(parseJson(text));
  if (!parsed.success) return { kind: 'damaged', file: join(folder, manifestName), reason: 'is not a manifest' };
  const manifest = parsed.data;
  const checked: Record<string, { sha256: string; stamp: string }> = {};
  for (const name of expected) {
    const file = join(folder, name);
    const entry = manifest.files[name];
    if (!entry) return { kind: 'damaged', file, reason: 'is not in the manifest' };
    const stamp = await stampOf(file);
    if (stamp === undefined) return { kind: 'damaged', file, reason: 'is missing' };
    if (stamp === entry.stamp) continue;
    if ((await sha256(file, signal)) !== entry.sha256) return { kind: 'damaged', file, reason: 'has another SHA-256 sum than the one that was built' };
    checked[name] = { ...entry, stamp };
  }
  if (Object.keys(checked).length > 0) await writeManifest(folder, { ...manifest, files: { ...manifest.files, ...checked } });
  return { kind: 'present', manifest };
}

/** Sums and stamps of freshly built files, for `writeManifest`. */
export async function describeFiles(folder: string, names: readonly string[], signal?: AbortSignal): Promise<Manifest['files']> {
  const files: Record<string, { sha256: string; stamp: string }> = {};
  const sumOfStamp = new Map<string, string>();
  for (const name of names) {
    const stamp = (await stampOf(join(folder, name))) ?? '';
    const sum = sumOfStamp.get(stamp) ?? (await sha256(join(folder, name), signal));
    sumOfStamp.set(stamp, sum);
    files[name] = { sha256: sum, stamp };
  }
  return files;
}

/** Atomic: readers see the old manifest or the new one. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const temporary = join(folder, `.${manifestName}.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(temporary, join(folder, manifestName));
}

/** Changes with every write to the file, and with a copy of it. Modification time alone can be set back by anyone; change time cannot. */
async function stampOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(absentAsUndefined);
  return found && `${found.size}-${found.ino}-${found.mtimeNs}-${found.ctimeNs}`;
}

async function sha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(absentAsUndefined);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(absentAsUndefined)) !== undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function absentAsUndefined(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
