import { provenance, valuesOf } from '../../../provisioner/helm/index.ts';

const layer = (source: string, values: Record<string, unknown>) => ({ source, values });

it('names the layer of each value, and those it was set in too', () => {
  const origins = provenance([layer('chart', { replicas: 1, image: { tag: 'a', registry: 'r' } }), layer('bundle', { image: { tag: 'b' } }), layer('user', { image: { tag: 'c' }, extra: [1] })]);
  expect(origins.map(({ path, value, source, overrides }) => [path.join('.'), value, source, overrides])).toEqual([
    ['replicas', 1, 'chart', []], ['image.tag', 'c', 'user', ['bundle', 'chart']], ['image.registry', 'r', 'chart', []], ['extra', [1], 'user', []],
  ]);
});

it('a list is replaced as a whole, null takes a default away', () => {
  const origins = provenance([layer('chart', { list: [1, 2], gone: { a: 1 } }), layer('user', { list: [3], gone: null })]);
  expect(valuesOf(origins)).toEqual({ list: [3] });
});
