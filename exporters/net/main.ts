/** The command net-exporter: arguments, environment, signals, and nothing else. It lives twice in one process: see second-life.ts. */
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../core/clock.ts';
import { jsonLog } from '../core/log.ts';
import { flagsOfSmall, handedOver, liveAgain } from '../core/second-life.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { Config } from './config.ts';
import { readMtu } from './mtu.ts';

const { version } = packageJson;
/** The checked configuration, handed from the first life to the second. */
const variable = 'NET_EXPORTER_CHECKED_CONFIG';
/** Imported as an ES module, node:fs would load its promises too, with all that reads lines: 1 MB. */
const { readFileSync } = process.getBuiltinModule('node:fs');

await main().catch(explain);

async function main(): Promise<void> {
  const checked = handedOver<Config>(variable, process.env);
  if (checked) return serve(checked);
  const [command, ...rest] = process.argv.slice(2);
  const write = (text: string): boolean => process.stdout.write(text);
  if (command === 'version') return void process.stdout.write(`${version}\n`);
  if (command === 'probe') {
    const [{ runProbe }, { Names }] = await Promise.all([import('./command/probe.ts'), import('./resolve.ts')]);
    process.exitCode = await runProbe(rest, { write, mtu: readMtu, names: new Names({ servers: [], nowMs: () => systemClock.monotonicMs(), timeoutMs: 2000 }) });
    return;
  }
  if (command === 'matrix') {
    const { runMatrix } = await import('./command/matrix.ts');
    const isColoured = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
    process.exitCode = await runMatrix(rest, { write, isColoured, client: (path) => client({ kubeconfig: path ?? process.env['KUBECONFIG'] ?? `${process.env['HOME'] ?? ''}/.kube/config` }) });
    return;
  }
  const config = await configuration(process.argv.slice(2));
  if (config) await liveAgain(config, { variable, env: process.env, argv: process.argv, flags: flagsOfSmall(import.meta.url), load, serve });
}

/** undefined where help was asked for. */
async function configuration(argv: readonly string[]): Promise<Config | undefined> {
  const [{ flags: known, schema }, { loadConfig }, { parseFlags, usage }, { settled }] = await Promise.all([import('./config.ts'), import('../core/config.ts'), import('../core/flags.ts'), import('./environment.ts')]);
  const given = parseFlags(argv, known);
  if (given.help) {
    process.stdout.write(`${usage('net-exporter', known)}\nCommands: probe PLACE… (the same probes once, as a table), matrix (the mesh as a heat map in the terminal), version\n`);
    return undefined;
  }
  const config = await loadConfig(schema, { path: given.config, overrides: given.overrides });
  return settled(config, process.env, await readText('/etc/resolv.conf').catch(() => ''));
}

function load(): Promise<unknown> {
  return Promise.all([import('./exporter.ts'), import('./environment.ts'), import('./peers/slice-source.ts'), import('./ntp/round.ts'), import('./targets/round.ts'), import('./matrix/collect.ts'), import('./matrix/page.ts'), import('../../provisioner/kube/in-cluster.ts')]);
}

async function serve(config: Config): Promise<void> {
  const [{ runNetExporter }, { apiServerOf }] = await Promise.all([import('./exporter.ts'), import('./environment.ts')]);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  const log = jsonLog({ name: 'net-exporter', level: config.logLevel, write: (line) => process.stdout.write(line), now: () => new Date() });
  await runNetExporter({
    config, version, client: () => client(config), apiServer: apiServerOf(process.env), readFile: readText, log, clock: systemClock, random: Math.random,
  }, stop.signal);
}

async function client({ kubeconfig }: Pick<Config, 'kubeconfig'>): Promise<KubeClient> {
  const userAgent = `net-exporter/${version}`;
  if (kubeconfig !== undefined) {
    const [{ fromKubeconfig }, { dirname }] = await Promise.all([import('../../provisioner/kube/kubeconfig.ts'), import('node:path')]);
    return fromKubeconfig(await readText(kubeconfig), { userAgent, folder: dirname(kubeconfig) });
  }
  const { inCluster } = await import('../../provisioner/kube/in-cluster.ts');
  return inCluster({ readFile: readText, env: process.env, userAgent });
}

/** Small files, now and then: a token, an authority. */
async function readText(path: string): Promise<string> {
  return Promise.resolve(readFileSync(path, 'utf8'));
}

/** Errors that say what to do are shown without a stack; 2 stands for what the caller got wrong. */
function explain(error: unknown): void {
  const { code } = error as { code?: unknown };
  if (!(error instanceof Error) || typeof code !== 'string' || !/^(CONFIG|ADDRESS|LISTEN|TLS|KUBE|PROBE)_/.test(code)) throw error;
  process.stderr.write(`net-exporter: ${error.message}\n`);
  process.exitCode = /^(CONFIG|ADDRESS|PROBE)_/.test(code) ? 2 : 1;
}
