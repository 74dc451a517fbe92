/** What is silenced, and whether every Alertmanager knows. Written by the replica that leads: the others deliver nothing. */
import { Counter, Gauge, type Registry } from 'prom-client';
import { silenceReady } from '../../api/conditions.ts';
import { findCondition } from '../../kube/index.ts';
import type { Delivered } from './delivery.ts';
import type { SilenceObject, WindowObject } from './wanted.ts';
import { scrapedGauge } from '../scraped-gauge.ts';

export interface SilenceMetrics {
  delivered(delivered: readonly Delivered[]): void;
  changed(action: 'put' | 'expired'): void;
}

export function registerSilenceMetrics(registry: Registry, sources: { readonly silences: { items(): SilenceObject[] }; readonly windows: { items(): WindowObject[] } }): SilenceMetrics {
  const registers = [registry];
  const reached = new Gauge({ name: 'keelson_alertmanager_reached', help: '1 where an Alertmanager took what it should of the silences, 0 where it did not answer or refused.', labelNames: ['alertmanager'], registers });
  const changes = new Counter({ name: 'keelson_silence_changes_total', help: 'Silences that were written into an Alertmanager (put), or ended there (expired).', labelNames: ['action'], registers });
  scrapedGauge(registry, { name: 'keelson_silence_ready', help: '1 where a Silence or MaintenanceWindow is Ready, else 0, and why.', labels: ['silence_kind', 'silence_namespace', 'silence', 'reason'] }, function* () {
    for (const { kind, metadata, status } of [...sources.silences.items(), ...sources.windows.items()]) {
      const ready = findCondition(status?.conditions, silenceReady.type);
      if (ready) yield [{ silence_kind: kind, silence_namespace: metadata.namespace ?? '', silence: metadata.name, reason: ready.reason }, ready.status === 'True' ? 1 : 0] as const;
    }
  });
  return {
    delivered(delivered) {
      reached.reset();
      for (const { url, failure } of delivered) reached.set({ alertmanager: url }, failure === undefined ? 1 : 0);
    },
    changed: (action) => changes.inc({ action }),
  };
}
