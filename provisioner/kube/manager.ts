/**
 * Runs a process of controllers, as controller-runtime's Manager: servers first, then caches, then the lease, then the
 * controllers; on the way out in the opposite order.
 */
import type { Registry } from 'prom-client';
import type { KubeClient } from './client.ts';
import type { Controller } from './controller.ts';
import { KubeError } from './errors.ts';
import { LeaderElection, type LeaderElectionOptions } from './lease.ts';
import { type Log, silentLog } from './log.ts';
import { type Check, checkPage, metricsPages, serve } from './serve.ts';

/** Anything that runs until its signal: a webhook server, an EventRecorder. */
export interface Runnable {
  readonly name: string;
  start(signal: AbortSignal): Promise<void>;
}

export interface ManagerOptions {
  /** SIGTERM, usually: see terminationSignal. */
  readonly signal: AbortSignal;
  /** Work only while we lead, where there is an election. */
  readonly controllers?: readonly Controller[] | undefined;
  /** Run in every replica, from the start to the very end. */
  readonly runnables?: readonly Runnable[] | undefined;
  /** The client is forked for the lease. */
  readonly leaderElection?: (Omit<LeaderElectionOptions, 'client' | 'log'> & { readonly client: KubeClient }) | undefined;
  /** Default port 8081. Readiness also waits for every source to be synced. */
  readonly health?: { readonly port?: number; readonly host?: string; readonly live?: readonly Check[]; readonly ready?: readonly Check[] } | undefined;
  /** Default port 8080; no metrics server without. */
  readonly metrics?: { readonly port?: number; readonly host?: string; readonly registry: Registry } | undefined;
  readonly onListening?: ((ports: { readonly health: number; readonly metrics: number | undefined }) => void) | undefined;
  readonly log?: Log | undefined;
}

/**
 * Resolves after the signal, when everything has ended and the lease is released. Rejects when the lease is lost, a
 * controller or runnable fails or ends by itself, or a port is taken: the process should then exit with an error.
 */
export async function runManager(options: ManagerOptions): Promise<void> {
  const { signal, controllers = [], runnables = [], log = silentLog } = options;
  const reflectors = [...new Set(controllers.flatMap((controller) => controller.sources.map((s) => s.reflector)))];
  const stop = new AbortController();
  const close = await listen(options, () => [
    { name: 'shutdown', failure: () => (signal.aborted ? 'stopping' : undefined) },
    ...reflectors.map((reflector) => ({ name: `cache ${reflector.status().resource}`, failure: () => (reflector.isSynced ? undefined : (reflector.status().failure ?? 'not listed yet')) })),
  ]);
  try {
    // Standbys keep warm caches, so that a new leader works at once.
    for (const reflector of reflectors) reflector.start(stop.signal);
    const always = runnables.map((runnable) => untilStopped(runnable, stop.signal));
    await Promise.race([lead(options, (led) => runControllers(controllers, led)), ...always]);
    stop.abort(signal.reason);
    await Promise.all([...always, ...reflectors.map((reflector) => reflector.whenStopped())]);
    log.info({}, 'stopped');
  } finally {
    stop.abort();
    await close();
  }
}

/** Fires on SIGTERM or SIGINT. A second signal ends the process at once, as without us. */
export function terminationSignal(on: Pick<NodeJS.Process, 'once'>, log: Log = silentLog): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    on.once(name, () => {
      log.info({ signal: name }, 'stopping');
      controller.abort(new Error(`stopped by ${name}`));
    });
  }
  return controller.signal;
}

async function lead(options: ManagerOptions, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { leaderElection, signal, log } = options;
  if (!leaderElection) return work(signal);
  const client = leaderElection.client.fork({ maxSockets: 2 });
  try {
    await new LeaderElection({ ...leaderElection, client, log }).run(signal, work);
  } finally {
    client.close();
  }
}

/** Resolves when all have stopped. The first that fails stops the others, and is thrown when they have: the lease is given back after this. */
async function runControllers(controllers: readonly Controller[], signal: AbortSignal): Promise<void> {
  const group = new AbortController();
  const onAbort = (): void => group.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const idle = new Promise<void>((resolve) => group.signal.addEventListener('abort', () => resolve(), { once: true }));
  const runs = controllers.map((controller) =>
    untilStopped(controller, group.signal).catch((error: unknown) => {
      group.abort(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(runs);
  if (runs.length === 0 && !signal.aborted) await idle;
  signal.removeEventListener('abort', onAbort);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function untilStopped(runnable: Runnable, signal: AbortSignal): Promise<void> {
  await runnable.start(signal);
  if (!signal.aborted) throw new KubeError('KUBE_CONFIG', `${runnable.name} ended by itself; see its log`);
}

async function listen(options: ManagerOptions, readiness: () => readonly Check[]): Promise<() => Promise<void>> {
  const { health, metrics } = options;
  const healthServer = await serve(
    {
      '/healthz': () => checkPage([{ name: 'ping', failure: () => undefined }, ...(health?.live ?? [])]),
      '/readyz': () => checkPage([...readiness(), ...(health?.ready ?? [])]),
    },
    { port: health?.port ?? 8081, host: health?.host },
  );
  const metricsServer = metrics && (await serve(metricsPages(metrics.registry), { port: metrics.port ?? 8080, host: metrics.host }));
  options.onListening?.({ health: healthServer.port, metrics: metricsServer?.port });
  return async () => {
    await Promise.all([healthServer.close(), metricsServer?.close()]);
  };
}
