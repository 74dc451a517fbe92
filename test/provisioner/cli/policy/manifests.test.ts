import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { manifestsOf, readManifests } from '../../../../provisioner/cli/commands/policy/manifests.ts';

const names = (manifests: { object: Readonly<Record<string, unknown>> }[]): unknown[] => manifests.map(({ object }) => (object['metadata'] as { name?: string } | undefined)?.name ?? object['kind']);
const stdin = (text: string) => ({ stdin: (async function* () { yield Buffer.from(text.slice(0, 7)); yield text.slice(7); })() });
const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\n`;

describe('one text', () => {
  test('each document begins at the line of its first field', () => {
    const text = `# a comment\n${pod('a')}---\n# Source: chart/templates/b.yaml\n${pod('b')}--- # third\n\n${pod('c')}`;
    expect(manifestsOf(text, 'f.yaml').map(({ object, source }) => [(object['metadata'] as { name: string }).name, source.line])).toEqual([['a', 2], ['b', 7], ['c', 12]]);
  });
  test('empty documents are nothing', () => expect(manifestsOf(`---\n# only a comment\n---\n\n---\n${pod('a')}---\n`, 'f')).toHaveLength(1));
  test('three dashes inside a block scalar do not end it', () => {
    const [one, ...others] = manifestsOf(`apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n  x: |\n    ---\n    y\n`, 'f');
    expect(others).toEqual([]);
    expect(one!.object['data']).toEqual({ x: '---\ny\n' });
  });
  test('a list is its items, a typed list too', () => {
    expect(names(manifestsOf(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'b' } }] }] }), 'f.json'))).toEqual(['a', 'b']);
    expect(manifestsOf('{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"b"}}]}', 'f.json')[0]!.object['kind']).toBe('Pod');
  });
  test.each([
    [`${pod('a')}---\nkind: Pod\n  bad: indent\n`, 'f.yaml:6 is no YAML'],
    ['- a\n- b\n', 'f.yaml:1 is a list, not a Kubernetes object'],
    ['hello', 'f.yaml:1 is the string "hello"'],
    ['a: 1', 'f.yaml:1 has no apiVersion and kind'],
    ['name: {{ .Values.name }}\n', 'a chart must be rendered first'],
  ])('%j is refused with its place', (text, message) => expect(() => manifestsOf(text, 'f.yaml')).toThrow(message));
});

describe('where they come from', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-manifests-'));
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'b.yml'), pod('b'));
    await writeFile(join(folder, 'a.yaml'), pod('a'));
    await writeFile(join(folder, 'sub', 'c.json'), '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}');
    await writeFile(join(folder, 'notes.txt'), 'not: read');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('a folder, by name and below', async () => expect(names(await readManifests([folder], stdin('')))).toEqual(['a', 'b', 'c']));
  test('arguments in their order, standard input where - stands', async () => expect(names(await readManifests([join(folder, 'b.yml'), '-', join(folder, 'a.yaml')], stdin(pod('in'))))).toEqual(['b', 'in', 'a']));
  test('nothing given is standard input', async () => expect(names(await readManifests([], stdin(pod('in'))))).toEqual(['in']));
  test('a file that is not there', () => expect(readManifests([join(folder, 'none.yaml')], stdin(''))).rejects.toMatchObject({ code: 'CLI_FILE_UNREADABLE', message: expect.stringContaining('none.yaml; give files or folders') }));
});
