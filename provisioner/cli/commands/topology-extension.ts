import pino from 'pino';
import { runTopologyExtension } from '../../topology/extension/run.ts';
import type { CliContext } from '../context.ts';

export interface ExtensionCommandOptions {
  readonly port: number;
  readonly certDir: string;
  readonly metricsPort: number;
  readonly healthPort: number;
}

/** Serves the topology hooks until it is told to stop. */
export async function topologyExtension(context: CliContext, options: ExtensionCommandOptions): Promise<void> {
  await runTopologyExtension({ ...options, log: pino({ name: 'topology-extension', level: context.env['KEELSON_LOG_LEVEL'] ?? 'info' }) }, context.signal);
}
