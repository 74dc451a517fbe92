/**
 * Asks /readyz of every cluster's API server, from outside, with a connection of its own each time: what a user of the
 * cluster would meet. Beside the federation it tells "the API is down" from "the way to its metrics is". Every replica of
 * the operator probes, leading or not.
 */
import type { ProbeFailure } from '../../../monitoring/fleet.ts';
import { type Clock, isKubeError, keyOf, type KubeClient, type Log, sleep } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isDeleting, isManaged } from '../cluster.ts';

export interface ProbeResult {
  /** undefined: it answered ok. */
  readonly failure: ProbeFailure | undefined;
  readonly seconds: number;
}

export interface ApiProbeOptions {
  readonly clusters: { items(): Cluster[] };
  readonly remotes: { client(cluster: { readonly namespace: string; readonly name: string }): Promise<KubeClient | undefined> };
  readonly clock: Clock;
  readonly log: Log;
  /** Between two probes of a cluster; default 15 s. */
  readonly intervalMs?: number;
  /** For one probe, connection and TLS included; default 5 s. */
  readonly timeoutMs?: number;
}

export class ApiProbe {
  readonly name = 'probe of API servers';
  readonly #o: Required<ApiProbeOptions>;
  readonly #results = new Map<string, ProbeResult>();

  constructor(options: ApiProbeOptions) {
    this.#o = { intervalMs: 15_000, timeoutMs: 5000, ...options };
  }

  /** By `namespace/name`; only of clusters that have had a control plane. */
  results(): ReadonlyMap<string, ProbeResult> {
    return this.#results;
  }

  /** Probes all clusters once per interval, spread over it, until the signal. */
  async start(signal: AbortSignal): Promise<void> {
    const { clusters, clock, intervalMs } = this.#o;
    while (!signal.aborted) {
      const due = clusters.items().filter((cluster) => isManaged(cluster) && !isDeleting(cluster) && hasControlPlane(cluster));
      this.#forgetAllBut(new Set(due.map(({ metadata }) => keyOf(metadata))));
      const round = due.map(async (cluster, i) => {
        await sleep((i / due.length) * intervalMs, { clock, signal });
        if (!signal.aborted) await this.#probe(cluster, signal);
      });
      await Promise.all([sleep(intervalMs, { clock, signal }), ...round].map((part) => part.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      })));
    }
  }

  async #probe(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#o;
    const key = keyOf(cluster.metadata);
    const begun = clock.now().getTime();
    const failure = await this.#failureOf({ namespace: cluster.metadata.namespace ?? '', name: cluster.metadata.name }, signal);
    if (signal.aborted) return;
    const before = this.#results.get(key);
    if (before !== undefined && before.failure !== failure) log.info({ cluster: key, failure: failure ?? 'none' }, 'answer of the API server changed');
    this.#results.set(key, { failure, seconds: (clock.now().getTime() - begun) / 1000 });
  }

  async #failureOf(ref: { readonly namespace: string; readonly name: string }, signal: AbortSignal): Promise<ProbeFailure | undefined> {
    let client: KubeClient | undefined;
    try {
      client = (await this.#o.remotes.client(ref))?.fork({ maxSockets: 1, timeoutMs: this.#o.timeoutMs });
      if (!client) return 'no_credentials';
      const { status } = await client.request({ method: 'GET', path: '/readyz', signal });
      if (status === 200) return undefined;
      return status === 401 || status === 403 ? 'refused' : 'not_ready';
    } catch (error) {
      return reasonOf(error);
    } finally {
      client?.close();
    }
  }

  #forgetAllBut(keys: ReadonlySet<string>): void {
    for (const key of this.#results.keys()) if (!keys.has(key)) this.#results.delete(key);
  }
}

/** @throws what is no failure of the call: a mistake of ours */
function reasonOf(error: unknown): ProbeFailure {
  if (!isKubeError(error)) throw error;
  if (error.code === 'KUBE_TIMEOUT') return 'timeout';
  if (error.code === 'KUBE_CONFIG') return 'no_credentials';
  if (error.code === 'KUBE_UNAUTHORIZED' || error.code === 'KUBE_FORBIDDEN') return 'refused';
  return /CERT|SSL|TLS|VERIFY|SIGNATURE/.test(codesOf(error).join(' ')) ? 'certificate' : 'unreachable';
}

/** Codes of an error and of what caused it: node:tls says them deep down. */
function codesOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { code = '', cause } = error as { code?: string; cause?: unknown };
  return [code, ...codesOf(cause)];
}
