import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import pino from 'pino';
import { inCluster, systemClock, tokenFromFile, serviceAccountTokenFile } from '../../kube/index.ts';
import { runMetricsRelay } from '../../metrics-relay/relay.ts';
import type { CliContext } from '../context.ts';

export interface MetricsRelayCommandOptions {
  readonly listen: string;
}

/** Serves the metrics of this node's control plane to who may read them, until it is told to stop. */
export async function metricsRelay(context: CliContext, { listen }: MetricsRelayCommandOptions): Promise<void> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8');
  const own = tokenFromFile(serviceAccountTokenFile, { readFile: read, clock: systemClock });
  const client = await inCluster({ env: context.env, readFile: read, userAgent: 'keelson-metrics-relay' });
  try {
    await runMetricsRelay({
      client, listen, token: () => own({ fresh: false }), name: context.env['NODE_NAME'] ?? hostname(),
      log: pino({ name: 'metrics-relay', level: context.env['KEELSON_LOG_LEVEL'] ?? 'info' }),
    }, context.signal);
  } finally {
    client.close();
  }
}
