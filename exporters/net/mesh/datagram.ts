/**
 * The datagrams of the echo protocol. A request comes back as it was sent, but for a mark and a count: of any length up
 * to an MTU, never longer than the request, and a reply is never answered, so two servers cannot keep each other busy.
 *
 *   0  4  magic "KNE1"
 *   4  1  kind: 0 request, 1 reply
 *   5  1  size class: 0 small, 1 large
 *   6  2  number in the train
 *   8  4  session: which process sent it
 *  12  4  train
 *  16  2  in a reply: how many requests of this train had arrived by then, this one counted
 *  18 46  zeros, and more of them in large ones
 */

/** Bytes of a small datagram, and the fewest of any. */
export const smallBytes = 64;

const magic = 0x4b4e4531;

export interface Datagram {
  readonly isReply: boolean;
  readonly isLarge: boolean;
  readonly number: number;
  readonly session: number;
  readonly train: number;
  readonly arrived: number;
}

/** @param bytes at least `smallBytes` */
export function request({ isLarge, number, session, train }: Omit<Datagram, 'isReply' | 'arrived'>, bytes: number): Buffer {
  const buffer = Buffer.alloc(Math.max(bytes, smallBytes));
  buffer.writeUInt32BE(magic, 0);
  buffer.writeUInt8(isLarge ? 1 : 0, 5);
  buffer.writeUInt16BE(number & 0xffff, 6);
  buffer.writeUInt32BE(session >>> 0, 8);
  buffer.writeUInt32BE(train >>> 0, 12);
  return buffer;
}

/** Undefined for anything that is not of this protocol. */
export function read(buffer: Buffer): Datagram | undefined {
  if (buffer.length < smallBytes || buffer.readUInt32BE(0) !== magic) return undefined;
  const kind = buffer.readUInt8(4);
  const size = buffer.readUInt8(5);
  if (kind > 1 || size > 1) return undefined;
  return { isReply: kind === 1, isLarge: size === 1, number: buffer.readUInt16BE(6), session: buffer.readUInt32BE(8), train: buffer.readUInt32BE(12), arrived: buffer.readUInt16BE(16) };
}

/** Makes a request its reply, in place. */
export function turnIntoReply(buffer: Buffer, arrived: number): void {
  buffer.writeUInt8(1, 4);
  buffer.writeUInt16BE(Math.min(arrived, 0xffff), 16);
}
