/**
 * The few bytes of DNS (RFC 1035) that a probe needs: a question out, and of the answer its id, code, question and how
 * many addresses it holds. Nothing that comes in can make it read past the end, loop or throw: names are walked with a
 * bound, and what does not fit is `malformed`.
 */

export type QueryType = 'A' | 'AAAA';
const typeNumbers: Readonly<Record<QueryType, number>> = { A: 1, AAAA: 28 };
const internetClass = 1;

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: QueryType;
}

export type Message =
  | { readonly kind: 'malformed' }
  /** A message that answers another question, or none. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'answer'; readonly code: number; readonly isTruncated: boolean; readonly addresses: readonly string[] };

/** Longest name on the wire (RFC 1035, section 2.3.4). */
const maxNameBytes = 255;
const headerBytes = 12;
/** Jumps in one name. */
const maxPointers = 32;

/** A query with recursion desired. Names are asked for as they are; a missing last dot is added. @throws RangeError for labels over 63 bytes or a name over 255 */
export function query({ id, name, type }: Question): Buffer {
  const labels = name.replace(/\.$/, '').split('.').filter(Boolean).map((label) => Buffer.from(label, 'utf8'));
  const bytes = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  if (labels.some((label) => label.length > 63) || bytes > maxNameBytes) throw new RangeError(`${name} is no DNS name: labels have at most 63 bytes, names 255`);
  const buffer = Buffer.alloc(headerBytes + bytes + 4);
  buffer.writeUInt16BE(id, 0);
  buffer.writeUInt16BE(0x0100, 2); // RD
  buffer.writeUInt16BE(1, 4); // QDCOUNT
  let at = headerBytes;
  for (const label of labels) {
    at = buffer.writeUInt8(label.length, at);
    at += label.copy(buffer, at);
  }
  at = buffer.writeUInt8(0, at);
  at = buffer.writeUInt16BE(typeNumbers[type], at);
  buffer.writeUInt16BE(internetClass, at);
  return buffer;
}

/** What a message says to a question. Never throws. */
export function parse(buffer: Buffer, question: Question): Message {
  if (buffer.length < headerBytes) return { kind: 'malformed' };
  const flags = buffer.readUInt16BE(2);
  const isResponse = (flags & 0x8000) !== 0 && ((flags >> 11) & 15) === 0;
  if (!isResponse || buffer.readUInt16BE(0) !== question.id) return { kind: 'foreign' };
  const code = flags & 15;
  const isTruncated = (flags & 0x0200) !== 0;
  const questions = buffer.readUInt16BE(4);
  // Some servers send errors without the question (RFC 1035 leaves it open for FORMERR).
  if (questions === 0 && code !== 0) return { kind: 'answer', code, isTruncated, addresses: [] };
  if (questions !== 1) return { kind: 'malformed' };
  const name = readName(buffer, headerBytes);
  if (!name || name.end + 4 > buffer.length) return { kind: 'malformed' };
  const isAsked = name.text === question.name.replace(/\.$/, '').toLowerCase() && buffer.readUInt16BE(name.end) === typeNumbers[question.type];
  if (!isAsked) return { kind: 'foreign' };
  const addresses = readAddresses(buffer, name.end + 4, typeNumbers[question.type]);
  // What is cut may end anywhere.
  if (addresses === undefined) return isTruncated ? { kind: 'answer', code, isTruncated, addresses: [] } : { kind: 'malformed' };
  return { kind: 'answer', code, isTruncated, addresses };
}

/** Undefined where a record does not fit. Whose address it is does not matter: a resolver puts the aliases before it. */
function readAddresses(buffer: Buffer, from: number, type: number): string[] | undefined {
  const found: string[] = [];
  let at = from;
  for (let left = buffer.readUInt16BE(6); left > 0; left--) {
    const name = readName(buffer, at);
    if (!name || name.end + 10 > buffer.length) return undefined;
    const end = name.end + 10 + buffer.readUInt16BE(name.end + 8);
    if (end > buffer.length) return undefined;
    if (buffer.readUInt16BE(name.end) === type) {
      const address = addressText(buffer.subarray(name.end + 10, end), type);
      if (address === undefined) return undefined;
      found.push(address);
    }
    at = end;
  }
  return found;
}

function addressText(data: Buffer, type: number): string | undefined {
  if (type === typeNumbers.A) return data.length === 4 ? data.join('.') : undefined;
  if (data.length !== 16) return undefined;
  return Array.from({ length: 8 }, (_, i) => data.readUInt16BE(2 * i).toString(16)).join(':');
}

/** A name in lower case and where what follows it begins. A pointer must lead backwards (RFC 1035, section 4.1.4), so a walk ends. */
function readName(buffer: Buffer, from: number): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = from;
  let end: number | undefined;
  let bytes = 0;
  for (let pointers = 0; ;) {
    const length = buffer[at];
    if (length === undefined) return undefined;
    if (length === 0) return { text: labels.join('.'), end: end ?? at + 1 };
    if (length >= 0xc0) {
      const low = buffer[at + 1];
      if (low === undefined || ++pointers > maxPointers) return undefined;
      const target = ((length & 0x3f) << 8) | low;
      if (target >= at) return undefined;
      end ??= at + 2;
      at = target;
      continue;
    }
    bytes += length + 1;
    if (length > 63 || bytes >= maxNameBytes || at + 1 + length > buffer.length) return undefined;
    labels.push(buffer.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += length + 1;
  }
}
