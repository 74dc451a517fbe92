/** `npm run render`: writes the rendered files of the tree, or with --check lists those that would differ and exits 1. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { plan } from './plan.ts';
import { differences } from './tree.ts';

const root = join(import.meta.dirname, '../..');
const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const { files, folders } = await plan(root, { env: process.env });
const found = await differences(root, files, folders);
for (const { path, kind } of found) {
  console.log(`${options.check ? kind : kind === 'stale' ? 'removed' : 'written'} ${path}`);
  if (options.check) continue;
  if (kind === 'stale') {
    await rm(join(root, path));
    continue;
  }
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), files.get(path) ?? '');
}
console.log(`${files.size} files rendered, ${found.length} ${options.check ? 'differ; run: npm run render' : 'changed'}`);
process.exitCode = options.check && found.length > 0 ? 1 : 0;
