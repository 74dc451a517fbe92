/**
 * One gzip member made of a large part compressed ahead of time and a small part compressed per scrape. A deflate
 * stream that ends with a sync flush stands on a byte border, so another one can follow it (RFC 1951 3.2.4, RFC 1952);
 * readers see an ordinary single-member file.
 */
import { constants, crc32, createDeflateRaw, deflateRaw } from 'node:zlib';
import { promisify } from 'node:util';

/** Deflated data without its end, and what the trailer needs to know of the plain text. */
export interface OpenDeflate {
  readonly parts: readonly Buffer[];
  readonly crc: number;
  readonly length: number;
}

/** Magic, deflate, no flags, no time, no extra flags, unknown system: the same bytes for the same content. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** Compresses chunks on the thread pool. Waits for each chunk, so memory holds one plain chunk at a time. */
export async function openDeflate(chunks: Iterable<Buffer>): Promise<OpenDeflate> {
  const deflate = createDeflateRaw({ level: 5 });
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  const failed = new Promise<never>((_, reject) => deflate.once('error', reject));
  let crc = 0;
  let length = 0;
  const write = (chunk: Buffer): Promise<void> => new Promise((resolve) => deflate.write(chunk, () => resolve()));
  for (const chunk of chunks) {
    crc = crc32(chunk, crc);
    length += chunk.length;
    await Promise.race([write(chunk), failed]);
  }
  await Promise.race([new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve)), failed]);
  deflate.removeAllListeners('error').destroy();
  return { parts, crc, length };
}

/** The whole gzip file: the prepared part, then the tail. */
export async function closeGzip(open: OpenDeflate, tail: Buffer): Promise<Buffer[]> {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(tail, open.crc), 0);
  trailer.writeUInt32LE((open.length + tail.length) % 2 ** 32, 4);
  return [gzipHeader, ...open.parts, await promisify(deflateRaw)(tail), trailer];
}
