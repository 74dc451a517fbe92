import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences, marked } from '../../../charts/render/tree.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'keelson-render-'));
  await mkdir(join(root, 'charts/a/templates'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

test('a tree that holds the wanted files has no differences', async () => {
  const content = marked('charts/a/values.yaml', 'a: 1\n');
  await writeFile(join(root, 'charts/a/values.yaml'), content);
  expect(await differences(root, new Map([['charts/a/values.yaml', content]]), ['charts/a'])).toEqual([]);
});

test('changed, missing and stale files are told apart; hand-written files are left alone', async () => {
  await writeFile(join(root, 'charts/a/values.yaml'), 'edited');
  await writeFile(join(root, 'charts/a/templates/old.yaml'), marked('old.yaml', 'kind: Old'));
  await writeFile(join(root, 'charts/a/templates/hand.yaml'), 'kind: Hand');
  const wanted = new Map([['charts/a/values.yaml', 'x'], ['charts/a/values.schema.json', '{}']]);
  expect(await differences(root, wanted, ['charts/a', 'docs/reference'])).toEqual([
    { path: 'charts/a/templates/old.yaml', kind: 'stale' },
    { path: 'charts/a/values.schema.json', kind: 'missing' },
    { path: 'charts/a/values.yaml', kind: 'changed' },
  ]);
});
