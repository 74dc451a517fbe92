/**
 * A process that lives twice: first to read and check its configuration, then, replaced by execve(2) and handed the
 * checked one, to serve. The libraries of the first life (schema, YAML, removal of types) are half of what a small
 * exporter would weigh.
 */

/** One string of argv or the environment is limited to 128 KiB by Linux (MAX_ARG_STRLEN); a longer one is served in the first life. */
const maxHandedOverBytes = 120_000;

export interface SecondLife<T> {
  /** Name of the environment variable that carries the configuration. */
  readonly variable: string;
  /** Of the process. */
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  /** Flags of V8 for the second life, that make it smaller. */
  readonly flags: readonly string[];
  /** Loads every module that the second life may need, so that they are compiled once. Called only from sources with types. */
  readonly load: () => Promise<unknown>;
  /** Serves in this life, where the process cannot be replaced. */
  readonly serve: (config: T) => Promise<void>;
}

/**
 * Flags for a program that does little: a young generation of at most 3 MB and no compiler. 5 MB less, and no more CPU time.
 * Types of a checkout are removed by WebAssembly, which lite mode has not.
 * @param entry `import.meta.url` of the command
 */
export function flagsOfSmall(entry: string): readonly string[] {
  return ['--max-semi-space-size=1', ...(entry.endsWith('.ts') ? ['--no-opt', '--no-maglev', '--no-sparkplug'] : ['--lite-mode'])];
}

/** What the first life has handed over; undefined in the first life. The variable is gone after. */
export function handedOver<T>(variable: string, env: NodeJS.ProcessEnv): T | undefined {
  const text = env[variable];
  if (text === undefined) return undefined;
  delete env[variable];
  return JSON.parse(text) as T;
}

/** Does not return where the process can be replaced. */
export async function liveAgain<T>(config: T, { variable, env, argv, flags, load, serve }: SecondLife<T>): Promise<void> {
  const text = JSON.stringify(config);
  const [entry] = argv.slice(1);
  if (!process.execve || entry === undefined || Buffer.byteLength(text) > maxHandedOverBytes) return serve(config);
  // One arena of malloc: threads that compress or read files else keep one each (mallopt(3)).
  const environment = { MALLOC_ARENA_MAX: '1', ...env, ...(entry.endsWith('.ts') ? await compileCache(load) : {}), [variable]: text };
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...flags, entry], environment);
}

/** Sources of a checkout are TypeScript: without types, from the cache, they need no compiler in the second life. */
async function compileCache(load: () => Promise<unknown>): Promise<Record<string, string>> {
  const module = process.getBuiltinModule('node:module');
  const { directory } = module.enableCompileCache();
  if (directory === undefined) return {};
  await load();
  module.flushCompileCache();
  return { NODE_COMPILE_CACHE: directory }; // where one is set, this is it
}
