/**
 * The command cert-exporter: arguments, environment, signals, and nothing else. It lives twice in one process: first to
 * read and check the configuration, then, replaced by execve(2) with the checked one, to serve. The libraries of the
 * first life (schema, YAML, removal of types) are half of what a small exporter would weigh.
 */
import { readFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../core/clock.ts';
import { jsonLog } from '../core/log.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { Config } from './config.ts';

const { version } = packageJson;
/** The checked configuration, handed from the first life to the second. */
const handedOver = 'CERT_EXPORTER_CHECKED_CONFIG';
/** One string of argv or the environment is limited to 128 KiB by Linux (MAX_ARG_STRLEN); a longer one is served in the first life. */
const maxHandedOverBytes = 120_000;
/** A young generation of at most 12 MB: large enough for what a page of a list leaves behind to die in it, small enough for a node. */
const lean = ['--max-semi-space-size=4'];

if (!isMainThread) await import('./formats/pkcs12-worker.ts');
else await main().catch(explain);

async function main(): Promise<void> {
  const checked = process.env[handedOver];
  if (checked !== undefined) {
    delete process.env[handedOver];
    return serve(JSON.parse(checked) as Config);
  }
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'version') return void process.stdout.write(`${version}\n`);
  if (command === 'scan') {
    const { runScan } = await import('./scan/command.ts');
    process.exitCode = await runScan(rest, { version, env: process.env, write: (text) => process.stdout.write(text), isTerminal: process.stdout.isTTY === true, now: new Date() });
    return;
  }
  const config = await configuration(process.argv.slice(2));
  if (config) await handOver(config);
}

/** undefined where help was asked for. */
async function configuration(argv: readonly string[]): Promise<Config | undefined> {
  const [{ flags, schema }, { loadConfig }, { parseFlags, usage }] = await Promise.all([import('./config.ts'), import('../core/config.ts'), import('../core/flags.ts')]);
  const given = parseFlags(argv, flags);
  if (!given.help) return loadConfig(schema, { path: given.config, overrides: given.overrides });
  process.stdout.write(`${usage('cert-exporter', flags)}\nCommands: scan (expiry of files, endpoints and clusters as a table; see scan --help), version\n`);
  return undefined;
}

/** Does not return where the process can be replaced. */
async function handOver(config: Config): Promise<void> {
  const text = JSON.stringify(config);
  const [entry] = process.argv.slice(1);
  if (!process.execve || entry === undefined || Buffer.byteLength(text) > maxHandedOverBytes) return serve(config);
  // One arena of malloc: threads that compress or read files else keep one each (mallopt(3)).
  const environment = { MALLOC_ARENA_MAX: '1', ...process.env, [handedOver]: text, ...(await compileCache()) };
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...lean, entry], environment);
}

/** Sources of a checkout are TypeScript: without types, from the cache, they need no compiler in the second life. */
async function compileCache(): Promise<Record<string, string>> {
  if (!import.meta.url.endsWith('.ts')) return {};
  const module = process.getBuiltinModule('node:module');
  const { directory } = module.enableCompileCache();
  if (directory === undefined) return {};
  await Promise.all([import('./exporter.ts'), import('./kube-sources.ts'), import('./sources/endpoints.ts'), import('./sources/vault-tokens.ts'), import('../../provisioner/kube/in-cluster.ts')]);
  module.flushCompileCache();
  return process.env['NODE_COMPILE_CACHE'] === undefined ? { NODE_COMPILE_CACHE: directory } : {};
}

async function serve(config: Config): Promise<void> {
  const { runCertExporter } = await import('./exporter.ts');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const log = jsonLog({ name: 'cert-exporter', level: config.logLevel, write: (line) => process.stdout.write(line), now: () => new Date() });
  await runCertExporter({ config, version, client: () => client(config), workerEntry: new URL(import.meta.url), log, clock: systemClock, random: Math.random }, stop.signal);
}

async function client({ kubeconfig }: Config): Promise<KubeClient> {
  const userAgent = `cert-exporter/${version}`;
  if (kubeconfig !== undefined) {
    const [{ fromKubeconfig }, { dirname }] = await Promise.all([import('../../provisioner/kube/kubeconfig.ts'), import('node:path')]);
    return fromKubeconfig(await readFile(kubeconfig, 'utf8'), { userAgent, folder: dirname(kubeconfig) });
  }
  const { inCluster } = await import('../../provisioner/kube/in-cluster.ts');
  return inCluster({ readFile: (path) => readFile(path, 'utf8'), env: process.env, userAgent });
}

/** Errors that say what to do are shown without a stack; 2 stands for what the caller got wrong. */
function explain(error: unknown): void {
  const { code } = error as { code?: unknown };
  if (!(error instanceof Error) || typeof code !== 'string' || !/^(CONFIG|ADDRESS|LISTEN|TLS|KUBE|SCAN)_/.test(code)) throw error;
  process.stderr.write(`cert-exporter: ${error.message}\n`);
  process.exitCode = /^(CONFIG|ADDRESS|SCAN)_/.test(code) ? 2 : 1;
}
