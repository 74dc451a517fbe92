import fc from 'fast-check';
import { parse, query, type Question } from '../../../exporters/net/dns/message.ts';

const question: Question = { id: 0x1234, name: 'kubernetes.default.svc.cluster.local.', type: 'A' };

/** The query turned into an answer, with records behind it. */
function answer(flags: number, records: readonly Buffer[] = [], asked = question): Buffer {
  const message = Buffer.concat([query(asked), ...records]);
  message.writeUInt16BE(0x8000 | flags, 2);
  message.writeUInt16BE(records.length, 6);
  return message;
}

function record(type: number, data: Buffer, name = Buffer.from([0xc0, 12])): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, head, data]);
}

const alias = record(5, Buffer.from([1, 0x78, 0xc0, 12]));

describe('DNS messages', () => {
  test('a query as it stands in RFC 1035', () => {
    expect(query({ id: 1, name: 'a.bc', type: 'AAAA' }).toString('hex')).toBe('00010100000100000000000001610262630000' + '1c0001');
  });

  test('names that do not fit are refused', () => {
    expect(() => query({ ...question, name: `${'x'.repeat(64)}.example` })).toThrow(RangeError);
    expect(() => query({ ...question, name: Array(50).fill('abcdef').join('.') })).toThrow(RangeError);
  });

  test('addresses of both families, behind aliases', () => {
    expect(parse(answer(0, [alias, record(1, Buffer.from([10, 0, 0, 1])), record(1, Buffer.from([10, 0, 0, 2]))]), question)).toEqual({ kind: 'answer', code: 0, isTruncated: false, addresses: ['10.0.0.1', '10.0.0.2'] });
    const six: Question = { ...question, type: 'AAAA' };
    expect(parse(answer(0, [record(28, Buffer.from('fd000000000000000000000000000001', 'hex'))], six), six)).toMatchObject({ addresses: ['fd00:0:0:0:0:0:0:1'] });
  });

  test('names are compared without regard to case', () => {
    const shouted = answer(0);
    shouted.write('KUBERNETES', 13, 'latin1');
    expect(parse(shouted, question)).toMatchObject({ kind: 'answer' });
  });

  test.each([[3, 3, false], [2, 2, false], [0x0200, 0, true]])('flags %p', (flags, code, isTruncated) => {
    expect(parse(answer(flags), question)).toEqual({ kind: 'answer', code, isTruncated, addresses: [] });
  });

  test('an answer to something else is foreign: another id, name or type, or a query', () => {
    const wrongId = answer(0);
    wrongId.writeUInt16BE(0x4321, 0);
    expect([wrongId, answer(0, [], { ...question, name: 'other.example' }), answer(0, [], { ...question, type: 'AAAA' }), query(question)].map((message) => parse(message, question).kind)).toEqual(['foreign', 'foreign', 'foreign', 'foreign']);
  });

  test.each([
    ['a name that points at itself', record(1, Buffer.alloc(4), Buffer.from([0xc0, 54]))],
    ['a name that points forward', record(1, Buffer.alloc(4), Buffer.from([0xc0, 0xff]))],
    ['an address of five bytes', record(1, Buffer.alloc(5))],
    ['a record longer than the message', Buffer.concat([record(1, Buffer.alloc(4)).subarray(0, 12), Buffer.from([1])])],
  ])('%s is malformed', (_, bad) => {
    expect(parse(answer(0, [bad]), question)).toEqual({ kind: 'malformed' });
  });

  test('any bytes: an answer is only what has our id, question and room for its records; nothing throws or hangs', () => {
    const good = answer(0, [alias, record(1, Buffer.from([10, 0, 0, 1]))]);
    const kinds: Record<string, number> = {};
    const mutated = fc.tuple(fc.nat(good.length), fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 })).map(([cut, edits]) => {
      const copy = Buffer.from(good);
      for (const [at, byte] of edits) copy[at] = byte;
      return copy.subarray(0, cut);
    });
    const any = fc.oneof(mutated, fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)), fc.uint8Array({ maxLength: 80 }).map((tail) => Buffer.concat([good, tail])));
    fc.assert(fc.property(any, (bytes) => {
      const { kind } = parse(bytes, question);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (kind === 'answer') expect(bytes.readUInt16BE(0)).toBe(question.id);
    }), { numRuns: 5000, seed: 5 });
    console.info(`of 5000 messages, seed 5: ${JSON.stringify(kinds)}`);
    expect(Object.keys(kinds).sort()).toEqual(['answer', 'foreign', 'malformed']);
  });
});
