import pino from 'pino';
import { runFederationProxy } from '../../federation-proxy/proxy.ts';
import type { CliContext } from '../context.ts';

export interface FederationProxyCommandOptions {
  readonly upstream: string;
  readonly listen: string;
}

/** Serves /federate for the recorded family until it is told to stop. */
export async function federationProxy(context: CliContext, options: FederationProxyCommandOptions): Promise<void> {
  await runFederationProxy({ ...options, log: pino({ name: 'federation-proxy', level: context.env['KEELSON_LOG_LEVEL'] ?? 'info' }) }, context.signal);
}
