import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import pino from 'pino';
import { parse } from 'yaml';
import { inClusterKubeconfig, parseBundle, parseBundleSettings, parseBundleValues, runOperator } from '../../operators/index.ts';
import { classObjects } from '../../topology/class/objects.ts';
import { extensionConfig } from '../../topology/extension/extension-config.ts';
import { registeredHandlers } from '../../topology/extension/handlers.ts';
import type { CliContext } from '../context.ts';
import { managementCluster } from '../management.ts';

export interface OperatorCommandOptions {
  readonly namespace: string;
  readonly chartsDir: string;
  readonly helm: string;
  readonly bundlesDir?: string;
  readonly bundleSettings?: string;
  readonly bundleValues?: string;
  readonly workers: number;
  readonly managementEgress: readonly string[];
  readonly chartHosts: readonly string[];
  readonly chartCidrs: readonly string[];
  readonly refusedCidrs: readonly string[];
  readonly plainHttpHosts: readonly string[];
  readonly ownerNamespaces: readonly string[];
  readonly alertmanagers: readonly string[];
  readonly driftInterval: number;
  readonly kubeconfig?: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly leaderElection: boolean;
}

/**
 * V8's heap may outgrow what is alive in it by a quarter, buffers included, before it is searched for garbage. By itself V8 waits
 * until it is twice that and more, and for another 64 MB of buffers: 150 MB in a fleet of a thousand clusters.
 */
const heapFlags = ['--heap-growing-percent=25', '--external-memory-accounted-in-global-limit'] as const;

/** Runs all reconcilers until it is told to stop; one of several replicas works, the others stand by. */
export async function operator(context: CliContext, options: OperatorCommandOptions): Promise<void> {
  for (const flag of heapFlags) setFlagsFromString(flag);
  const log = pino({ name: 'operator', level: context.env['KEELSON_LOG_LEVEL'] ?? 'info' });
  const bundles = options.bundlesDir === undefined ? [] : await readBundles(options.bundlesDir);
  const names = bundles.flatMap(({ spec }) => spec.apps.map(({ name }) => name));
  await runOperator({
    client: await managementCluster(context, options.kubeconfig, 'keelson-operator'),
    log,
    signal: context.signal,
    options: {
      namespace: options.namespace,
      chartsDir: options.chartsDir,
      helmBinary: options.helm,
      workers: options.workers,
      managementEgress: options.managementEgress,
      classObjects: [extensionConfig(options.managementEgress), ...classObjects()],
      classHandlers: registeredHandlers(),
      identity: context.env['POD_NAME'] ?? hostname(),
      leaderElection: options.leaderElection,
      chartAddresses: { allowedHosts: options.chartHosts, allowedCidrs: options.chartCidrs, refusedCidrs: options.refusedCidrs, plainHttpHosts: options.plainHttpHosts },
      managementKubeconfig: options.kubeconfig === undefined ? inClusterKubeconfig(context.env) : await readFile(options.kubeconfig, 'utf8'),
      alertmanagers: options.alertmanagers,
      driftIntervalMs: options.driftInterval * 60_000,
      ...(options.ownerNamespaces.length === 0 ? {} : { ownerNamespaces: options.ownerNamespaces }),
      metricsPort: options.metricsPort,
      healthPort: options.healthPort,
      bundles,
      ...(options.bundleSettings === undefined ? {} : { bundleSettings: parseBundleSettings(await readFile(options.bundleSettings, 'utf8')) }),
      ...(options.bundleValues === undefined ? {} : { bundleValues: parseBundleValues(await readFile(options.bundleValues, 'utf8'), [...new Set(names)]) }),
    },
  });
}

/** Every YAML file of the folder. A mounted ConfigMap also has folders and links that begin with a dot. */
async function readBundles(folder: string): Promise<ReturnType<typeof parseBundle>[]> {
  const files = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  return Promise.all(files.map(async (file) => parseBundle(parse(await readFile(join(folder, file), 'utf8')), file)));
}
