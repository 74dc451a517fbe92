/** The extension as a process: three ports, a certificate that is renewed under it, and an orderly end. */
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../kube/client.ts';
import type { Log } from '../../kube/log.ts';
import { TopologyError } from '../errors.ts';
import type { ClassVersion } from '../class/versions.ts';
import { Admission } from '../quota/admission.ts';
import { followKeyPair, readKeyPair } from './certificate.ts';
import { extensionMetrics } from './metrics.ts';
import { servePages } from './plain-server.ts';
import { buildServer } from './server.ts';
import { unusedConnections } from './unused-connections.ts';

export interface TopologyExtensionOptions {
  readonly port: number;
  /** Folder with tls.crt and tls.key. */
  readonly certDir: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly log: Log;
  /** The management cluster, of which admission of Clusters and Organizations asks. Without it both are refused. */
  readonly client?: KubeClient | undefined;
  /** Versions of the class to answer for. Default: those of this release. */
  readonly versions?: readonly ClassVersion[];
  /** Default: every address. */
  readonly host?: string;
  /** After the signal, how long requests are still taken while /readyz says no: endpoints need a moment to forget us. Default 3,000. */
  readonly drainMs?: number;
  /** How often the certificate is looked at when no event arrives. Default 60,000. */
  readonly pollMs?: number;
}

export interface TopologyExtension {
  readonly ports: { readonly hooks: number; readonly metrics: number; readonly health: number };
  /** Says "not ready", waits `drainMs`, answers what is under way, closes. */
  stop(): Promise<void>;
}

/** @throws TopologyError CERTIFICATE_UNREADABLE, PORT_TAKEN */
export async function startTopologyExtension(options: TopologyExtensionOptions): Promise<TopologyExtension> {
  const { log, certDir, host = '0.0.0.0', drainMs = 3_000 } = options;
  const metrics = extensionMetrics();
  const stopping = new AbortController();
  const keyPair = await readKeyPair(certDir);
  metrics.certificate(keyPair.expires);
  const server = buildServer({ keyPair, log, metrics, admission: options.client && new Admission(options.client), versions: options.versions });
  const unused = unusedConnections(server.server);
  const hooks = await listen(server, host, options.port);
  followKeyPair(certDir, {
    signal: stopping.signal,
    current: keyPair.digest,
    log,
    onChange: (pair) => {
      (server.server as unknown as TlsServer).setSecureContext({ cert: pair.cert, key: pair.key, minVersion: 'TLSv1.2' });
      metrics.certificate(pair.expires);
    },
    ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
  });
  const exposition = await servePages({
    host,
    port: options.metricsPort,
    pages: { '/metrics': async () => ({ status: 200, type: metrics.registry.contentType, body: await metrics.registry.metrics() }) },
  });
  const health = await servePages({
    host,
    port: options.healthPort,
    pages: {
      '/healthz': async () => ({ status: 200, body: 'ok\n' }),
      '/readyz': async () => (stopping.signal.aborted ? { status: 503, body: 'stopping\n' } : { status: 200, body: 'ok\n' }),
    },
  });
  log.info({ port: hooks }, 'topology extension serves');
  return {
    ports: { hooks, metrics: exposition.port, health: health.port },
    stop: async () => {
      stopping.abort();
      await sleep(drainMs);
      unused.end();
      await Promise.all([server.close(), exposition.close(), health.close()]);
    },
  };
}

/** Serves until the signal aborts; resolves when everything is closed. */
export async function runTopologyExtension(options: TopologyExtensionOptions, signal: AbortSignal): Promise<void> {
  const extension = await startTopologyExtension(options);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await extension.stop();
}

async function listen(server: ReturnType<typeof buildServer>, host: string, port: number): Promise<number> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    throw new TopologyError('PORT_TAKEN', `listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}; choose another port`, { cause });
  }
  return (server.server.address() as AddressInfo).port;
}
