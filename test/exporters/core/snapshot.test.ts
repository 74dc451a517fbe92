import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import type { MetricFamily } from '../../../exporters/core/catalogue.ts';
import { closeGzip, openDeflate } from '../../../exporters/core/gzip.ts';
import { SeriesStore, type Sample } from '../../../exporters/core/store.ts';

const gauge = (name: string, labels: string[]): MetricFamily => ({ name, type: 'gauge', help: 'Help.', labels, stability: 'stable', since: '0.1.0' });
const catalogue = [gauge('a', ['path']), gauge('b', ['path', 'key'])];
const a = (path: string, value: number): Sample => ({ family: 'a', labels: { path }, value });
const text = (store: SeriesStore): string => Buffer.concat([...store.snapshot.chunks('text')]).toString();

describe('SeriesStore', () => {
  test('a scrape sees nothing of a change before it is published', () => {
    const store = new SeriesStore(catalogue);
    store.set('one', [a('one', 1)]);
    expect(text(store)).toBe('');
    store.publish();
    expect(text(store)).toBe('# HELP a Help.\n# TYPE a gauge\na{path="one"} 1\n');
  });

  test('a snapshot taken before a change stays as it was', () => {
    const store = new SeriesStore(catalogue);
    store.set('one', [a('one', 1)]);
    store.publish();
    const before = store.snapshot;
    store.delete('one');
    store.publish();
    expect(Buffer.concat([...before.chunks('text')]).toString()).toContain('a{path="one"} 1');
    expect(text(store)).toBe('');
  });

  test('the order in which objects came does not show', () => {
    const render = (names: string[]): string => {
      const store = new SeriesStore(catalogue);
      for (const name of names) store.set(name, [a(name, 1)]);
      store.publish();
      return text(store);
    };
    expect(render(['x', 'b', 'm'])).toBe(render(['m', 'x', 'b']));
  });

  test('the same series twice in an object becomes one with the smaller value, and is counted', () => {
    const store = new SeriesStore(catalogue);
    expect(store.set('one', [a('one', 5), a('one', 3), a('one', 4)])).toEqual({ samples: 1, collisions: 2 });
    store.publish();
    expect(text(store)).toContain('a{path="one"} 3\n');
  });

  test('labels come in the order of the catalogue whatever the sample says', () => {
    const store = new SeriesStore(catalogue);
    store.set('o', [{ family: 'b', labels: { key: 'k', path: 'p' }, value: 1 }]);
    store.publish();
    expect(text(store)).toContain('b{path="p",key="k"} 1');
  });

  test('a family that the catalogue does not know is refused', () => {
    expect(() => new SeriesStore(catalogue).set('o', [{ family: 'c', labels: {}, value: 1 }])).toThrow(expect.objectContaining({ code: 'FAMILY_UNKNOWN' }));
  });

  test('large documents come in pieces', () => {
    const store = new SeriesStore(catalogue);
    for (let i = 0; i < 20_000; i++) store.set(`o${i}`, [a(`o${i}`, i)]);
    store.publish();
    const chunks = [...store.snapshot.chunks('text')];
    expect(chunks.length).toBeGreaterThan(3);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(70_000);
  });

  test('compression of one snapshot is done once per format', async () => {
    const store = new SeriesStore(catalogue);
    store.set('one', [a('one', 1)]);
    store.publish();
    expect(store.snapshot.deflated('text')).toBe(store.snapshot.deflated('text'));
    expect(await store.snapshot.deflated('text')).not.toBe(await store.snapshot.deflated('openmetrics'));
  });
});

describe('gzip', () => {
  test('prepared part and tail are one gzip member that an ordinary reader reads', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 }), fc.uint8Array({ maxLength: 300 }), async (chunks, tail) => {
      const buffers = chunks.map((chunk) => Buffer.from(chunk));
      const file = Buffer.concat(await closeGzip(await openDeflate(buffers), Buffer.from(tail)));
      expect(gunzipSync(file)).toEqual(Buffer.concat([...buffers, Buffer.from(tail)]));
    }));
  });

  test('one prepared part serves many tails', async () => {
    const open = await openDeflate([Buffer.from('body '.repeat(50_000))]);
    for (const tail of ['one', 'two']) {
      expect(gunzipSync(Buffer.concat(await closeGzip(open, Buffer.from(tail)))).toString().endsWith(`body ${tail}`)).toBe(true);
    }
  });
});
