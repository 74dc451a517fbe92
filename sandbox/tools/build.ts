/** Builds one family into the cache: beside, then renamed, so that an interrupted build leaves nothing that counts. */
import { chmod, link, mkdir, mkdtemp, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFiles, writeManifest, type Manifest } from './cache.ts';
import { ToolsError } from './errors.ts';
import type { Family } from './families.ts';
import { buildError, type Go } from './go.ts';
import { runGroup } from './process-group.ts';

export interface BuildOptions {
  readonly go: Go;
  /** The folder with the family's go.mod, go.sum and Go files. */
  readonly source: string;
  /** Folder that appears when everything is built. */
  readonly target: string;
  /** Folder for unfinished work, on the same file system as `target`. */
  readonly scratch: string;
  /** Of the go command; see `goEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Looks at the finished programs before they count; throws when they are not what they should be. */
  readonly verify?: (folder: string) => Promise<void>;
  /** The package or module at work, many times a second. */
  readonly onDetail?: (detail: string) => void;
  readonly onRetry?: (reason: string, waitSeconds: number) => void;
  /** Waits between attempts to reach the module proxy. */
  readonly retrySeconds?: readonly number[];
}

/** @throws ToolsError; the signal's reason */
export async function buildFamily(family: Family, options: BuildOptions): Promise<Manifest> {
  const began = performance.now();
  await mkdir(options.scratch, { recursive: true });
  const output = await mkdtemp(join(options.scratch, `${family.name}-`));
  // mkdtemp makes it private; containers of the sandbox run as other users.
  await chmod(output, 0o755);
  let cpuSeconds = 0;
  for (const [file, pkg] of Object.entries(family.programs)) {
    cpuSeconds += await buildProgram(family, { file: join(output, file), pkg }, options);
  }
  const [program = ''] = Object.keys(family.programs);
  for (const name of family.names ?? []) await link(join(output, program), join(output, name));
  await options.verify?.(output);

  const manifest: Manifest = {
    family: family.name,
    version: family.moduleVersion,
    go: options.go.version,
    cpuSeconds: Math.round(cpuSeconds * 10) / 10,
    wallSeconds: Math.round((performance.now() - began) / 100) / 10,
    bytes: await totalBytes(output, Object.keys(family.programs)),
    files: await describeFiles(output, builtNames(family), options.signal),
  };
  await writeManifest(output, manifest);
  await rm(options.target, { recursive: true, force: true });
  await rename(output, options.target);
  return manifest;
}

/** The names of a family's finished programs. */
export function builtNames(family: Family): readonly string[] {
  return family.names ?? Object.keys(family.programs);
}

/** @throws ToolsError TOOLS_NO_DISK when the file system of `folder` has too little room. @param neededMb programs, modules and compiled packages together */
export async function checkDisk(folder: string, neededMb: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1e6);
  if (freeMb >= neededMb) return;
  throw new ToolsError('TOOLS_NO_DISK', `building the tools needs about ${gigabytes(neededMb)} on the file system of ${folder}, ${gigabytes(freeMb)} are free: free some space, or set XDG_CACHE_HOME to a larger one`);
}

/** The arguments of `go` for one program. */
export function buildArguments(family: Family, file: string, pkg: string): string[] {
  const variables = Object.entries(family.variables).map(([name, value]) => `-X ${name}=${value}`);
  return ['build', '-v', '-mod=readonly', '-trimpath', '-buildvcs=false', '-tags', (family.tags ?? []).join(','), '-ldflags', ['-s -w', ...variables].join(' '), '-o', file, pkg];
}

async function buildProgram(family: Family, program: { readonly file: string; readonly pkg: string }, options: BuildOptions): Promise<number> {
  const argv = [options.go.file, ...buildArguments(family, program.file, program.pkg)];
  const waits = options.retrySeconds ?? [2, 10];
  let cpuSeconds = 0;
  for (let attempt = 0; ; attempt++) {
    const result = await runGroup(argv, {
      cwd: options.source,
      environment: options.environment,
      signal: options.signal,
      onLine: (line) => options.onDetail?.(line.replace(/^go: /, '')),
    });
    cpuSeconds += result.cpuSeconds;
    if (result.code === 0) return cpuSeconds;
    const error = buildError(`${family.name} ${family.moduleVersion}`, options.source, result.output);
    const wait = waits[attempt];
    if (error.code !== 'TOOLS_MODULE_UNREACHABLE' || wait === undefined) throw error;
    options.onRetry?.('the Go module proxy does not answer', wait);
    await sleep(wait * 1000, undefined, { signal: options.signal });
  }
}

async function totalBytes(folder: string, files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function gigabytes(mb: number): string {
  return `${(mb / 1000).toFixed(1)} GB`;
}
