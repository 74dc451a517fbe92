/** Finds the chart an App names and tells its content apart from any other by a digest. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { OperatorError } from '../errors.ts';

export interface Chart {
  /** A folder, or an OCI reference that Helm fetches. */
  readonly path: string;
  readonly version: string;
  /** To pass on to Helm; a folder has the version it has. */
  readonly fetchVersion?: string;
  /** sha256 of everything in the chart; for an OCI reference, of reference and version. */
  readonly digest: string;
}

const chartName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const metadata = z.object({ version: z.string() });

/** @throws {OperatorError} CHART_NOT_FOUND */
export async function findChart(chartsDir: string, spec: { readonly chart: string; readonly version?: string | undefined }): Promise<Chart> {
  const { chart, version } = spec;
  if (chart.startsWith('oci://')) {
    if (version === undefined) throw new OperatorError('CHART_NOT_FOUND', `chart ${chart} needs a version; set spec.version`);
    return { path: chart, version, fetchVersion: version, digest: digest([['reference', chart], ['version', version]]) };
  }
  if (!chartName.test(chart)) throw new OperatorError('CHART_NOT_FOUND', `"${chart}" is neither the name of a chart nor an OCI reference; correct spec.chart`);
  const path = join(chartsDir, chart);
  const files = await readChart(path);
  const found = metadata.safeParse(parse(files.get('Chart.yaml')?.toString('utf8') ?? ''));
  if (!found.success) throw new OperatorError('CHART_NOT_FOUND', `chart ${chart} does not ship with this Keelson; correct spec.chart`);
  if (version !== undefined && version !== found.data.version) {
    throw new OperatorError('CHART_NOT_FOUND', `chart ${chart} ships in version ${found.data.version}, not ${version}; correct or remove spec.version`);
  }
  return { path, version: found.data.version, digest: digest(files) };
}

/** Relative path → content, sorted by path. Empty where there is no such folder. */
async function readChart(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(folder.length + 1)).sort();
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

function digest(parts: Iterable<readonly [string, string | Buffer]>): string {
  const hash = createHash('sha256');
  for (const [name, content] of parts) hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest('hex');
}

/** What a release is made of: the same digest needs no Helm. Key order in values means nothing. */
export function releaseDigest(chart: Chart, o: { readonly release: string; readonly namespace: string; readonly values: unknown }): string {
  return `sha256:${digest([['chart', chart.digest], ['release', `${o.namespace}/${o.release}`], ['values', JSON.stringify(sorted(o.values))]])}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
