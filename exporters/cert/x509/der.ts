/**
 * Reads DER (X.690) in place: no copies, no tree, one small object per level. Only what X.509 needs of it, and as strict
 * as OpenSSL where OpenSSL is strict; indefinite lengths and constructed strings are BER and refused.
 */

export const tag = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, utf8String: 0x0c, sequence: 0x30, set: 0x31,
  utcTime: 0x17, generalizedTime: 0x18, context0: 0xa0, context1: 0x81, context2: 0x82, context3: 0xa3,
} as const;

/** The bytes are not what was asked for. Thrown inside of this folder only: whoever reads a certificate gets undefined. */
export class NotDer extends Error {}

export class Der {
  readonly bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** The next element's tag, or -1 at the end. */
  peek(): number {
    return this.#at < this.#end ? (this.bytes[this.#at] ?? -1) : -1;
  }

  /** Steps over the next element and returns its content. @throws NotDer when its tag is another */
  enter(wanted: number): Der {
    if (this.peek() !== wanted) throw new NotDer(`tag ${this.peek()} where ${wanted} belongs`);
    return this.#content();
  }

  /** Steps over the next element, whatever it is. */
  any(): Der {
    if (this.isAtEnd) throw new NotDer('an element is missing');
    return this.#content();
  }

  /** The next element if it has this tag. */
  optional(wanted: number): Der | undefined {
    return this.peek() === wanted ? this.#content() : undefined;
  }

  /** @throws NotDer when something is left: OpenSSL refuses trailing bytes inside of a structure too */
  close(): void {
    if (this.#at !== this.#end) throw new NotDer('bytes after the end of a structure');
  }

  /** The rest as bytes; a view, not a copy. */
  rest(): Buffer {
    return this.bytes.subarray(this.#at, this.#end);
  }

  #content(): Der {
    if ((this.#byte() & 0x1f) === 0x1f) throw new NotDer('a tag of more than one byte');
    const first = this.#byte();
    const length = first < 0x80 ? first : this.#longLength(first & 0x7f);
    const from = this.#at;
    if (length > this.#end - from) throw new NotDer('longer than what it is in');
    this.#at = from + length;
    return new Der(this.bytes, from, this.#at);
  }

  #longLength(octets: number): number {
    if (octets === 0 || octets > 4) throw new NotDer('an indefinite length or one of more than four bytes');
    let length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + this.#byte();
    return length;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new NotDer('cut off');
    return this.bytes[this.#at++] ?? 0;
  }
}

/** Two's complement bytes of an INTEGER. @throws NotDer when empty or not the shortest form (X.690, 8.3.2) */
export function integerBytes(content: Der): Buffer {
  const bytes = content.rest();
  const [first, second] = bytes;
  if (first === undefined) throw new NotDer('an INTEGER without bytes');
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) throw new NotDer('an INTEGER with padding');
  return bytes;
}

/** @throws NotDer when it is no OBJECT IDENTIFIER (X.690, 8.19.2) */
export function checkOid(content: Der): Buffer {
  const bytes = content.rest();
  let isFirstOfArc = true;
  for (const byte of bytes) {
    if (isFirstOfArc && byte === 0x80) throw new NotDer('an OBJECT IDENTIFIER with padding');
    isFirstOfArc = byte < 0x80;
  }
  if (bytes.length === 0 || !isFirstOfArc) throw new NotDer('an OBJECT IDENTIFIER that does not end');
  return bytes;
}

/** "2.5.4.3" */
export function dotted(oid: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of oid) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const first = arcs[0] ?? 0;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...arcs.slice(1)].join('.');
}

/** The bits of a BIT STRING without the count of unused ones. @throws NotDer when that count is none */
export function bits(content: Der): Buffer {
  const bytes = content.rest();
  const unused = bytes[0];
  if (unused === undefined || unused > 7) throw new NotDer('a BIT STRING without a count of unused bits');
  return bytes.subarray(1);
}
