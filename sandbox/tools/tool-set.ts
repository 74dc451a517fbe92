/** What is asked for and what comes back: the types of `ensureTools`. */
import type { Family } from './families.ts';
import type { FamilyName, Tool, ToolName } from './pins.ts';
import type { ToolsProgress } from './progress.ts';

/** The tables to work from; others than the pinned ones only in tests. */
export interface Catalogue {
  readonly families: readonly Family[];
  readonly tools: readonly Tool[];
  /** The folder with one folder per family. */
  readonly source: string;
}

export interface EnsureOptions {
  /** When left out: all but those that are built on demand. */
  readonly names?: readonly ToolName[];
  /** Keelson's cache; see `cacheDirectory`. */
  readonly cacheDir: string;
  /** KEELSON_TOOLS_DIR: a folder of the user's with ready-made tools. */
  readonly toolsDir?: string;
  /** PATH to search for tools of the pinned version. */
  readonly path: string;
  /** What the go command starts with: PATH, HOME, proxy settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly progress?: (event: ToolsProgress) => void;
  /** false: fail instead of building. */
  readonly allowBuild?: boolean;
  /** Compiled packages (some 10 GB) are removed after a build unless this is set. */
  readonly keepBuildCache?: boolean;
  /** Seconds to wait before each further attempt to reach the module proxy. */
  readonly retrySeconds?: readonly number[];
  readonly catalogue?: Catalogue;
  /** Name of the folder of links; `bin` when left out. */
  readonly folder?: string;
}

export interface ResolvedTool {
  readonly name: ToolName;
  /** The pinned one; from KEELSON_TOOLS_DIR whatever the program says, "unknown" when it says nothing. */
  readonly version: string;
  readonly source: 'directory' | 'path' | 'cache' | 'built';
  /** The program itself; start it through `ToolSet.path`. */
  readonly file: string;
}

/** What building cost, for families built by this call. */
export interface BuiltFamily {
  readonly family: FamilyName;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly bytes: number;
}

export interface ToolSet {
  /** One flat folder: every tool under its own name. Stays at this path from run to run. */
  readonly directory: string;
  readonly tools: readonly ResolvedTool[];
  readonly built: readonly BuiltFamily[];
  /** Path of a tool in `directory`. @throws ToolsError TOOLS_UNKNOWN for a tool that was not asked for */
  path(name: ToolName): string;
}
