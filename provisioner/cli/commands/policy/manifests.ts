/** Kubernetes objects from files, folders or standard input, each with the file and line where it begins. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAll, YAMLException } from 'js-yaml';
import type { Source } from '../../../../policies/findings/finding.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';

export interface Manifest {
  readonly object: Readonly<Record<string, unknown>>;
  readonly source: Source;
}

/**
 * In the order of the arguments, in a folder by name; the items of a List as objects of their own. Empty documents, as Helm
 * leaves them, are left out.
 * @param paths files, folders (every .yaml, .yml and .json below), "-" for standard input; none means standard input
 * @throws CliError CLI_FILE_UNREADABLE, CLI_MANIFEST_BROKEN
 */
export async function readManifests(paths: readonly string[], context: Pick<CliContext, 'stdin'>): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths.length ? paths : ['-']) {
    for (const file of path === '-' ? ['-'] : await filesIn(path)) manifests.push(...manifestsOf(await textOf(file, context), file));
  }
  return manifests;
}

/** @throws CliError CLI_MANIFEST_BROKEN */
export function manifestsOf(text: string, file: string): Manifest[] {
  return documentsOf(text).flatMap(({ text: document, start, line }) => parse(document, { file, line: start }).flatMap((value) => objectsOf(value, { file, line })));
}

async function filesIn(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory() && /\.(ya?ml|json)$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name)).sort();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function textOf(file: string, { stdin }: Pick<CliContext, 'stdin'>): Promise<string> {
  if (file !== '-') return readFile(file, 'utf8').catch((cause: unknown) => Promise.reject(unreadable(file, cause)));
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const unreadable = (path: string, cause: unknown): CliError => new CliError('CLI_FILE_UNREADABLE', `cannot read ${path}; give files or folders with manifests, or - for standard input`, { cause });

/** A document begins at "---" in the first column, which no scalar can hold (YAML 1.2, 9.1.2). */
function documentsOf(text: string): { text: string; /** Line of the first character, and of the first field; from 1. */ start: number; line: number }[] {
  const lines = text.split('\n');
  const starts = [0, ...lines.flatMap((line, i) => (i > 0 && /^---(\s|$)/.test(line) ? [i] : []))];
  return starts.map((start, i) => {
    const own = lines.slice(start, starts[i + 1]);
    const first = own.findIndex((line) => line.trim() !== '' && !/^(---|#|%)/.test(line));
    return { text: own.join('\n'), start: start + 1, line: start + Math.max(first, 0) + 1 };
  });
}

function parse(text: string, { file, line = 1 }: Source): unknown[] {
  try {
    return loadAll(text, null, { filename: file });
  } catch (cause) {
    const at = cause instanceof YAMLException && cause.mark ? line + cause.mark.line : line;
    throw new CliError('CLI_MANIFEST_BROKEN', `${file}:${at} is no YAML (${cause instanceof YAMLException ? cause.reason : String(cause)}); a chart must be rendered first: helm template CHART | keelson policy …`, { cause });
  }
}

function objectsOf(value: unknown, source: Source): Manifest[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) throw new CliError('CLI_MANIFEST_BROKEN', `${source.file}:${source.line} is ${Array.isArray(value) ? 'a list' : `the ${typeof value} ${JSON.stringify(value).slice(0, 60)}`}, not a Kubernetes object; give manifests with apiVersion, kind and metadata`);
  const object = value as Record<string, unknown>;
  if (typeof object['apiVersion'] !== 'string' || typeof object['kind'] !== 'string') throw new CliError('CLI_MANIFEST_BROKEN', `${source.file}:${source.line} has no apiVersion and kind; give Kubernetes objects only`);
  const items = object['items'];
  if (!object['kind'].endsWith('List') || !Array.isArray(items)) return [{ object, source }];
  // A typed list ("PodList") leaves out the kind of its items.
  const kind = object['kind'].slice(0, -'List'.length);
  return items.flatMap((item) => objectsOf(kind && typeof item === 'object' && item !== null ? { apiVersion: object['apiVersion'], kind, ...item } : item, source));
}
