import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonLines } from '../../../provisioner/kube/watch.ts';

const operation = { what: 'watch Secret', isSensitive: true };

describe('lines of a watch', () => {
  test('property: whatever the chunks, the values are those that were written', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ type: fc.string(), object: fc.jsonValue() })), fc.array(fc.nat(40)), (events, cuts) => {
        const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''), 'utf8');
        const lines = new JsonLines(operation);
        const read: unknown[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          read.push(...lines.push(bytes.subarray(at, at + cut)));
          at = Math.min(bytes.length, at + cut);
        }
        expect(read).toEqual(events.map((event) => JSON.parse(JSON.stringify(event)) as unknown));
      }),
    );
  });

  test('empty lines are nothing, and half a line is not given out', () => {
    const lines = new JsonLines(operation);
    expect([...lines.push(Buffer.from('\n{"a":1}\n\n{"b":'))]).toEqual([{ a: 1 }]);
    expect([...lines.push(Buffer.from('2}\n'))]).toEqual([{ b: 2 }]);
  });

  test('what is no JSON is told without its text', () => {
    const lines = new JsonLines(operation);
    const read = (): unknown[] => [...lines.push(Buffer.from('{"data":{"password":"aHVudGVyMg=="}\n'))];
    expect(read).toThrow(expect.objectContaining({ code: 'KUBE_PROTOCOL' }));
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/aHVudGVyMg|password/) }));
  });

  test('a line without end is given up', () => {
    const lines = new JsonLines(operation);
    const chunk = Buffer.alloc(4 * 1024 * 1024, 0x61);
    expect(() => {
      for (let i = 0; i < 10; i++) Array.from(lines.push(chunk));
    }).toThrow(expect.objectContaining({ code: 'KUBE_PROTOCOL' }));
  });
});
