/** As much of a DNS message (RFC 1035, section 4) as a server needs that answers A and AAAA. Ours, so that it can judge the exporter's own. */

export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type Rcode = keyof typeof rcodes;

const types = { A: 1, AAAA: 28 } as const;

export interface Question {
  readonly id: number;
  /** Lower case, with the closing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'other';
  /** Bytes of the question section, to be sent back. */
  readonly section: Buffer;
  readonly isRecursionDesired: boolean;
}

/** The one question of a query; undefined for what is none. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < 17 || (message[2]! & 0x80) !== 0 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length !== 0; length = message[at]!) {
    if (length > 63 || at + 1 + length >= message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  if (at + 5 > message.length) return undefined;
  const number = message.readUInt16BE(at + 1);
  const type = number === types.A ? 'A' : number === types.AAAA ? 'AAAA' : 'other';
  return { id: message.readUInt16BE(0), name: `${labels.join('.')}.`, type, section: message.subarray(12, at + 5), isRecursionDesired: (message[2]! & 1) === 1 };
}

export interface Answer {
  readonly rcode: Rcode;
  readonly id: number;
  readonly isTruncated: boolean;
  /** Addresses of the family that was asked for. */
  readonly addresses: readonly string[];
}

/** Records live 30 s and point to the question's name (compression, RFC 1035, section 4.1.4). */
export function writeAnswer({ section, type, isRecursionDesired }: Question, { rcode, id, isTruncated, addresses }: Answer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head[2] = 0x84 | (isTruncated ? 2 : 0) | (isRecursionDesired ? 1 : 0);
  head[3] = 0x80 | rcodes[rcode];
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) => {
    const data = type === 'A' ? Buffer.from(address.split('.').map(Number)) : bytesOf6(address);
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(type === 'A' ? types.A : types.AAAA, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(30, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, section, ...records]);
}

function bytesOf6(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const middle = Array.from({ length: 8 - groups(left).length - groups(right).length }, () => '0');
  const all = [...groups(left), ...middle, ...groups(right)].map((group) => parseInt(group, 16));
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}
