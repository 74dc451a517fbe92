/**
 * One image layer: files → tar, uncompressed or gzip, with the two digests an image needs. Entries are sorted, owned by
 * root, and dated to the epoch, so that equal content gives equal bytes.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Header } from 'tar';

/** A file or directory of a layer. Parents are added by themselves. */
export type Entry =
  | { readonly path: string; readonly mode: number; readonly content: Buffer | { readonly file: string } }
  | { readonly path: string; readonly mode: number; readonly directory: true };

export type Compression = 'gzip' | 'none';

export interface Layer {
  /** What is in it, for people and the image's history. */
  readonly title: string;
  readonly mediaType: string;
  /** Of the blob as stored. */
  readonly digest: string;
  readonly size: number;
  /** Of the tar itself. */
  readonly diffId: string;
  readonly tarSize: number;
  /** The blob. */
  readonly file: string;
}

const epoch = new Date(0);
const block = 512;

/** Builds the layer, or takes it from `cacheDir` when one of the same content is there. */
export async function buildLayer(o: { title: string; entries: readonly Entry[]; compression: Compression; cacheDir: string; signal: AbortSignal }): Promise<Layer> {
  const entries = withParents(o.entries);
  const key = await contentKey(entries, o.compression);
  const [file, record] = [join(o.cacheDir, key), join(o.cacheDir, `${key}.json`)];
  const known = await readRecord(record, file);
  if (known) return { ...known, title: o.title, file };
  await mkdir(o.cacheDir, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  const tar = counter();
  const stored = counter();
  const compress = o.compression === 'gzip' ? [createGzip({ level: 6 })] : [];
  await pipeline([Readable.from(tarBlocks(entries)), tar.stream, ...compress, stored.stream, createWriteStream(temporary)], { signal: o.signal });
  const measured = {
    mediaType: `application/vnd.oci.image.layer.v1.tar${o.compression === 'gzip' ? '+gzip' : ''}`,
    digest: stored.digest(), size: stored.size(), diffId: tar.digest(), tarSize: tar.size(),
  };
  await rename(temporary, file);
  await writeFile(record, JSON.stringify(measured));
  return { ...measured, title: o.title, file };
}

/** Sorted by path, with every parent directory once. */
function withParents(entries: readonly Entry[]): Entry[] {
  const all = new Map<string, Entry>();
  for (const entry of entries) {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      if (!all.has(path)) all.set(path, { path, mode: 0o755, directory: true });
    }
    all.set(entry.path, entry);
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function contentKey(entries: readonly Entry[], compression: Compression): Promise<string> {
  const hash = createHash('sha256').update(compression);
  for (const entry of entries) {
    hash.update(`\n${entry.path} ${entry.mode.toString(8)} `);
    hash.update('directory' in entry ? 'directory' : await contentDigest(entry.content));
  }
  return hash.digest('hex');
}

async function contentDigest(content: Buffer | { readonly file: string }): Promise<string> {
  if (Buffer.isBuffer(content)) return createHash('sha256').update(content).digest('hex');
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(content.file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function* tarBlocks(entries: readonly Entry[]): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    const isDirectory = 'directory' in entry;
    const size = isDirectory ? 0 : Buffer.isBuffer(entry.content) ? entry.content.length : (await stat(entry.content.file)).size;
    const header = new Header({
      path: isDirectory ? `${entry.path}/` : entry.path, mode: entry.mode, uid: 0, gid: 0, size, mtime: epoch, type: isDirectory ? 'Directory' : 'File', uname: '', gname: '',
    });
    const head = Buffer.alloc(block);
    if (header.encode(head, 0)) throw new Error(`${entry.path} does not fit a ustar header; shorten the path`);
    yield head;
    if (isDirectory) continue;
    if (Buffer.isBuffer(entry.content)) yield entry.content;
    else yield* createReadStream(entry.content.file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
    if (size % block) yield Buffer.alloc(block - (size % block));
  }
  yield Buffer.alloc(2 * block);
}

function counter(): { stream: Transform; digest: () => string; size: () => number } {
  const hash = createHash('sha256');
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => `sha256:${hash.copy().digest('hex')}`, size: () => size };
}

async function readRecord(record: string, file: string): Promise<Omit<Layer, 'title' | 'file'> | undefined> {
  try {
    const known = JSON.parse(await readFile(record, 'utf8')) as Omit<Layer, 'title' | 'file'>;
    return (await stat(file)).size === known.size ? known : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
