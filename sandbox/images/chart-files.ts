/** The charts as the image carries them: what Helm reads, not what renders them. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { upstreamChartFolder, type UpstreamChartName, upstreamCharts } from '../../charts/render/upstream/charts.ts';
import type { Entry } from './layer.ts';

/** Every folder of `charts/` with a Chart.yaml, below /charts; but for the umbrella, whose parts the operator installs one by one. */
export async function chartFiles(repository: string): Promise<Entry[]> {
  const charts = join(repository, 'charts');
  const files = (await readdir(charts, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(charts, join(entry.parentPath, entry.name)));
  const names = new Set(files.map((file) => /^([^/]+)\/Chart\.yaml$/.exec(file)?.[1]).filter((name) => name !== undefined));
  return files
    .filter((file) => names.has(file.split('/')[0] ?? '') && !file.startsWith('addons/') && !/\.(ts|md)$/.test(file))
    .sort()
    .map((file) => ({ path: `charts/${file}`, mode: 0o644, content: { file: join(charts, file) } }));
}

/** Charts of others that the bundle names, from their pinned modules. @throws Error where a module cannot be had */
export async function upstreamChartFiles(env: NodeJS.ProcessEnv): Promise<Entry[]> {
  const entries = await Promise.all(Object.keys(upstreamCharts).sort().map(async (name) => {
    const folder = await upstreamChartFolder(name as UpstreamChartName, env);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    return files.filter((file) => !/(\.md|\.gotmpl|values\.yaml\.tmpl)$/.test(file)).sort().map((file): Entry => ({ path: `charts/${name}/${file}`, mode: 0o644, content: { file: join(folder, file) } }));
  }));
  return entries.flat();
}
