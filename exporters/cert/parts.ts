/** The parts that all sources and the server of a cert-exporter share, made from its configuration. */
import type { Clock, Random } from '../core/clock.ts';
import { Health } from '../core/health.ts';
import type { Log } from '../core/log.ts';
import { Scheduler } from '../core/scheduler.ts';
import { SelfMetrics } from '../core/self-metrics.ts';
import { SourceHealth, sourceMetrics } from '../core/source-health.ts';
import { SeriesStore } from '../core/store.ts';
import { certificateFamilies, healthFamilies, skipReasons, switchable, type CertSource } from './catalogue.ts';
import type { Config } from './config.ts';
import { Pkcs12 } from './formats/pkcs12.ts';
import type { SourceHooks } from './sources/hooks.ts';

export interface Parts {
  readonly store: SeriesStore;
  readonly self: SelfMetrics;
  readonly health: Health;
  readonly scheduler: Scheduler;
  readonly pkcs12: Pkcs12;
  readonly sources: SourceHealth[];
  /** Registers a source: its health, its readiness, its place on the page. */
  readonly hooks: (name: CertSource) => SourceHooks;
}

export interface PartsOptions {
  readonly config: Config;
  readonly version: string;
  readonly workerEntry: URL;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
}

export function assemble({ config, version, workerEntry, log, clock, random }: PartsOptions): Parts {
  const self = new SelfMetrics(healthFamilies);
  const metrics = sourceMetrics('cert_exporter', self);
  const collisions = self.counter('cert_exporter_collisions_total');
  self.gauge('cert_exporter_build_info').set({ version }, 1);
  const health = new Health();
  const sources: SourceHealth[] = [];
  const store = new SeriesStore(wantedFamilies(config), clock);
  const hooks = (name: CertSource): SourceHooks => {
    const made = new SourceHealth(name, metrics);
    made.failed('first pass not done');
    sources.push(made);
    health.addReady(name, () => made.notReady());
    return {
      store, health: made, clock, log,
      onSkipped: (object, reason, detail) => log[reason === 'outside_root' ? 'debug' : 'warn']({ source: name, object, reason, ...(detail && { detail }) }, `skipped: ${skipReasons[reason]}`),
      onCollision: (count) => collisions.inc({ source: name }, count),
    };
  };
  return { store, self, health, scheduler: new Scheduler({ clock, random }), pkcs12: new Pkcs12(workerEntry), sources, hooks };
}

function wantedFamilies({ families }: Config): typeof certificateFamilies {
  const off = (Object.keys(switchable) as (keyof typeof switchable)[]).filter((group) => !families[group]);
  return certificateFamilies.filter(({ name }) => !off.some((group) => switchable[group](name)));
}
