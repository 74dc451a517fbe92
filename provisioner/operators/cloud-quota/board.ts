/** What was read last of each project, as metrics: the leader asks, so the leader tells. Old figures are not shown as if they were new. */
import { Counter, type Registry } from 'prom-client';
import type { Quota } from '../../openstack/index.ts';
import { quotaMetrics } from '../../../monitoring/fleet.ts';
import { type Sample, scrapedGauge } from '../scraped-gauge.ts';
import type { QuotaService } from './read.ts';

/** Whose figures. */
export interface Project {
  readonly organization: string;
  readonly project: string;
  readonly region: string;
}

interface Kept extends Project {
  readonly service: QuotaService;
  readonly quotas: Readonly<Record<string, Quota>>;
  readonly readAt: Date;
}

export interface QuotaBoardOptions {
  readonly registry: Registry;
  readonly now: () => Date;
  /** After so long without a new answer figures are not shown any more. */
  readonly keepMs: number;
}

export class QuotaBoard {
  /** By who asked, and service. */
  readonly #kept = new Map<string, Map<QuotaService, Kept>>();
  readonly #failures: Counter;

  constructor({ registry, now, keepMs }: QuotaBoardOptions) {
    const all = (): Kept[] => [...this.#kept.values()].flatMap((services) => [...services.values()]);
    const fresh = (): Kept[] => all().filter(({ readAt }) => now().getTime() - readAt.getTime() < keepMs);
    const amounts = (of: (quota: Quota) => number | undefined) => (): Sample[] => fresh().flatMap(({ organization, project, region, service, quotas }) =>
      Object.entries(quotas).flatMap(([resource, quota]) => {
        const value = of(quota);
        return value === undefined ? [] : [[{ organization, project, region, service, resource }, value] as const];
      }));
    scrapedGauge(registry, quotaMetrics.used, amounts(({ used }) => used));
    scrapedGauge(registry, quotaMetrics.limit, amounts(({ limit }) => (limit < 0 ? undefined : limit)));
    // Also of figures that are not shown any more: that they are old is what there is to say.
    scrapedGauge(registry, quotaMetrics.readAt, () => all().map(({ organization, project, region, service, readAt }) => [{ organization, project, region, service }, readAt.getTime() / 1000]));
    this.#failures = new Counter({ name: quotaMetrics.errors.name, help: quotaMetrics.errors.help, labelNames: [...quotaMetrics.errors.labels], registers: [registry] });
  }

  /** @param asker who asked, so that its figures can be forgotten */
  keep(asker: string, kept: Kept): void {
    const services = this.#kept.get(asker) ?? new Map<QuotaService, Kept>();
    this.#kept.set(asker, services.set(kept.service, kept));
  }

  /** @param code of the CloudError or OperatorError @param service of OpenStack; `identity` where nobody could log in */
  failed(organization: string, service: QuotaService | 'identity', code: string): void {
    this.#failures.inc({ organization, service, code });
  }

  forget(asker: string): void {
    this.#kept.delete(asker);
  }
}
