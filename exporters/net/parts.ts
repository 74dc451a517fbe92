/** The parts that all probes and the server of a net-exporter share, made from its configuration. */
import type { Clock, Random } from '../core/clock.ts';
import { Health } from '../core/health.ts';
import type { Log } from '../core/log.ts';
import { Scheduler } from '../core/scheduler.ts';
import { SelfMetrics } from '../core/self-metrics.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { SourceHealth, sourceMetrics } from '../core/source-health.ts';
import { healthFamilies, measuredFamilies, skipReasons, verdicts, type NetSource, type Probe, type SkipReason } from './catalogue.ts';
import { Meter } from './meter.ts';
import type { Finding } from './verdict/finding.ts';

export interface PartsOptions {
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
}

export class Parts {
  readonly meter = new Meter(measuredFamilies);
  readonly self = new SelfMetrics(healthFamilies);
  readonly health = new Health();
  readonly scheduler: Scheduler;
  readonly sources: SourceHealth[] = [];
  readonly #options: PartsOptions;
  readonly #skipped = new Set<string>();
  readonly #metrics = sourceMetrics('net_exporter', this.self);
  #snapshot: Snapshot;

  constructor(options: PartsOptions) {
    this.#options = options;
    this.scheduler = new Scheduler(options);
    this.self.gauge('net_exporter_build_info').set({ version: options.version }, 1);
    this.#snapshot = this.meter.snapshot();
  }

  /** What scrapes see: everything as it was at the end of the last round of any probe. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  publish(): void {
    this.#snapshot = this.meter.snapshot();
  }

  /** Not part of readiness: only a pod that is ready is among the peers of others, and one that cannot reach the API server is whom they should watch. */
  source(name: NetSource): SourceHealth {
    const made = new SourceHealth(name, this.#metrics);
    made.failed('not listed yet');
    this.sources.push(made);
    return made;
  }

  /** Counts an endpoint that is left out, and logs it the first time. */
  skipped(source: SourceHealth, endpoint: string, reason: SkipReason): void {
    source.skipped(reason);
    const known = `${endpoint} ${reason}`;
    if (this.#skipped.has(known) || this.#skipped.size > maxRemembered) return;
    this.#skipped.add(known);
    this.#options.log.warn({ source: source.name, endpoint, reason }, `skipped: ${skipReasons[reason]}`);
  }

  /** Runs a probe on a timer of its own until the signal, and publishes after each round. */
  probe(name: Probe, timing: { readonly intervalMs: number; readonly nextMs?: () => number; readonly timeoutMs: number }, round: (signal: AbortSignal) => Promise<void>): (signal: AbortSignal) => Promise<void> {
    const { clock, log } = this.#options;
    const { meter, health, scheduler } = this;
    let isDone = false;
    health.addReady(name, () => (isDone ? undefined : 'first round not done'));
    health.addLive(name, () => ((scheduler.sinceFinishedMs(name) ?? 0) > 4 * (timing.intervalMs + timing.timeoutMs) ? 'no round has ended for too long' : undefined));
    const run = async (signal: AbortSignal): Promise<void> => {
      const startedMs = clock.monotonicMs();
      await round(signal);
      if (signal.aborted) return;
      isDone = true;
      meter.set('net_exporter_probe_duration_seconds', { probe: name }, (clock.monotonicMs() - startedMs) / 1000);
      meter.set('net_exporter_probe_last_round_timestamp_seconds', { probe: name }, clock.now().getTime() / 1000);
      this.publish();
    };
    return (signal) => scheduler.run({
      name, jitter: 0.1, timeoutMs: timing.timeoutMs, intervalMs: timing.nextMs ?? timing.intervalMs, run,
      onBegin: (lagMs) => meter.set('net_exporter_probe_lag_seconds', { probe: name }, lagMs / 1000),
      onError: (err) => log.error({ err, probe: name }, 'round failed'),
    }, signal);
  }
}

/** Endpoints that were logged as skipped, so that each is logged once. */
const maxRemembered = 1000;

/** The state set: every verdict with an empty subject, and what holds for which subject. */
export function recordFindings(meter: Meter, me: { readonly node: string; readonly zone: string }, findings: readonly Finding[]): void {
  const labels = { source_node: me.node, source_zone: me.zone };
  meter.clear('net_exporter_verdict');
  for (const verdict of Object.keys(verdicts)) {
    const holding = findings.filter((one) => one.verdict === verdict);
    meter.set('net_exporter_verdict', { ...labels, verdict }, holding.length > 0 ? 1 : 0);
    for (const { subject, detail } of holding) meter.set('net_exporter_verdict', { ...labels, verdict, subject, detail }, 1);
  }
}
