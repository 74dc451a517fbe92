/** The files of a chart, from a folder or an archive. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Parser } from 'tar';
import { parse } from 'yaml';
import { z } from 'zod';
import { HelmError } from './errors.ts';
import type { Values } from './values.ts';

/** Relative path → content, sorted by path. Empty where there is no such folder. */
export type ChartFiles = ReadonlyMap<string, Buffer>;

/** Unpacked, in bytes: an archive of a few kilobytes can hold gigabytes of zeros. */
const unpackedLimit = 128 * 1024 * 1024;

/** @param path a folder or a .tgz */
export async function readChart(path: string): Promise<ChartFiles> {
  return path.endsWith('.tgz') ? await readArchive(path) : await readFolder(path);
}

const metadata = z.looseObject({ name: z.string(), version: z.string(), description: z.string().optional(), appVersion: z.coerce.string().optional() });
export type ChartMetadata = z.infer<typeof metadata>;

/** What Chart.yaml says; undefined where there is none or it says nothing. */
export function chartMetadata(files: ChartFiles): ChartMetadata | undefined {
  const read = metadata.safeParse(parse(files.get('Chart.yaml')?.toString('utf8') ?? ''));
  return read.success ? read.data : undefined;
}

/** The chart's own values. @throws {HelmError} HELM_CHART_INVALID */
export function chartDefaults(files: ChartFiles): Values {
  const text = files.get('values.yaml')?.toString('utf8') ?? '';
  const read: unknown = parse(text) ?? {};
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new HelmError('HELM_CHART_INVALID', 'values.yaml of the chart is no mapping; correct the chart');
  return read as Values;
}

async function readFolder(folder: string): Promise<ChartFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(folder.length + 1)).sort();
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(join(folder, path))] as const)));
}

/** The first part of every path in an archive is the chart's name. Nothing is written to disk, so that paths that lead elsewhere lead nowhere. */
async function readArchive(path: string): Promise<ChartFiles> {
  const archive = await readFile(path);
  const files = new Map<string, Buffer>();
  let bytes = 0;
  await new Promise<void>((done, fail) => {
    const parser = new Parser({ strict: true });
    parser.on('entry', (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > unpackedLimit) fail(new HelmError('HELM_CHART_INVALID', `the chart unpacks to more than ${unpackedLimit} bytes`));
        else chunks.push(chunk);
      });
      entry.on('end', () => {
        if (entry.type === 'File') files.set(entry.path.split('/').slice(1).join('/'), Buffer.concat(chunks));
      });
    });
    parser.on('error', (cause: Error) => fail(new HelmError('HELM_CHART_INVALID', `the chart's archive cannot be read: ${cause.message}`, { cause })));
    parser.on('end', () => done());
    parser.end(archive);
  });
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
