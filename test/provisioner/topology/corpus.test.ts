import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { classObjects, classOutput } from '../../../provisioner/topology/class/objects.ts';
import type { TopologyRequest } from '../../../provisioner/topology/extension/hooks.ts';
import { generatePatches } from '../../../provisioner/topology/patches/generate.ts';
import { requestOf, samples } from '../../../provisioner/topology/published/samples.ts';

/** Recorded once, by hand, when the class was finished; a difference means a new class, see docs/decisions/0020. */
const corpus = join(import.meta.dirname, '../../fixtures/topology/openstack-v1');
const cases = readdirSync(corpus).filter((name) => name.endsWith('.json'));
const read = (name: string): { request: TopologyRequest; patches: Record<string, unknown> } => JSON.parse(readFileSync(join(corpus, name), 'utf8')) as { request: TopologyRequest; patches: Record<string, unknown> };

test.each(cases)('the patches of %s are byte for byte what was published', (name) => {
  const { request, patches } = read(name);
  const items = generatePatches(request).items ?? [];
  const text = Object.fromEntries(items.map(({ uid, patch }) => [uid, Buffer.from(patch, 'base64').toString()]));
  expect(Object.keys(text)).toEqual(Object.keys(patches));
  for (const [uid, patch] of Object.entries(patches)) expect(text[uid]).toBe(JSON.stringify(patch));
});

test('what a newer Cluster API might add changes no answer, and neither does asking twice', () => {
  const { request } = read('everything.json');
  const cluttered = { ...request, apiVersion: 'x', later: {}, variables: [...(request.variables ?? []), { name: 'unknown', value: 1 }], items: request.items.map((item) => ({ ...item, later: true, object: { ...item.object, metadata: {}, spec: {} } })) };
  expect(generatePatches(cluttered)).toEqual(generatePatches(request));
  expect(JSON.stringify(generatePatches(request))).toBe(JSON.stringify(generatePatches(request)));
});

test('class and templates are byte for byte what was published', () => {
  const rendered = classObjects().map((object) => stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
  expect(rendered).toBe(readFileSync(join(corpus, 'class.yaml'), 'utf8'));
});

test('the samples whose answers are the digest of the class are those of the corpus', () => {
  expect(cases.map((name) => name.replace('.json', '')).sort()).toEqual(expect.arrayContaining(Object.keys(samples).sort()));
  for (const [name, sample] of Object.entries(samples)) expect(JSON.stringify(read(`${name}.json`).request)).toBe(JSON.stringify(requestOf(sample)));
});

test('the digest stands in the class, and does not depend on how often it is asked for', () => {
  expect(JSON.stringify(classObjects())).toContain(`"settings":{"output":"${classOutput()}"}`);
  expect(classOutput()).toBe(classOutput());
});
