/** The command cert-exporter: arguments, log, signals, and nothing else. */
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../core/clock.ts';
import { loadConfig } from '../core/config.ts';
import { ExporterError } from '../core/errors.ts';
import { parseFlags, usage } from '../core/flags.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import { KubeError } from '../../provisioner/kube/errors.ts';
import { flags, schema } from './config.ts';
import { runCertExporter } from './exporter.ts';

const { version } = packageJson;
const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());

async function client(): Promise<KubeClient> {
  const { inCluster } = await import('../../provisioner/kube/in-cluster.ts');
  return inCluster({ readFile: (path) => readFile(path, 'utf8'), env: process.env, userAgent: `cert-exporter/${version}` });
}

try {
  const given = parseFlags(process.argv.slice(2), flags);
  if (given.help) process.stdout.write(usage('cert-exporter', flags));
  else {
    const config = await loadConfig(schema, { path: given.config, overrides: given.overrides });
    const log = pino({ name: 'cert-exporter', level: config.logLevel });
    await runCertExporter({ config, version, client, log, clock: systemClock, random: Math.random }, stop.signal);
  }
} catch (error) {
  if (!(error instanceof ExporterError || error instanceof KubeError)) throw error;
  process.stderr.write(`cert-exporter: ${error.message}\n`);
  process.exitCode = error.code.startsWith('CONFIG') || error.code.startsWith('ADDRESS') ? 2 : 1;
}
