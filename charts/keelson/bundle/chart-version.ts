/** The exact version of a chart that ships with Keelson: of ours from its Chart.yaml, of others from the pin. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type UpstreamChart, upstreamCharts } from '../../render/upstream/charts.ts';

/** @throws Error where there is no such chart */
export function chartVersion(name: string): string {
  const upstream = (upstreamCharts as Readonly<Record<string, UpstreamChart>>)[name];
  if (upstream) return upstream.version;
  const { version } = parse(readFileSync(join(import.meta.dirname, '../..', name, 'Chart.yaml'), 'utf8')) as { readonly version: string };
  return version;
}
