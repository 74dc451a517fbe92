/**
 * Some sample lines of one family: the unit in which a document is kept, compressed and sent. A block never changes;
 * a change makes a new one, so what was compressed before stays valid for all blocks that did not change.
 */
import { deflateSegment, type Segment } from './gzip.ts';

export class Block {
  readonly #lines: readonly string[];
  #segment: Promise<Segment> | undefined;

  /** @param lines each one or more complete lines with their newlines */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  text(): string {
    return this.#lines.join('');
  }

  bytes(): Buffer {
    return Buffer.from(this.text());
  }

  /** Compressed on the thread pool, at the first call. */
  deflated(): Promise<Segment> {
    this.#segment ??= deflateSegment(this.bytes());
    return this.#segment;
  }
}
