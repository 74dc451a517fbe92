/**
 * What a scrape sees: families with their samples already rendered, frozen at one moment. A scrape holds on to one
 * snapshot while sources prepare the next; nothing is copied and nothing is half new.
 */
import type { Block } from './block.ts';
import type { MetricFamily } from './catalogue.ts';
import { header, type Format } from './exposition.ts';
import { deflateSegment, joinSegments, type Segment } from './gzip.ts';

export interface RenderedFamily {
  readonly family: MetricFamily;
  readonly blocks: readonly Block[];
}

export class Snapshot {
  readonly families: readonly RenderedFamily[];
  readonly #deflated = new Map<Format, Promise<Segment>>();

  constructor(families: readonly RenderedFamily[]) {
    this.families = families.filter(({ blocks }) => blocks.length > 0);
  }

  static readonly empty = new Snapshot([]);

  /** The document without its end, in pieces of a few tens of kilobytes, so that none blocks the event loop. */
  *chunks(format: Format): Generator<Buffer> {
    for (const { family, blocks } of this.families) {
      yield Buffer.from(header(family, format));
      for (const block of blocks) yield block.bytes();
    }
  }

  /** The same, compressed. Only blocks that are new since they were last asked for cost anything. */
  deflated(format: Format): Promise<Segment> {
    const known = this.#deflated.get(format);
    if (known) return known;
    const fresh = this.#deflate(format);
    this.#deflated.set(format, fresh);
    fresh.catch(() => this.#deflated.delete(format));
    return fresh;
  }

  async #deflate(format: Format): Promise<Segment> {
    const segments: Segment[] = [];
    for (const { family, blocks } of this.families) {
      segments.push(await deflateSegment(Buffer.from(header(family, format))));
      for (const block of blocks) segments.push(await block.deflated());
    }
    return joinSegments(segments);
  }
}
