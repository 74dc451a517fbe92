/**
 * Every tool asked for, in one folder: from KEELSON_TOOLS_DIR, else from PATH in the pinned version, else from the cache,
 * else built with Go. May be interrupted at any time and run again: families that were finished are kept.
 */
import { join } from 'node:path';
import { ToolsError } from './errors.ts';
import { ensureFamilies } from './cached-families.ts';
import { families } from './families.ts';
import { fromFolder, fromPath, printedVersion } from './installed.ts';
import { linkAll } from './links.ts';
import { tools, type Tool, type ToolName } from './pins.ts';
import type { Catalogue, EnsureOptions, ResolvedTool, ToolSet } from './tool-set.ts';

/** The tables of this folder. */
export const pinnedCatalogue: Catalogue = { families, tools, source: import.meta.dirname };

/** @throws ToolsError; the signal's reason */
export async function ensureTools(options: EnsureOptions): Promise<ToolSet> {
  const wanted = wantedTools(options.names, options.catalogue ?? pinnedCatalogue);
  const toolsRoot = join(options.cacheDir, 'tools');
  const installed = new Map<ToolName, ResolvedTool>();
  for (const tool of wanted) {
    const found = await installedTool(tool, toolsRoot, options);
    if (found) installed.set(tool.name, found);
  }
  const familyNames = new Set(wanted.filter((tool) => !installed.has(tool.name)).map((tool) => tool.family));
  const cached = await ensureFamilies([...familyNames], options.catalogue ?? pinnedCatalogue, options);

  const resolved = wanted.map((tool): ResolvedTool => {
    const family = cached.get(tool.family);
    return installed.get(tool.name) ?? { name: tool.name, version: tool.version, source: family?.built ? 'built' : 'cache', file: join(family?.folder ?? '', tool.name) };
  });
  const directory = join(toolsRoot, options.folder ?? 'bin');
  await linkAll(resolved, directory);
  return {
    directory,
    tools: resolved,
    built: [...cached].flatMap(([family, { built }]) => (built ? [{ family, cpuSeconds: built.cpuSeconds, wallSeconds: built.wallSeconds, bytes: built.bytes }] : [])),
    path: (name) => {
      if (!resolved.some((tool) => tool.name === name)) throw new ToolsError('TOOLS_UNKNOWN', `${name} is not among the tools asked for (${resolved.map((tool) => tool.name).join(', ')})`);
      return join(directory, name);
    },
  };
}

/** `${XDG_CACHE_HOME:-~/.cache}/keelson`. @throws ToolsError TOOLS_DIRECTORY when neither variable is set */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = environment;
  if (cache) return join(cache, 'keelson');
  if (home) return join(home, '.cache', 'keelson');
  throw new ToolsError('TOOLS_DIRECTORY', 'neither XDG_CACHE_HOME nor HOME is set: set one of them, the tools are kept below it');
}

function wantedTools(names: readonly ToolName[] | undefined, catalogue: Catalogue): readonly Tool[] {
  if (!names) {
    const onDemand = new Set(catalogue.families.filter((family) => family.onDemand).map((family) => family.name));
    return catalogue.tools.filter((tool) => !onDemand.has(tool.family));
  }
  const known = new Map(catalogue.tools.map((tool) => [tool.name, tool]));
  return [...new Set(names)].map((name) => {
    const tool = known.get(name);
    if (!tool) throw new ToolsError('TOOLS_UNKNOWN', `there is no tool named ${name}; there are ${[...known.keys()].join(', ')}`);
    return tool;
  });
}

async function installedTool(tool: Tool, toolsRoot: string, options: EnsureOptions): Promise<ResolvedTool | undefined> {
  const own = options.toolsDir === undefined ? undefined : await fromFolder(tool, options.toolsDir);
  if (own !== undefined) {
    const version = tool.versionArguments && (await printedVersion(own, tool.versionArguments, options.signal));
    return { name: tool.name, version: version ?? 'unknown', source: 'directory', file: own };
  }
  const onPath = await fromPath(tool, options.path, toolsRoot, options.signal);
  return onPath === undefined ? undefined : { name: tool.name, version: tool.version, source: 'path', file: onPath };
}
