import fc from 'fast-check';
import { crc32, gunzipSync } from 'node:zlib';
import type { MetricFamily } from '../../../exporters/core/catalogue.ts';
import { combineCrc } from '../../../exporters/core/crc.ts';
import { deflateSegment, gzipFile, joinSegments } from '../../../exporters/core/gzip.ts';
import { SeriesStore, type Sample } from '../../../exporters/core/store.ts';
import { FakeClock } from './fake-clock.ts';

const gauge = (name: string, labels: string[]): MetricFamily => ({ name, type: 'gauge', help: 'Help.', labels, stability: 'stable', since: '0.1.0' });
const catalogue = [gauge('a', ['path']), gauge('b', ['path', 'key'])];
const a = (path: string, value: number): Sample => ({ family: 'a', labels: { path }, value });
const text = (store: SeriesStore): string => Buffer.concat([...store.snapshot.chunks('text')]).toString();
const newStore = (): SeriesStore => new SeriesStore(catalogue, new FakeClock());
const put = (store: SeriesStore, object: string, samples: Sample[]): void => store.set(object, store.render(samples));

describe('SeriesStore', () => {
  test('a scrape sees nothing of a change before it is published', () => {
    const store = newStore();
    put(store, 'one', [a('one', 1)]);
    expect(text(store)).toBe('');
    store.publish();
    expect(text(store)).toBe('# HELP a Help.\n# TYPE a gauge\na{path="one"} 1\n');
  });

  test('a change is published by itself a moment later, and nothing is after stop', async () => {
    const clock = new FakeClock();
    const store = new SeriesStore(catalogue, clock);
    put(store, 'one', [a('one', 1)]);
    await clock.advance(1000);
    expect(text(store)).toContain('a{path="one"} 1');
    put(store, 'two', [a('two', 1)]);
    store.stop();
    await clock.advance(1000);
    expect(text(store)).not.toContain('two');
  });

  test('a snapshot taken before a change stays as it was', () => {
    const store = newStore();
    put(store, 'one', [a('one', 1)]);
    store.publish();
    const before = store.snapshot;
    store.delete('one');
    store.publish();
    expect(Buffer.concat([...before.chunks('text')]).toString()).toContain('a{path="one"} 1');
    expect(text(store)).toBe('');
  });

  test('the order in which objects came does not show among those of a block', () => {
    const render = (names: string[]): string => {
      const store = newStore();
      for (const name of names) put(store, name, [a(name, 1)]);
      store.publish();
      return text(store);
    };
    expect(render(['x', 'b', 'm'])).toBe(render(['m', 'x', 'b']));
  });

  test('labels come in the order of the catalogue whatever the sample says', () => {
    const store = newStore();
    put(store, 'o', [{ family: 'b', labels: { key: 'k', path: 'p' }, value: 1 }]);
    store.publish();
    expect(text(store)).toContain('b{path="p",key="k"} 1');
  });

  test('a family that is switched off is not written', () => {
    const store = new SeriesStore([catalogue[1]!], new FakeClock());
    put(store, 'o', [a('one', 1), { family: 'b', labels: { path: 'p', key: 'k' }, value: 1 }]);
    store.publish();
    expect([store.has('a'), text(store).includes('a{')]).toEqual([false, false]);
  });

  test('lines of another catalogue are refused', () => {
    expect(() => newStore().set('o', [undefined, undefined, 'c 1\n'])).toThrow(expect.objectContaining({ code: 'FAMILY_UNKNOWN' }));
  });

  test('whatever comes, changes and goes, the document is that of what is there', () => {
    const step = fc.record({ object: fc.nat(300), value: fc.nat(5), isDelete: fc.boolean() });
    fc.assert(fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const store = newStore();
      const model = new Map<string, number>();
      for (const { object, value, isDelete } of steps) {
        const name = `o${object}`;
        if (isDelete) {
          store.delete(name);
          model.delete(name);
        } else {
          put(store, name, [a(name, value)]);
          model.set(name, value);
        }
        if (value === 0) store.publish();
      }
      store.publish();
      const lines = text(store).split('\n').filter((line) => line.startsWith('a{')).sort();
      expect(lines).toEqual([...model].map(([name, value]) => `a{path="${name}"} ${value}`).sort());
    }), { numRuns: 50 });
  });

  test('large documents come in pieces', () => {
    const store = newStore();
    for (let i = 0; i < 20_000; i++) put(store, `o${i}`, [a(`o${i}`, i)]);
    store.publish();
    const chunks = [...store.snapshot.chunks('text')];
    expect(chunks.length).toBeGreaterThan(100);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(70_000);
  });

  test('a change compresses the block that it is in, and no other', async () => {
    const store = newStore();
    for (let i = 0; i < 1000; i++) put(store, `o${i}`, [a(`o${i}`, i)]);
    store.publish();
    const before = store.snapshot.families[0]!.blocks;
    await store.snapshot.deflated('text');
    put(store, 'o500', [a('o500', -1)]);
    store.publish();
    const after = store.snapshot.families[0]!.blocks;
    expect(after.filter((block) => !before.includes(block))).toHaveLength(1);
    expect(gunzipSync(Buffer.concat(gzipFile(await store.snapshot.deflated('text'), Buffer.alloc(0)))).toString()).toBe(text(store));
  });

  test('compression of one snapshot is done once per format', async () => {
    const store = newStore();
    put(store, 'one', [a('one', 1)]);
    store.publish();
    expect(store.snapshot.deflated('text')).toBe(store.snapshot.deflated('text'));
    expect(await store.snapshot.deflated('text')).not.toBe(await store.snapshot.deflated('openmetrics'));
  });
});

describe('gzip', () => {
  test('segments and tail are one gzip member that an ordinary reader reads', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 }), fc.uint8Array({ maxLength: 300 }), async (chunks, tail) => {
      const buffers = chunks.map((chunk) => Buffer.from(chunk));
      const joined = joinSegments(await Promise.all(buffers.map(deflateSegment)));
      expect(gunzipSync(Buffer.concat(gzipFile(joined, Buffer.from(tail))))).toEqual(Buffer.concat([...buffers, Buffer.from(tail)]));
    }));
  });

  test('one prepared part serves many tails', async () => {
    const prepared = await deflateSegment(Buffer.from('body '.repeat(50_000)));
    for (const tail of ['one', 'two']) {
      expect(gunzipSync(Buffer.concat(gzipFile(prepared, Buffer.from(tail)))).toString().endsWith(`body ${tail}`)).toBe(true);
    }
  });

  test('the CRC of two texts together is that of zlib', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (one, two) => {
      expect(combineCrc(crc32(one), crc32(two), two.length)).toBe(crc32(Buffer.concat([one, two])));
    }));
  });
});
