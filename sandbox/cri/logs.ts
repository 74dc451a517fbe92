/**
 * Container output as the kubelet reads it: `<RFC 3339 with nanoseconds> <stdout|stderr> <P|F> <content>`.
 * Format: kubernetes/design-proposals-archive node/kubelet-cri-logging.md; a line longer than 16 KiB is cut into P entries
 * that end with an F entry, as containerd does (max_container_log_line_size).
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export type OutputStream = 'stdout' | 'stderr';

/** Bytes of content after which an entry is cut. */
export const maxEntryBytes = 16 * 1024;

const newline = 0x0a;

/** Cuts one stream into entries. Bytes, not text: a character may be split over two reads. */
export class LogFormatter {
  readonly #stream: OutputStream;
  readonly #now: () => Date;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: OutputStream, now: () => Date) {
    this.#stream = stream;
    this.#now = now;
  }

  /** The entries that a chunk completes, ready to be appended to the log. */
  feed(chunk: Buffer): Buffer {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const entries: Buffer[] = [];
    let start = 0;
    while (start < data.length) {
      const end = data.indexOf(newline, start);
      const lineEnd = end === -1 ? data.length : end;
      if (lineEnd - start > maxEntryBytes) {
        entries.push(this.#entry('P', data.subarray(start, start + maxEntryBytes)));
        start += maxEntryBytes;
        continue;
      }
      if (end === -1) break;
      entries.push(this.#entry('F', data.subarray(start, end)));
      start = end + 1;
    }
    this.#rest = Buffer.from(data.subarray(start));
    return Buffer.concat(entries);
  }

  /** What is left when the stream ends without a newline. */
  end(): Buffer {
    if (this.#rest.length === 0) return this.#rest;
    const entry = this.#entry('F', this.#rest);
    this.#rest = Buffer.alloc(0);
    return entry;
  }

  #entry(tag: 'P' | 'F', content: Buffer): Buffer {
    // Node's clock has milliseconds; the format wants nanoseconds.
    const time = this.#now().toISOString().replace('Z', '000000Z');
    return Buffer.concat([Buffer.from(`${time} ${this.#stream} ${tag} `), content, Buffer.from('\n')]);
  }
}

/** The log file of one container. The kubelet rotates it: it renames the file and asks for ReopenContainerLog. */
export class ContainerLog {
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  open(): void {
    this.#descriptor ??= openSync(this.#path, 'a', 0o640);
  }

  /** On a full disk output is lost, as with any engine; the container itself goes on. */
  write(entries: Buffer): void {
    if (this.#descriptor === undefined || entries.length === 0) return;
    try {
      writeSync(this.#descriptor, entries);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  reopen(): void {
    this.close();
    this.open();
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
