import pino from 'pino';
import { runTopologyExtension } from '../../topology/extension/run.ts';
import type { CliContext } from '../context.ts';
import { isPod, managementCluster } from '../management.ts';

export interface ExtensionCommandOptions {
  readonly port: number;
  readonly certDir: string;
  readonly kubeconfig?: string;
  readonly metricsPort: number;
  readonly healthPort: number;
}

/** Serves the topology hooks and the admission of organizations until it is told to stop. */
export async function topologyExtension(context: CliContext, { kubeconfig, ...options }: ExtensionCommandOptions): Promise<void> {
  const log = pino({ name: 'topology-extension', level: context.env['KEELSON_LOG_LEVEL'] ?? 'info' });
  const client = kubeconfig === undefined && !isPod(context) ? undefined : await managementCluster(context, kubeconfig, 'keelson-topology-extension');
  if (!client) log.warn({}, 'neither a pod nor a kubeconfig: Clusters of organizations are refused');
  try {
    await runTopologyExtension({ ...options, log, client }, context.signal);
  } finally {
    client?.close();
  }
}
