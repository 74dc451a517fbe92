/** cert-exporter as one function: sources, store and server joined, running until its signal. */
import type { Clock, Random } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { landingPage } from '../core/page.ts';
import { ExporterServer } from '../core/server.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { CertSource } from './catalogue.ts';
import type { Config } from './config.ts';
import type { KubeSources } from './kube-sources.ts';
import { expiryTable, soonest } from './page.ts';
import { assemble, type Parts } from './parts.ts';
import { FilesSource } from './sources/files.ts';

export interface CertExporterOptions {
  readonly config: Config;
  readonly version: string;
  /** Makes the client when anything in the API server is watched. */
  readonly client: () => Promise<KubeClient>;
  /** Module of the thread that opens PKCS#12 files. */
  readonly workerEntry: URL;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** Where $(NAME) in an address is looked up. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called with the port once the server listens. */
  readonly onListening?: (port: number) => void;
}

type Job = (signal: AbortSignal) => Promise<void>;

/**
 * Resolves after the signal has aborted and everything has stopped.
 * @throws ExporterError when it cannot listen, KubeError when there is no usable identity for the API server
 */
export async function runCertExporter(options: CertExporterOptions, signal: AbortSignal): Promise<void> {
  const { config, log, version } = options;
  const parts = assemble(options);
  const jobs = await jobsOf(options, parts);
  const server = serverOf(options, parts);
  const port = await server.start();
  log.info({ address: config.address, port, version }, 'listening');
  options.onListening?.(port);
  try {
    await Promise.all(jobs.map((job) => job(signal)));
  } finally {
    parts.store.stop();
    parts.self.stop();
    await Promise.all([server.stop(), parts.pkcs12.stop()]);
  }
}

function serverOf({ config, version, log, clock }: CertExporterOptions, { store, self, health, sources }: Parts): ExporterServer {
  const page = async (query: URLSearchParams): Promise<string> => {
    const search = query.get('q') ?? '';
    return landingPage({
      title: 'cert-exporter', version, description: 'When certificates expire, where they are.', sources: sources.map((source) => source.state), search,
      content: expiryTable(await soonest(store.snapshot, search), clock.now().getTime() / 1000),
    });
  };
  return new ExporterServer({
    address: config.address, tls: config.tls, snapshot: () => store.snapshot, self, health, page,
    onError: (err) => log.warn({ err }, 'a request was not answered, or the certificate not renewed'),
  });
}

async function jobsOf(options: CertExporterOptions, parts: Parts): Promise<Job[]> {
  const { config } = options;
  const jobs: Job[] = [];
  if (config.files.enabled) jobs.push(filesJob(options, parts));
  const kube = await kubeSources(options, parts);
  if (kube) jobs.push((signal) => kube.run(signal));
  const { url, tokenFiles } = config.vaultTokens;
  if (url !== undefined && tokenFiles.length > 0) {
    const { VaultTokensSource } = await import('./sources/vault-tokens.ts');
    const vault = new VaultTokensSource({ ...parts.hooks('vault_tokens'), config: { ...config.vaultTokens, url } });
    jobs.push(timed(options, parts, { name: 'vault_tokens', intervalSeconds: config.vaultTokens.intervalSeconds, pass: (signal) => vault.pass(signal) }));
  }
  if (config.endpoints.targets.length > 0) {
    const { EndpointsSource } = await import('./sources/endpoints.ts');
    const endpoints = new EndpointsSource({ ...parts.hooks('endpoints'), config: config.endpoints, env: options.env ?? {}, leafOf: (secret) => kube?.leafOf(secret) });
    jobs.push(timed(options, parts, { name: 'endpoints', intervalSeconds: config.endpoints.intervalSeconds, pass: (signal) => endpoints.pass(signal) }));
  }
  return jobs;
}

/** Loaded only where it is used: the file-only exporter runs on every node and is counted in megabytes. */
async function kubeSources(options: CertExporterOptions, parts: Parts): Promise<KubeSources | undefined> {
  const { secrets, configMaps, caBundles, certificates } = options.config;
  if (![secrets, configMaps, caBundles, certificates].some(({ enabled }) => enabled)) return undefined;
  const module = await import('./kube-sources.ts');
  return new module.KubeSources({ ...options, client: await options.client() }, parts);
}

function filesJob(options: CertExporterOptions, parts: Parts): Job {
  const { config } = options;
  const files = new FilesSource({ ...parts.hooks('files'), config: config.files, pkcs12: parts.pkcs12 });
  return timed(options, parts, { name: 'files', intervalSeconds: config.files.intervalSeconds, pass: (signal) => files.pass(signal) });
}

interface Timed {
  readonly name: CertSource;
  readonly intervalSeconds: number;
  readonly pass: (signal: AbortSignal) => Promise<void>;
}

function timed({ log }: CertExporterOptions, { scheduler, health }: Parts, { name, intervalSeconds, pass }: Timed): Job {
  const intervalMs = intervalSeconds * 1000;
  const timeoutMs = Math.max(60_000, 2 * intervalMs);
  // A pass that hangs (a dead network file system) cannot be aborted from inside the process: only a restart helps.
  health.addLive(name, () => ((scheduler.sinceFinishedMs(name) ?? 0) > 3 * timeoutMs ? 'no pass has ended for too long' : undefined));
  const onError = (err: unknown): void => log.error({ err, source: name }, 'pass failed');
  return (signal) => scheduler.run({ name, intervalMs, jitter: 0.1, timeoutMs, run: pass, onError }, signal);
}
