/** Sources of pinned Go modules: they carry the CRDs, webhooks and roles that belong to the tools built from them. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ToolsError } from './errors.ts';
import { families } from './families.ts';
import { buildError, findGo, goEnvironment } from './go.ts';
import type { FamilyName } from './pins.ts';
import { runGroup } from './process-group.ts';

export interface ModuleOptions {
  /** Keelson's cache; see `cacheDirectory`. */
  readonly cacheDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** The folder with one folder per family; this one unless a test says otherwise. */
  readonly source?: string;
}

/**
 * The folder with a module's files, in the version that the family's go.mod pins; fetched, and checked against go.sum, when
 * it is not there yet. Read only.
 * @param module module path: "sigs.k8s.io/cluster-api"
 * @throws ToolsError TOOLS_UNKNOWN for a module that the family does not pin; TOOLS_GO_MISSING, TOOLS_MODULE_UNREACHABLE
 */
export async function ensureModule(family: FamilyName, module: string, options: ModuleOptions): Promise<string> {
  const folder = families.find((candidate) => candidate.name === family)?.folder ?? family;
  const source = join(options.source ?? import.meta.dirname, folder);
  const pinned = pinnedModule(await readFile(join(source, 'go.mod'), 'utf8'), module);
  if (!pinned) throw new ToolsError('TOOLS_UNKNOWN', `${module} is not pinned in ${join(source, 'go.mod')}: add it there`);
  const target = join(options.cacheDir, 'go-mod', escapePath(`${pinned.path}@${pinned.version}`));
  if (await stat(target).catch(() => undefined)) return target;
  await mkdir(options.cacheDir, { recursive: true });
  const go = await findGo(options.environment);
  const environment = goEnvironment(options.environment, options.cacheDir, options.cacheDir);
  const result = await runGroup([go, 'mod', 'download', module], { cwd: source, environment, signal: options.signal });
  if (result.code !== 0) throw buildError(`${module} ${pinned.version}`, source, result.output);
  return target;
}

/** Path and version that a go.mod gives a module, after its `replace` lines (those with a version; go.dev/ref/mod#go-mod-file-replace). */
export function pinnedModule(goMod: string, module: string): { readonly path: string; readonly version: string } | undefined {
  const lines = goMod.split('\n').map((line) => line.replace(/\/\/.*/, '').replace(/^\s*(require|replace)\s/, '').trim().split(/\s+/));
  const own = lines.filter(([path]) => path === module);
  const replacement = own.find((words) => words.includes('=>') && words.at(-1)?.startsWith('v'));
  if (replacement) return { path: replacement.at(-2) ?? module, version: replacement.at(-1) ?? '' };
  const version = own.find((words) => words.length === 2)?.[1];
  return version === undefined ? undefined : { path: module, version };
}

/** Upper-case letters are written as ! and the lower-case letter (go.dev/ref/mod#goproxy-protocol). */
function escapePath(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}
