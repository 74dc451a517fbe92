/** `npm run render`: writes the rendered files of the tree, or with --check lists those that would differ and exits 1. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { plan, type Plan } from './plan.ts';
import { differences, type Difference } from './tree.ts';

const root = join(import.meta.dirname, '../..');
const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

try {
  const rendered = await plan(root, { env: process.env });
  const found = await differences(root, rendered.files, rendered.folders);
  for (const difference of found) {
    console.log(`${options.check ? difference.kind : difference.kind === 'stale' ? 'removed' : 'written'} ${difference.path}`);
    if (!options.check) await write(rendered, difference);
  }
  console.log(`${rendered.files.size} files rendered, ${found.length} ${options.check ? 'differ' : 'changed'}${options.check && found.length ? '; run: npm run render' : ''}`);
  process.exitCode = options.check && found.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function write({ files }: Plan, { path, kind }: Difference): Promise<void> {
  if (kind === 'stale') return rm(join(root, path));
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), files.get(path) ?? '');
}
