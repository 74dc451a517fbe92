/**
 * The command node-exporters: cert-exporter and net-exporter of one node in one process, each on its own port with its
 * own metrics and health. Two processes would pay twice for Node.js. It lives twice: see core/second-life.ts.
 */
import { readFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import packageJson from '../../package.json' with { type: 'json' };
import { flagsOfSmall, handedOver, liveAgain } from '../core/second-life.ts';
import type { Both } from './both.ts';

const { version } = packageJson;
/** The checked configurations, handed from the first life to the second. */
const variable = 'NODE_EXPORTERS_CHECKED_CONFIG';

// The thread that opens PKCS#12 files starts with this module too.
if (!isMainThread) await import('../cert/formats/pkcs12-worker.ts');
else await main().catch(explain);

async function main(): Promise<void> {
  const checked = handedOver<Both>(variable, process.env);
  if (checked) return serve(checked);
  const [command] = process.argv.slice(2);
  if (command === 'version') return void process.stdout.write(`${version}\n`);
  const { configurations } = await import('./configurations.ts');
  const both = await configurations(process.argv.slice(2), { env: process.env, resolvConf: await readFile('/etc/resolv.conf', 'utf8').catch(() => ''), write: (text) => process.stdout.write(text) });
  if (both) await liveAgain(both, { variable, env: process.env, argv: process.argv, flags: flagsOfSmall(import.meta.url), load: () => import('./both.ts').then(({ load }) => load()), serve });
}

async function serve(configs: Both): Promise<void> {
  const { runBoth } = await import('./both.ts');
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  await runBoth({ configs, version, env: process.env, workerEntry: new URL(import.meta.url), write: (line) => process.stdout.write(line) }, stop.signal);
}

/** Errors that say what to do are shown without a stack; 2 stands for what the caller got wrong. */
function explain(error: unknown): void {
  const { code } = error as { code?: unknown };
  if (!(error instanceof Error) || typeof code !== 'string' || !/^(CONFIG|ADDRESS|LISTEN|TLS|KUBE)_/.test(code)) throw error;
  process.stderr.write(`node-exporters: ${error.message}\n`);
  process.exitCode = /^(CONFIG|ADDRESS)_/.test(code) ? 2 : 1;
}
