/** The charts as the image carries them: what Helm reads, not what renders them. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Entry } from './layer.ts';

/** Every folder of `charts/` with a Chart.yaml, below /charts. */
export async function chartFiles(repository: string): Promise<Entry[]> {
  const charts = join(repository, 'charts');
  const files = (await readdir(charts, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(charts, join(entry.parentPath, entry.name)));
  const names = new Set(files.map((file) => /^([^/]+)\/Chart\.yaml$/.exec(file)?.[1]).filter((name) => name !== undefined));
  return files
    .filter((file) => names.has(file.split('/')[0] ?? '') && !/\.(ts|md)$/.test(file))
    .sort()
    .map((file) => ({ path: `charts/${file}`, mode: 0o644, content: { file: join(charts, file) } }));
}
