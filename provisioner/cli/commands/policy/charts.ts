/** Manifests from what a person has at hand: files, folders, standard input, and charts, which Helm renders. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, type ReadManifest } from '../../../../policies/network/world/manifest.ts';
import { Helm } from '../../../helm/index.ts';
import type { CliContext } from '../../context.ts';
import { manifestsOf, readManifests } from './manifests.ts';

export interface ChartOptions {
  /** Namespace that charts are rendered for. */
  readonly namespace: string;
  /** Default: that of the sandbox's tools where it is there, else of the image. */
  readonly helm?: string;
}

/** @throws CliError CLI_FILE_UNREADABLE, CLI_MANIFEST_BROKEN; NetworkError NETWORK_BAD_MANIFEST; HelmError when a chart cannot be rendered */
export async function readWithCharts(paths: readonly string[], context: CliContext, options: ChartOptions): Promise<readonly ReadManifest[]> {
  const found = await Promise.all(paths.map((path) => (existsSync(join(path, 'Chart.yaml')) ? rendered(path, context, options) : readManifests([path], context))));
  return found.flat().map(({ object, source }) => readManifest(object, source));
}

async function rendered(chart: string, context: CliContext, { namespace, helm }: ChartOptions): Promise<ReturnType<typeof manifestsOf>> {
  const release = chart.replace(/\/+$/, '').split('/').at(-1) ?? 'release';
  return manifestsOf(await new Helm({ binary: helm ?? helmOf(context) }).template({ release, namespace, chart, signal: context.signal }), chart);
}

/** The Helm of the sandbox's tools where it is there, else that of the image. */
export function helmOf({ env, home }: CliContext): string {
  const tool = join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'keelson', 'tools', 'bin', 'helm');
  return existsSync(tool) ? tool : '/usr/local/bin/helm';
}
