import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { classObjects } from '../../../provisioner/topology/class/objects.ts';
import type { TopologyRequest } from '../../../provisioner/topology/extension/hooks.ts';
import { generatePatches } from '../../../provisioner/topology/patches/generate.ts';

const corpus = join(import.meta.dirname, '../../fixtures/topology/openstack-v1');
const cases = readdirSync(corpus).filter((name) => name.endsWith('.json'));

test.each(cases)('the patches of %s are byte for byte what was published', (name) => {
  const { request, items } = JSON.parse(readFileSync(join(corpus, name), 'utf8')) as { request: TopologyRequest; items: unknown };
  expect(JSON.stringify(generatePatches(request).items)).toBe(JSON.stringify(items));
});

test('class and templates are byte for byte what was published', () => {
  const rendered = classObjects().map((object) => stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
  expect(rendered).toBe(readFileSync(join(corpus, 'class.yaml'), 'utf8'));
});
