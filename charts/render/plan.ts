/** Every rendered file of the tree as it should be. Charts bring their parts as modules; nothing is registered anywhere. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { alertWaysPage } from './alert-ways-page.ts';
import { apiPages } from './api-pages.ts';
import { boardsPage } from './boards-page.ts';
import type { ChartModule, RenderContext } from './chart-module.ts';
import { exporterPages } from './exporter-pages.ts';
import { monitoringPages, runbookPages } from './monitoring-pages.ts';
import { mark, marked } from './tree.ts';
import { valuesPage } from './values-page.ts';
import { valuesSchema } from './values-schema.ts';
import { valuesYaml } from './values-yaml.ts';

/** Helm would put every other file of a chart into the Secret of each release. */
const helmIgnore = `# ${mark}\n*.ts\n*.md\n.helmignore\n`;

export interface Plan {
  /** Path from root → content as it goes to disk. */
  readonly files: ReadonlyMap<string, string>;
  /** Folders in which a marked file that is not in `files` is stale. */
  readonly folders: readonly string[];
}

/** @throws Error that names the chart whose module cannot be loaded or rendered. */
export async function plan(root: string, context: RenderContext): Promise<Plan> {
  const files = new Map<string, string>();
  const add = (path: string, content: string): void => {
    if (files.has(path)) throw new Error(`${path} is rendered twice`);
    files.set(path, marked(path, content));
  };
  const charts = await chartNames(root);
  for (const chart of charts) {
    try {
      for (const [path, content] of await chartFiles(root, chart, context)) add(path, content);
    } catch (error) {
      throw new Error(`render chart ${chart}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  for (const [name, content] of Object.entries({ ...apiPages(), ...exporterPages(), ...monitoringPages(), ...alertWaysPage(), ...boardsPage() })) add(`docs/reference/${name}`, content);
  for (const [name, content] of Object.entries(runbookPages())) add(`docs/runbooks/${name}`, content);
  return { files, folders: [...charts.map((chart) => `charts/${chart}`), 'docs/reference', 'docs/runbooks'] };
}

async function chartNames(root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'charts'), { withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory() && (await exists(join(root, 'charts', entry.name, 'values.ts')))) names.push(entry.name);
  }
  return names.sort();
}

async function chartFiles(root: string, chart: string, context: RenderContext): Promise<[string, string][]> {
  const { values } = await load(root, chart, 'values.ts');
  if (!values) throw new Error('values.ts exports no `values`');
  const schema = valuesSchema(values);
  const { derived, pages } = (await exists(join(root, 'charts', chart, 'derived.ts'))) ? await load(root, chart, 'derived.ts') : {};
  return [
    [`charts/${chart}/values.schema.json`, JSON.stringify(schema, undefined, 2)],
    [`charts/${chart}/values.yaml`, valuesYaml(values)],
    [`charts/${chart}/.helmignore`, helmIgnore],
    [`docs/reference/chart-${chart}.md`, valuesPage(chart, schema)],
    ...Object.entries((await derived?.(context)) ?? {}).map(([path, content]): [string, string] => [`charts/${chart}/${path}`, content]),
    ...Object.entries((await pages?.(context)) ?? {}).map(([path, content]): [string, string] => [`docs/reference/${path}`, content]),
  ];
}

async function load(root: string, chart: string, file: string): Promise<ChartModule> {
  return (await import(pathToFileURL(join(root, 'charts', chart, file)).href)) as ChartModule;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
