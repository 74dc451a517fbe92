/** Where charts and the bundle of this Keelson are: in its image below /charts, in a checkout in its tree and in pinned modules. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamChartFolder, type UpstreamChartName, upstreamCharts } from '../../../../charts/render/upstream/charts.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';

export function chartsDirOf({ repository }: CliContext, given: string | undefined): string {
  if (given !== undefined) return given;
  const inCheckout = join(repository, 'charts');
  return existsSync(join(inCheckout, 'keelson')) ? inCheckout : '/charts';
}

/** @throws CliError CLI_FILE_UNREADABLE; Error where a module cannot be had */
export async function chartFolder(chartsDir: string, chart: string, context: CliContext): Promise<string> {
  const folder = join(chartsDir, chart);
  if (existsSync(join(folder, 'Chart.yaml'))) return folder;
  if (chart in upstreamCharts) return await upstreamChartFolder(chart as UpstreamChartName, context.env);
  throw new CliError('CLI_FILE_UNREADABLE', `the bundle names the chart ${chart}, and ${folder} is none; give --charts-dir`);
}

/** The newest of those that come with this Keelson. @throws CliError CLI_FILE_UNREADABLE */
export async function ownBundleFile(chartsDir: string): Promise<string> {
  const folder = join(chartsDir, 'keelson/files/bundles');
  const files = await readdir(folder).catch(() => []);
  const last = files.filter((name) => name.endsWith('.yaml')).sort().at(-1);
  if (last === undefined) throw new CliError('CLI_FILE_UNREADABLE', `${folder} holds no ClusterBundle; give --bundle FILE or --charts-dir`);
  return join(folder, last);
}
