import fc from 'fast-check';
import { LogFormatter, maxEntryBytes } from '../../../sandbox/cri/logs.ts';

const now = () => new Date('2026-11-25T20:00:00.123Z');
const format = (chunks: Buffer[]): Buffer => {
  const formatter = new LogFormatter('stdout', now);
  return Buffer.concat([...chunks.map((chunk) => formatter.feed(chunk)), formatter.end()]);
};
const entry = /^2026-11-25T20:00:00\.123000000Z stdout ([PF]) /;

describe('container logs', () => {
  test('a line is one entry with time, stream and tag', () => {
    expect(format([Buffer.from('hello\n')]).toString()).toBe('2026-11-25T20:00:00.123000000Z stdout F hello\n');
  });

  test('an empty line is an entry', () => {
    expect(format([Buffer.from('\n\n')]).toString().split('\n').filter((line) => line !== '')).toHaveLength(2);
  });

  test('what ends without a newline is not lost', () => {
    expect(format([Buffer.from('no newline')]).toString()).toMatch(/F no newline\n$/);
  });

  test('a line longer than 16 KiB is cut into P entries and ends with F', () => {
    const lines = format([Buffer.from(`${'x'.repeat(2 * maxEntryBytes + 5)}\n`)]).toString().trimEnd().split('\n');
    expect(lines.map((line) => entry.exec(line)?.[1])).toEqual(['P', 'P', 'F']);
    expect(lines[2]!.replace(entry, '')).toBe('xxxxx');
  });

  test('putting entries together gives back the bytes, however they came in', () => {
    const chunk = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(Buffer.alloc(20_000, 'y')), fc.constant(Buffer.from('\n'))).map((bytes) => Buffer.from(bytes));
    fc.assert(fc.property(fc.array(chunk, { maxLength: 8 }), (chunks) => {
      const all = Buffer.concat(chunks);
      const rebuilt: Buffer[] = [];
      const log = format(chunks);
      for (let start = 0; start < log.length;) {
        const end = log.indexOf(0x0a, start);
        const line = log.subarray(start, end);
        const header = entry.exec(line.subarray(0, 60).toString('latin1'));
        expect(header).not.toBeNull();
        const content = line.subarray(header![0].length);
        expect(content.length).toBeLessThanOrEqual(maxEntryBytes);
        rebuilt.push(content, Buffer.from(header![1] === 'F' ? '\n' : ''));
        start = end + 1;
      }
      const expected = all.length === 0 || all.at(-1) === 0x0a ? all : Buffer.concat([all, Buffer.from('\n')]);
      expect(Buffer.concat(rebuilt).equals(expected)).toBe(true);
    }), { numRuns: 200 });
  });
});
