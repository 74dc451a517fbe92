/** What logins are counted by. Labels name clusters and roles, never people: a scrape is read by more than who may know. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ClusterAccess } from '../../api/cluster-access.ts';
import { keyOf, parseKey } from '../../kube/index.ts';
import { isOpen, isRefused } from './report.ts';
import type { RightsBoard } from './rights-board.ts';
import { scrapedGauge } from '../scraped-gauge.ts';

interface Open {
  /** Not `namespace`: Prometheus has that label for the pod it scrapes. */
  readonly cluster_namespace: string;
  readonly cluster: string;
  readonly role: string;
  readonly expiresAt: Date;
}

const labelsOf = ({ metadata, spec }: ClusterAccess): Omit<Open, 'expiresAt'> => ({ cluster_namespace: metadata.namespace ?? '', cluster: spec.cluster, role: spec.role ?? '' });

export class AccessCounters {
  readonly #issued: Counter;
  readonly #refused: Counter;
  readonly #ended: Counter;
  /** What is open, to tell when it goes whether its time was over. */
  readonly #open = new Map<string, Open>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#issued = new Counter({ name: 'keelson_cluster_access_issued_total', help: 'Logins to workload clusters whose certificate was signed.', labelNames: ['cluster_namespace', 'cluster', 'role'], registers });
    this.#refused = new Counter({ name: 'keelson_cluster_access_refused_total', help: 'Logins that the operator refused; those that admission refuses are in apiserver_admission_*.', labelNames: ['cluster_namespace', 'reason'], registers });
    this.#ended = new Counter({ name: 'keelson_cluster_access_ended_total', help: 'Logins that ended: expired, or before that (revoked: deleted, or the role was lost).', labelNames: ['cluster_namespace', 'cluster', 'how'], registers });
  }

  issued(access: ClusterAccess, expiresAt: Date): void {
    this.#issued.inc(labelsOf(access));
    this.#open.set(keyOf(access.metadata), { ...labelsOf(access), expiresAt });
  }

  /** One that is open, issued by an earlier leader. */
  learn(access: ClusterAccess): void {
    this.#open.set(keyOf(access.metadata), { ...labelsOf(access), expiresAt: new Date(access.status?.expiresAt ?? 0) });
  }

  refused(access: ClusterAccess, reason: string): void {
    this.#refused.inc({ cluster_namespace: access.metadata.namespace ?? '', reason });
  }

  ended(key: string, now: Date): void {
    const known = this.#open.get(key);
    if (!known) return;
    this.#open.delete(key);
    this.#ended.inc({ cluster_namespace: known.cluster_namespace, cluster: known.cluster, how: known.expiresAt <= now ? 'expired' : 'revoked' });
  }
}

/** Gauges that are read from the caches at each scrape. */
export function registerAccessGauges(registry: Registry, o: { readonly accesses: { items(): ClusterAccess[] }; readonly board: RightsBoard; readonly now: () => Date }): void {
  new Gauge({
    name: 'keelson_cluster_access_open',
    help: 'Logins to workload clusters that are open now.',
    labelNames: ['cluster_namespace', 'cluster', 'role'],
    registers: [registry],
    collect() {
      this.reset();
      for (const access of o.accesses.items()) if (isOpen(access, o.now())) this.inc(labelsOf(access));
    },
  });
  new Gauge({
    name: 'keelson_cluster_access_waiting',
    help: 'Logins that were asked for and are neither issued nor refused.',
    labelNames: ['cluster_namespace', 'cluster'],
    registers: [registry],
    collect() {
      this.reset();
      for (const access of o.accesses.items()) if (!access.status?.expiresAt && !isRefused(access)) this.inc({ cluster_namespace: access.metadata.namespace ?? '', cluster: access.spec.cluster });
    },
  });
  scrapedGauge(registry, { name: 'keelson_access_rights_applied', help: '1 where the rights in a cluster are those of ClusterAccess and AccessBinding, 0 where the last try failed.', labels: ['cluster_namespace', 'cluster'] }, function* () {
    for (const { cluster, state } of o.board.states()) {
      const { namespace, name } = parseKey(cluster);
      if (state !== 'pending') yield [{ cluster_namespace: namespace, cluster: name }, state === 'applied' ? 1 : 0] as const;
    }
  });
}
