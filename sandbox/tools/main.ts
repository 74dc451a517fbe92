/** Finds or builds the sandbox's tools and prints where they are: `node sandbox/tools/main.ts --help`. */
import { Command } from 'commander';
import { cacheDirectory, ensurePreviousKubernetes, ensureTools, isToolName, pinOf, previousKubernetesVersion, textProgress, toolNames, usualToolNames, ToolsError, type ToolName, type ToolSet } from './index.ts';

interface Flags {
  readonly only?: readonly string[];
  readonly all?: true;
  readonly deep?: true;
  readonly json?: true;
  readonly keepBuildCache?: true;
  readonly previousKubernetes?: true;
  readonly build: boolean;
}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)));

await new Command('tools')
  .description('Finds the pinned tools in KEELSON_TOOLS_DIR, on PATH or in the cache, and builds the others with Go.')
  .option('--only <names>', 'these tools only, separated by commas', (value: string) => value.split(',').filter(Boolean))
  .option('--all', 'also the tools that only tests and benches need')
  .option('--deep', 'and those that only deep tests need')
  .option('--previous-kubernetes', `the programs of Kubernetes ${previousKubernetesVersion}, for upgrades, instead`)
  .option('--json', 'one JSON object on stdout')
  .option('--keep-build-cache', 'keep the compiled Go packages (some 10 GB) after a build')
  .option('--no-build', 'fail when a tool has to be built')
  .exitOverride((stop) => process.exit(stop.exitCode === 0 ? 0 : 2))
  .action(run)
  .parseAsync();

async function run(flags: Flags): Promise<void> {
  const unknown = flags.only?.find((name) => !isToolName(name));
  if (unknown !== undefined) return stop(2, `there is no tool named ${unknown}; there are ${toolNames.join(', ')}`);
  try {
    const { KEELSON_TOOLS_DIR: toolsDir, PATH: path } = process.env;
    const options = {
      ...(flags.deep ? { names: toolNames } : flags.all ? { names: usualToolNames() } : flags.only ? { names: flags.only.filter(isToolName) satisfies ToolName[] } : {}),
      cacheDir: cacheDirectory(process.env),
      environment: process.env,
      signal: interruption.signal,
      progress: textProgress(process.stderr),
      allowBuild: flags.build,
      keepBuildCache: flags.keepBuildCache === true,
    };
    const set = flags.previousKubernetes ? await ensurePreviousKubernetes(options) : await ensureTools({ ...options, ...(toolsDir ? { toolsDir } : {}), path: path ?? '' });
    process.stdout.write(flags.json ? `${JSON.stringify({ directory: set.directory, tools: set.tools, built: set.built }, null, 2)}\n` : table(set));
  } catch (error) {
    if (interruption.signal.aborted) return stop(1, 'interrupted; finished families are kept, run the command again to go on');
    if (!(error instanceof ToolsError)) throw error;
    if (error.output) process.stderr.write(`${error.output}\n`);
    stop(1, `${error.message} [${error.code}]`);
  }
}

function stop(code: 1 | 2, message: string): void {
  process.stderr.write(`tools: ${message}\n`);
  process.exitCode = code;
}

function table(set: ToolSet): string {
  const lines = set.tools.map((tool) => `${tool.name.padEnd(36)}${tool.version.padEnd(9)}${tool.source.padEnd(11)}${pinOf(tool.name).role}`);
  const built = set.built.map((family) => `${family.family.padEnd(36)}${`${family.cpuSeconds} CPU s`.padEnd(14)}${`${family.wallSeconds} s`.padEnd(10)}${(family.bytes / 1e6).toFixed(0)} MB`);
  return [...lines, ...(built.length > 0 ? ['', 'built:', ...built] : []), '', set.directory, ''].join('\n');
}
