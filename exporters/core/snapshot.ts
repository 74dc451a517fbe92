/**
 * What a scrape sees: families with their samples already rendered, frozen at one moment. A scrape holds on to one
 * snapshot while sources prepare the next; nothing is copied and nothing is half new.
 */
import type { MetricFamily } from './catalogue.ts';
import { header, type Format } from './exposition.ts';
import { openDeflate, type OpenDeflate } from './gzip.ts';

/** A family and its sample lines. A block is one or more complete lines of one object, each with its newline. */
export interface RenderedFamily {
  readonly family: MetricFamily;
  readonly blocks: readonly string[];
}

/** Plain bytes are handed out in pieces of about this size, so that no piece blocks the event loop. */
const chunkSize = 64 * 1024;

export class Snapshot {
  readonly families: readonly RenderedFamily[];
  readonly #deflated = new Map<Format, Promise<OpenDeflate>>();

  constructor(families: readonly RenderedFamily[]) {
    this.families = families.filter(({ blocks }) => blocks.length > 0);
  }

  static readonly empty = new Snapshot([]);

  /** The document without its end, in pieces. */
  *chunks(format: Format): Generator<Buffer> {
    let text = '';
    for (const { family, blocks } of this.families) {
      text += header(family, format);
      for (const block of blocks) {
        text += block;
        if (text.length < chunkSize) continue;
        yield Buffer.from(text);
        text = '';
      }
    }
    if (text) yield Buffer.from(text);
  }

  /** The same, compressed once and kept for as long as the snapshot is current. */
  deflated(format: Format): Promise<OpenDeflate> {
    const known = this.#deflated.get(format);
    if (known) return known;
    const fresh = openDeflate(this.chunks(format));
    this.#deflated.set(format, fresh);
    fresh.catch(() => this.#deflated.delete(format));
    return fresh;
  }
}
