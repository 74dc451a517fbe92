import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { stringify } from 'yaml';
import { Helm, mergeValues, provenance, type Values, valuesOf } from '../../../provisioner/helm/index.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { tempFolder, writeChart } from './charts.ts';

/** Few keys, so that layers meet; values of every kind, null above all. */
const key = fc.constantFrom('a', 'b', 'c', 'd');
const { tree } = fc.letrec<{ tree: Values; value: unknown }>((tie) => ({
  tree: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<Values>,
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, fc.constantFrom<unknown>(null, 1, 'x', true, [], [1, { a: 1 }]), tie('tree')),
}));
const layers = fc.array(tree, { minLength: 1, maxLength: 5 });

const printing = 'values: {{ .Values | toJson | quote }}\n';

describeWith({ tools: ['helm'] }, 'what our layers make, against what Helm makes of them', () => {
  let folder: string;
  const helm = new Helm({ binary: join(toolsBin, 'helm') });
  beforeAll(async () => void (folder = await tempFolder()));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What `.Values` is with these defaults of the chart and these values given. */
  async function helmSays(defaults: Values, given: Values): Promise<Values> {
    const chart = await writeChart(folder, 'printing', { 'a.yaml': printing }, { 'values.yaml': stringify(defaults) });
    const manifest = await helm.template({ release: 'r', namespace: 'n', chart, values: given });
    return JSON.parse((load(manifest) as { values: string }).values) as Values;
  }
  const effective = (chart: Values, given: readonly Values[]): Values => valuesOf(provenance([{ source: 'chart', values: chart }, ...given.map((values, i) => ({ source: `layer ${i}`, values }))]));

  it('agrees on hundreds of random layers, each under a key of its own', async () => {
    const seed = 20261126;
    const cases = fc.sample(layers, { numRuns: process.env['KEELSON_DEEP'] ? 4000 : 400, seed });
    const named = cases.map((list, i) => [`case${i}`, list] as const);
    const chart = Object.fromEntries(named.map(([name, list]) => [name, list[0] ?? {}]));
    const given = Object.fromEntries(named.map(([name, list]) => [name, mergeValues(...list.slice(1))]));
    const said = await helmSays(chart, given);
    const nulls = JSON.stringify(cases).split('null').length - 1;
    console.log(`seed ${seed}: ${cases.length} cases, ${cases.reduce((n, list) => n + list.length, 0)} layers, ${nulls} nulls`);
    expect(nulls).toBeGreaterThan(100);
    for (const [name, list] of named) expect({ name, list, values: effective({ [name]: list[0] ?? {} }, list.slice(1).map((values) => ({ [name]: values })))[name] ?? {} }).toEqual({ name, list, values: said[name] ?? {} });
  }, 60_000);

  it.each<[Values, Values[]]>([
    [{ a: 1 }, [{ a: null }]],
    [{ a: { b: 1, c: 2 } }, [{ a: 'scalar' }, { a: { b: 3 } }]],
    [{ a: { b: 1 } }, [{ a: null }, { a: { c: 1 } }]],
    [{}, [{ a: null, b: { c: null } }]],
    [{ a: null, b: { c: null } }, [{ a: null, b: { c: null } }]],
    [{ a: null, b: { c: null } }, []],
  ])('agrees at the root: %j under %j', async (chart, given) => {
    expect(effective(chart, given)).toEqual(await helmSays(chart, mergeValues(...given)));
  }, 30_000);
});
