/** The command cert-exporter: arguments, environment, signals, and nothing else. It lives twice in one process: see second-life.ts. */
import { readFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../core/clock.ts';
import { jsonLog } from '../core/log.ts';
import { handedOver, liveAgain } from '../core/second-life.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { Config } from './config.ts';

const { version } = packageJson;
/** The checked configuration, handed from the first life to the second. */
const variable = 'CERT_EXPORTER_CHECKED_CONFIG';
/** A young generation of at most 12 MB: large enough for what a page of a list leaves behind to die in it, small enough for a node. */
const flags = ['--max-semi-space-size=4'];

if (!isMainThread) await import('./formats/pkcs12-worker.ts');
else await main().catch(explain);

async function main(): Promise<void> {
  const checked = handedOver<Config>(variable, process.env);
  if (checked) return serve(checked);
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'version') return void process.stdout.write(`${version}\n`);
  if (command === 'scan') {
    const { runScan } = await import('./scan/command.ts');
    process.exitCode = await runScan(rest, { version, env: process.env, write: (text) => process.stdout.write(text), isTerminal: process.stdout.isTTY === true, now: new Date() });
    return;
  }
  const config = await configuration(process.argv.slice(2));
  if (config) await liveAgain(config, { variable, env: process.env, argv: process.argv, flags, load, serve });
}

/** undefined where help was asked for. */
async function configuration(argv: readonly string[]): Promise<Config | undefined> {
  const [{ flags, schema }, { loadConfig }, { parseFlags, usage }] = await Promise.all([import('./config.ts'), import('../core/config.ts'), import('../core/flags.ts')]);
  const given = parseFlags(argv, flags);
  if (!given.help) return loadConfig(schema, { path: given.config, overrides: given.overrides });
  process.stdout.write(`${usage('cert-exporter', flags)}\nCommands: scan (expiry of files, endpoints and clusters as a table; see scan --help), version\n`);
  return undefined;
}

function load(): Promise<unknown> {
  return Promise.all([import('./exporter.ts'), import('./kube-sources.ts'), import('./sources/endpoints.ts'), import('./sources/vault-tokens.ts'), import('../../provisioner/kube/in-cluster.ts')]);
}

async function serve(config: Config): Promise<void> {
  const { runCertExporter } = await import('./exporter.ts');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const log = jsonLog({ name: 'cert-exporter', level: config.logLevel, write: (line) => process.stdout.write(line), now: () => new Date() });
  await runCertExporter({ config, version, client: () => client(config), workerEntry: new URL(import.meta.url), log, clock: systemClock, random: Math.random, env: process.env }, stop.signal);
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
