/** A certificate revocation list (RFC 5280, 5.1): who issued it and when the next one is due. */
import { Der, integerBytes, NotDer, tag } from './der.ts';
import { checkName, commonName } from './name.ts';
import { readTime } from './time.ts';

export interface Crl {
  readonly issuerCn: string;
  /** Unix seconds; undefined where the list names no next one. */
  readonly nextUpdate: number | undefined;
}

/** undefined when the bytes are no list. Its entries are stepped over, not read. */
export function readCrl(bytes: Buffer): Crl | undefined {
  try {
    const whole = new Der(bytes).enter(tag.sequence);
    const inner = whole.enter(tag.sequence);
    const version = inner.optional(tag.integer);
    if (version) integerBytes(version);
    inner.enter(tag.sequence);
    const issuerCn = commonName(checkName(inner));
    readTime(inner);
    const hasNext = inner.peek() === tag.utcTime || inner.peek() === tag.generalizedTime;
    const nextUpdate = hasNext ? readTime(inner) : undefined;
    while (!inner.isAtEnd) inner.any();
    whole.enter(tag.sequence);
    whole.enter(tag.bitString);
    whole.close();
    return { issuerCn, nextUpdate };
  } catch (error) {
    if (error instanceof NotDer) return undefined;
    throw error;
  }
}
