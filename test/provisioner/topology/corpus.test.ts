import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { classObjects, classOutput } from '../../../provisioner/topology/class/objects.ts';
import { classVersions } from '../../../provisioner/topology/class/versions.ts';
import type { TopologyRequest } from '../../../provisioner/topology/extension/hooks.ts';
import { generatePatches } from '../../../provisioner/topology/patches/generate.ts';
import { requestOf } from '../../../provisioner/topology/published/samples.ts';
import { withLaterClasses } from './later-classes.ts';

/** Recorded once, by hand, when a version of the class was finished; a difference means a new version, see docs/decisions/0020. */
const corpora = join(import.meta.dirname, '../../fixtures/topology');

describe.each(classVersions)('$name', (version) => {
  const corpus = join(corpora, version.name);
  const cases = readdirSync(corpus).filter((name) => name.endsWith('.json'));
  const read = (name: string): { request: TopologyRequest; patches: Record<string, unknown> } => JSON.parse(readFileSync(join(corpus, name), 'utf8')) as { request: TopologyRequest; patches: Record<string, unknown> };

  test.each(cases)('the patches of %s are byte for byte what was published', (name) => {
    const { request, patches } = read(name);
    const items = generatePatches(request, version).items ?? [];
    const text = Object.fromEntries(items.map(({ uid, patch }) => [uid, Buffer.from(patch, 'base64').toString()]));
    expect(Object.keys(text)).toEqual(Object.keys(patches));
    for (const [uid, patch] of Object.entries(patches)) expect(text[uid]).toBe(JSON.stringify(patch));
  });

  test('what a newer Cluster API might add changes no answer, and neither does asking twice', () => {
    const { request } = read('everything.json');
    const cluttered = { ...request, apiVersion: 'x', later: {}, variables: [...(request.variables ?? []), { name: 'unknown', value: 1 }], items: request.items.map((item) => ({ ...item, later: true, object: { ...item.object, metadata: {}, spec: {} } })) };
    expect(generatePatches(cluttered, version)).toEqual(generatePatches(request, version));
    expect(JSON.stringify(generatePatches(request, version))).toBe(JSON.stringify(generatePatches(request, version)));
  });

  test('class and templates are byte for byte what was published', () => {
    const rendered = classObjects([version]).map((object) => stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
    expect(rendered).toBe(readFileSync(join(corpus, 'class.yaml'), 'utf8'));
  });

  test('the samples whose answers are the digest of the class are those of the corpus', () => {
    expect(cases.map((name) => name.replace('.json', '')).sort()).toEqual(expect.arrayContaining(Object.keys(version.samples).sort()));
    for (const [name, sample] of Object.entries(version.samples)) expect(JSON.stringify(read(`${name}.json`).request)).toBe(JSON.stringify(requestOf(sample)));
  });

  test('the digest stands in the class, and does not depend on how often it is asked for', () => {
    expect(JSON.stringify(classObjects([version]))).toContain(`"settings":{"output":"${classOutput(version)}"}`);
    expect(classOutput(version)).toBe(classOutput(version));
  });
});

test('a changed default is another digest, in a class of its own name with templates of its own', () => {
  expect(new Set(withLaterClasses.map(classOutput)).size).toBe(withLaterClasses.length);
  const names = classObjects(withLaterClasses).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(classObjects(withLaterClasses).slice(0, classObjects().length)).toEqual(classObjects());
});
