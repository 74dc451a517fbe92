/** Families of tools in the cache; those that are missing or damaged are built, one after the other, by one process at a time. */
import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { buildFamily, builtNames, checkDisk } from './build.ts';
import { inspect, type CacheState, type Manifest } from './cache.ts';
import { ToolsError } from './errors.ts';
import { estimate, type Estimate } from './estimate.ts';
import { familyFolder, type Family } from './families.ts';
import { checkGo, findGo, goEnvironment } from './go.ts';
import { printedVersion } from './installed.ts';
import { familyKey, goPlatform } from './key.ts';
import { acquireLock } from './lock.ts';
import type { FamilyName } from './pins.ts';
import { duration } from './progress.ts';
import type { Catalogue, EnsureOptions } from './tool-set.ts';

/** How often a build under way reports itself. */
const tickMs = 1000;

export interface CachedFamily {
  readonly folder: string;
  /** Set when this call built it. */
  readonly built?: Manifest;
}

/** @throws ToolsError; the signal's reason */
export async function ensureFamilies(names: readonly FamilyName[], catalogue: Catalogue, options: EnsureOptions): Promise<ReadonlyMap<FamilyName, CachedFamily>> {
  const wanted = catalogue.families.filter((family) => names.includes(family.name));
  const folders = new Map<Family, string>();
  for (const family of wanted) {
    const key = await familyKey(family, familyFolder(family, catalogue.source), goPlatform(process.platform, process.arch));
    folders.set(family, join(options.cacheDir, 'tools', key));
  }
  const isMissing = await Promise.all([...folders].map(async ([family, folder]) => (await stateOf(family, folder, options)).kind !== 'present'));
  const missing = wanted.filter((_, i) => isMissing[i]);
  const built = missing.length > 0 ? await buildMissing(missing, folders, catalogue, options) : new Map<Family, Manifest>();
  return new Map(
    [...folders].map(([family, folder]) => {
      const manifest = built.get(family);
      return [family.name, manifest ? { folder, built: manifest } : { folder }] as const;
    }),
  );
}

/** @throws ToolsError TOOLS_SUM_MISMATCH for a damaged family that may not be built again */
async function stateOf(family: Family, folder: string, options: EnsureOptions): Promise<CacheState> {
  const state = await inspect(folder, builtNames(family), options.signal);
  if (state.kind !== 'damaged') return state;
  if (options.allowBuild === false) throw new ToolsError('TOOLS_SUM_MISMATCH', `${state.file} ${state.reason}: remove ${folder} and let the tools be built again`);
  options.progress?.({ kind: 'damaged', file: state.file, reason: state.reason });
  return state;
}

async function buildMissing(missing: readonly Family[], folders: ReadonlyMap<Family, string>, catalogue: Catalogue, options: EnsureOptions): Promise<Map<Family, Manifest>> {
  const work = estimate(missing, availableParallelism());
  const list = missing.map((family) => family.name);
  if (options.allowBuild === false) {
    throw new ToolsError('TOOLS_BUILD_REFUSED', `not in the cache: ${list.join(', ')}: run "node sandbox/tools/main.ts" (${duration(work.remaining())}), or set KEELSON_TOOLS_DIR`);
  }
  const toolsRoot = join(options.cacheDir, 'tools');
  const goFile = await findGo(options.environment);
  await checkDisk(toolsRoot, missing.reduce((sum, family) => sum + family.sizeMb + family.scratchMb, 0));
  options.progress?.({ kind: 'plan', families: list, estimateSeconds: work.remaining() });

  const scratch = join(toolsRoot, 'unfinished');
  const built = new Map<Family, Manifest>();
  const release = await acquireLock(toolsRoot, { signal: options.signal, onWait: (pid) => options.progress?.({ kind: 'waiting', pid }) });
  try {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    for (const [i, family] of missing.entries()) {
      const target = folders.get(family) ?? '';
      const isThere = (await inspect(target, builtNames(family), options.signal)).kind === 'present';
      if (!isThere) built.set(family, await buildOne({ family, target, goFile, scratch, step: { index: i + 1, total: missing.length } }, work, catalogue, options));
      work.finished(family.name, built.get(family)?.wallSeconds);
    }
    if (built.size > 0 && options.keepBuildCache !== true) await removeBuildCache(options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
    await release();
  }
  return built;
}

interface Job {
  readonly family: Family;
  readonly target: string;
  readonly goFile: string;
  readonly scratch: string;
  readonly step: { readonly index: number; readonly total: number };
}

async function buildOne(job: Job, work: Estimate, catalogue: Catalogue, options: EnsureOptions): Promise<Manifest> {
  const { family, step } = job;
  const source = familyFolder(family, catalogue.source);
  const environment = goEnvironment(options.environment, options.cacheDir, job.scratch);
  const go = await checkGo(job.goFile, source, environment, options.signal);
  const began = performance.now();
  let detail = '';
  const report = () => {
    const elapsedSeconds = (performance.now() - began) / 1000;
    options.progress?.({ kind: 'building', family: family.name, ...step, elapsedSeconds, remainingSeconds: work.remainingDuring(family.name, elapsedSeconds), detail });
  };
  report();
  const ticker = setInterval(report, tickMs);
  try {
    const manifest = await buildFamily(family, {
      go, source, environment,
      target: job.target,
      scratch: job.scratch,
      signal: options.signal,
      ...(options.retrySeconds ? { retrySeconds: options.retrySeconds } : {}),
      verify: (folder) => verifyVersions(family, folder, catalogue, options),
      onDetail: (line) => (detail = line),
      onRetry: (reason, waitSeconds) => options.progress?.({ kind: 'retry', family: family.name, reason, waitSeconds }),
    });
    options.progress?.({ kind: 'built', family: family.name, ...step, wallSeconds: manifest.wallSeconds, cpuSeconds: manifest.cpuSeconds, bytes: manifest.bytes });
    return manifest;
  } finally {
    clearInterval(ticker);
  }
}

/** A program that prints another version than its pin was built with the wrong linker variables. @throws ToolsError TOOLS_VERSION_MISMATCH */
async function verifyVersions(family: Family, folder: string, catalogue: Catalogue, options: EnsureOptions): Promise<void> {
  for (const tool of catalogue.tools.filter((candidate) => candidate.family === family.name)) {
    if (!tool.versionArguments) continue;
    const printed = await printedVersion(join(folder, tool.name), tool.versionArguments, options.signal);
    if (printed === tool.version) continue;
    throw new ToolsError('TOOLS_VERSION_MISMATCH', `${tool.name}: built ${tool.version}, but it says ${printed ?? 'nothing'}: correct the pins in ${catalogue.source}`);
  }
}

async function removeBuildCache(options: EnsureOptions): Promise<void> {
  const folder = join(options.cacheDir, 'go-build');
  await rm(folder, { recursive: true, force: true });
  options.progress?.({ kind: 'cleaned', folder });
}
