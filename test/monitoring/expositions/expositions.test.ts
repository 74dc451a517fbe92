/** The catalogue of metrics that others write, held against what the real programs expose. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foreignComponents, type ForeignFamily } from '../../../monitoring/catalogue/index.ts';
import { identityLabels } from '../../../monitoring/federation.ts';
import { ownCatalogues } from '../../../monitoring/labels.ts';
import { differences, familiesOf, type Exposition } from './exposition.ts';
import { labelNotSeen, notRun, notSeen } from './known.ts';

const folder = join(import.meta.dirname, 'recorded');
const recorded = new Map(readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Exposition).map((one) => [one.component, one]));
const isUnseen = (component: string, family: string): boolean => `${component} ${family}` in notSeen;

test('every component of the catalogue was recorded, or there is a reason', () => {
  expect(foreignComponents.map(({ name }) => name).filter((name) => !recorded.has(name) && !(name in notRun))).toEqual([]);
  expect(Object.keys(notRun).filter((name) => recorded.has(name))).toEqual([]);
});

test.each(foreignComponents.filter(({ name }) => recorded.has(name)).map((component) => [component.name, component] as const))('%s exposes what the catalogue says, with these types and labels', (name, { version, families }) => {
  const exposition = recorded.get(name)!;
  // Identity is set by the scrape of a federation, not by what is scraped.
  const own = families.map((family) => (name === 'scrape' ? { ...family, labels: family.labels.filter((label) => !(identityLabels as readonly string[]).includes(label)) } : family));
  const found = differences(own.filter((family) => !isUnseen(name, family.name)), exposition).filter(({ family, detail }) => !(`${name} ${family} ${detail}` in labelNotSeen));
  expect(found).toEqual([]);
  expect(exposition.version.startsWith(version.replace(/^v/, ''))).toBe(true);
  // A reason that does not hold any more goes.
  expect(families.filter((family) => isUnseen(name, family.name) && exposition.families[family.name])).toEqual([]);
});

test.each(['cert-exporter', 'net-exporter'])('%s exposes nothing that its own catalogue does not have', (name) => {
  const own = new Map(ownCatalogues.map((family) => [family.name, family]));
  const { families } = recorded.get(name)!;
  const prefix = `${name.replace('-', '_')}_`;
  expect(Object.keys(families).filter((family) => family.startsWith(prefix) && !own.has(family))).toEqual([]);
  expect(Object.entries(families).filter(([family, { type }]) => own.has(family) && own.get(family)!.type !== type).map(([family]) => family)).toEqual([]);
});

describe('a difference is found', () => {
  const text = '# TYPE a gauge\na{x="1",y="}"} 1\n# TYPE h histogram\nh_bucket{le="1",z="q"} 1\nh_sum{z="q"} 1\nh_count{z="q"} 1\nplain 3\n';
  const exposition: Exposition = { component: 'c', version: '1', families: familiesOf(text) };
  const family = (name: string, type: ForeignFamily['type'], labels: string[]): ForeignFamily => ({ name, type, labels, from: 'c', help: '' });
  test('the parser', () => expect(exposition.families).toEqual({ a: { type: 'gauge', labels: ['x', 'y'], series: 1 }, h: { type: 'histogram', labels: ['z'], series: 3 }, plain: { type: 'untyped', labels: [], series: 1 } }));
  test.each<[string, ForeignFamily, string[]]>([
    ['none', family('a', 'gauge', ['x', 'y']), []],
    ['name', family('b', 'gauge', []), ['not exposed']],
    ['type', family('a', 'counter', ['x', 'y']), ['type']],
    ['a label too many', family('a', 'gauge', ['x', 'y', 'w']), ['label that it does not have']],
    ['a label too few', family('h', 'histogram', []), ['label that is not catalogued']],
  ])('%s', (_, one, what) => expect(differences([one], exposition).map((difference) => difference.what)).toEqual(what));
});
