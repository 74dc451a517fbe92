/** cert-exporter as one function: sources, store and server joined, running until its signal. */
import type { Clock, Random } from '../core/clock.ts';
import { Health } from '../core/health.ts';
import { landingPage } from '../core/page.ts';
import { Scheduler } from '../core/scheduler.ts';
import { SelfMetrics } from '../core/self-metrics.ts';
import { ExporterServer } from '../core/server.ts';
import { SourceHealth, sourceMetrics } from '../core/source-health.ts';
import { SeriesStore } from '../core/store.ts';
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { Log } from '../../provisioner/kube/log.ts';
import { certificateFamilies, healthFamilies, skipReasons, type CertSource, type SkipReason } from './catalogue.ts';
import type { Config } from './config.ts';
import { FilesSource } from './sources/files.ts';

export interface CertExporterOptions {
  readonly config: Config;
  readonly version: string;
  /** Makes the client when Secrets are watched. */
  readonly client: () => Promise<KubeClient>;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** Called with the port once the server listens. */
  readonly onListening?: (port: number) => void;
}

/** How often the state of the watches is written to the health families, in milliseconds. */
const checkIntervalMs = 5000;

/**
 * Resolves after the signal has aborted and everything has stopped.
 * @throws ExporterError when it cannot listen, KubeError when there is no usable identity for the API server
 */
export async function runCertExporter(options: CertExporterOptions, signal: AbortSignal): Promise<void> {
  const { config, version, log, onListening } = options;
  const parts = assemble(options);
  const jobs: ((signal: AbortSignal) => Promise<void>)[] = [];
  if (config.files.enabled) jobs.push(filesJob(options, parts));
  if (config.secrets.enabled) jobs.push(await secretsJob(options, parts));
  const server = new ExporterServer({
    address: config.address,
    snapshot: () => parts.store.snapshot,
    self: parts.self,
    health: parts.health,
    page: () => landingPage({ title: 'cert-exporter', version, description: 'When the certificates of this cluster expire.', sources: parts.sources.map((source) => source.state) }),
    onError: (err) => log.debug({ err }, 'request not answered'),
  });
  const port = await server.start();
  log.info({ address: config.address, port, version }, 'listening');
  onListening?.(port);
  try {
    await Promise.all(jobs.map((job) => job(signal)));
  } finally {
    await server.stop();
  }
}

interface Parts {
  readonly store: SeriesStore;
  readonly self: SelfMetrics;
  readonly health: Health;
  readonly scheduler: Scheduler;
  readonly sources: SourceHealth[];
  readonly source: (name: CertSource) => SourceHealth;
  readonly hooks: (name: CertSource) => { onSkipped: (object: string, reason: SkipReason) => void; onCollision: (count: number) => void };
}

function assemble({ version, log, clock, random }: CertExporterOptions): Parts {
  const self = new SelfMetrics(healthFamilies);
  const metrics = sourceMetrics('cert_exporter', self);
  const collisions = self.counter('cert_exporter_collisions_total');
  self.gauge('cert_exporter_build_info').set({ version }, 1);
  const health = new Health();
  const sources: SourceHealth[] = [];
  const source = (name: CertSource): SourceHealth => {
    const made = new SourceHealth(name, metrics);
    made.failed();
    sources.push(made);
    health.addReady(name, () => made.notReady());
    return made;
  };
  const hooks: Parts['hooks'] = (name) => ({
    onSkipped: (object, reason) => log[reason === 'outside_root' ? 'debug' : 'warn']({ source: name, object, reason }, `skipped: ${skipReasons[reason]}`),
    onCollision: (count) => collisions.inc({ source: name }, count),
  });
  return { store: new SeriesStore(certificateFamilies), self, health, scheduler: new Scheduler({ clock, random }), sources, source, hooks };
}

function filesJob({ config, clock, log }: CertExporterOptions, { store, source, hooks, scheduler, health }: Parts): (signal: AbortSignal) => Promise<void> {
  const files = new FilesSource({ config: config.files, store, health: source('files'), clock, ...hooks('files') });
  const intervalMs = config.files.intervalSeconds * 1000;
  const timeoutMs = Math.max(60_000, 2 * intervalMs);
  // A walk that hangs (a dead network file system) cannot be aborted from inside the process: only a restart helps.
  health.addLive('files', () => ((scheduler.sinceFinishedMs('files') ?? 0) > 3 * timeoutMs ? 'no walk has ended for too long' : undefined));
  const onError = (err: unknown): void => log.error({ err, source: 'files' }, 'pass failed');
  return (signal) => scheduler.run({ name: 'files', intervalMs, jitter: 0.1, timeoutMs, run: (deadline) => files.pass(deadline), onError }, signal);
}

async function secretsJob({ config, client, clock, log }: CertExporterOptions, { store, source, hooks, scheduler }: Parts): Promise<(signal: AbortSignal) => Promise<void>> {
  // Loaded only where it is used: the file-only exporter runs on every node and is counted in megabytes.
  const { SecretsSource } = await import('./sources/secrets.ts');
  const kube = await client();
  const secrets = new SecretsSource({ client: kube, namespaces: config.secrets.namespaces, store, health: source('secrets'), clock, log, ...hooks('secrets') });
  const run = (): Promise<void> => Promise.resolve(secrets.check());
  const onError = (err: unknown): void => log.error({ err, source: 'secrets' }, 'check failed');
  return async (signal) => {
    await Promise.all([secrets.run(signal), scheduler.run({ name: 'secrets', intervalMs: checkIntervalMs, jitter: 0.1, timeoutMs: checkIntervalMs, run, onError }, signal)]);
    kube.close();
  };
}
