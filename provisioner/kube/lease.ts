/**
 * Leader election over a coordination.k8s.io Lease, with client-go's timings (15 s, 10 s, 2 s) and wire format, so that
 * both can read each other's leases. Time is only ever measured with our own monotonic clock: a lease counts as expired
 * when we have not seen it change for its duration, whatever the clocks of others say. Needs the verbs get, create and
 * update on leases.coordination.k8s.io.
 */
import type { KubeClient } from './client.ts';
import { type Clock, Deadline, type Random, sleep, systemClock, systemRandom } from './clock.ts';
import { isKubeError, KubeError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import { resources } from './resources.ts';
import { microTimestamp } from './timestamp.ts';
import type { KubeObject } from './types.ts';

export interface Lease extends KubeObject {
  spec?: LeaseSpec;
}
export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  /** metav1.MicroTime. */
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export interface LeaderElectionOptions {
  /** Give it connections of its own (`client.fork()`): a lease that queues behind lists is a lease lost. */
  readonly client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  readonly name: string;
  /** Unique among the candidates: the pod's name with something random. */
  readonly identity: string;
  /** How long others wait after our last sign of life, default 15 s. */
  readonly leaseDurationMs?: number | undefined;
  /** How long we go on without a successful renewal, default 10 s; less than the lease. */
  readonly renewDeadlineMs?: number | undefined;
  /** Pause between attempts, default 2 s. */
  readonly retryPeriodMs?: number | undefined;
  readonly observer?: { leading(isLeading: boolean): void } | undefined;
  readonly log?: Log | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
}

export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  /** The last lease seen of anybody, and when we first saw it so. */
  #seen: { readonly resourceVersion: string | undefined; readonly atMs: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = options.log ?? silentLog;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
  }

  /**
   * Waits for the lease, then calls `lead`. When the signal comes, the lease is kept until `lead` has returned, and is
   * then released, so that the next holder starts at once and never beside us. Throws KUBE_LEADERSHIP_LOST, at once and
   * with `lead`'s signal fired, when the lease could not be kept: the process must then exit, another may lead in 5 s.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { observer, namespace, name, identity } = this.#options;
    observer?.leading(false);
    const heldSinceMs = await this.#acquire(signal);
    if (heldSinceMs === undefined) return;
    this.#log.info({ lease: `${namespace}/${name}`, identity }, 'leads');
    observer?.leading(true);
    try {
      await this.#hold(heldSinceMs, signal, lead);
    } finally {
      observer?.leading(false);
    }
  }

  /** Resolves with the time of the request that won, or undefined when the signal came first. */
  async #acquire(signal: AbortSignal): Promise<number | undefined> {
    while (!signal.aborted) {
      const startedMs = this.#clock.monotonicMs();
      if ((await this.#try(this.#renewDeadlineMs, signal)) === 'held') return startedMs;
      // client-go's JitterFactor of 1.2: candidates do not knock in step.
      await sleep(this.#retryPeriodMs * (1 + 1.2 * this.#random()), { clock: this.#clock, signal }).catch(() => undefined);
    }
    return undefined;
  }

  async #hold(heldSinceMs: number, signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const leading = new AbortController();
    const finished = new AbortController();
    const onAbort = (): void => leading.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const work = lead(leading.signal);
    const renewal = this.#renew(heldSinceMs, finished.signal);
    try {
      const lost = await Promise.race([work.then(() => undefined), renewal]);
      if (lost) {
        leading.abort(lost);
        work.catch((error: unknown) => this.#log.debug({ err: error }, 'work ended after the lease was lost'));
        throw lost;
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      finished.abort();
      if ((await renewal) === undefined) await this.#release();
    }
  }

  /** Renews until the signal; resolves with the error when the lease is lost before. */
  async #renew(heldSinceMs: number, signal: AbortSignal): Promise<KubeError | undefined> {
    const { namespace, name } = this.#options;
    let renewedMs = heldSinceMs;
    while (!signal.aborted) {
      await sleep(this.#retryPeriodMs, { clock: this.#clock, signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      const startedMs = this.#clock.monotonicMs();
      const leftMs = renewedMs + this.#renewDeadlineMs - startedMs;
      const outcome = leftMs > 0 ? await this.#try(leftMs, signal) : 'failed';
      if (outcome === 'held') renewedMs = startedMs;
      const isOverdue = this.#clock.monotonicMs() - renewedMs >= this.#renewDeadlineMs;
      if (outcome === 'others' || (isOverdue && !signal.aborted)) {
        const why = outcome === 'others' ? 'another instance holds it' : `it could not be renewed for ${this.#renewDeadlineMs} ms`;
        return new KubeError('KUBE_LEADERSHIP_LOST', `renew Lease ${namespace}/${name}: ${why}; the process exits and stands for election again`);
      }
    }
    return undefined;
  }

  /** One attempt to take or keep the lease. */
  async #try(withinMs: number, signal: AbortSignal): Promise<'held' | 'others' | 'failed'> {
    const reason = (): Error => new KubeError('KUBE_TIMEOUT', `renew Lease ${this.#options.name}: no answer within ${Math.round(withinMs)} ms`);
    const deadline = new Deadline({ ms: withinMs, reason, clock: this.#clock, parent: signal });
    try {
      return await this.#takeOrRenew(deadline.signal);
    } catch (error) {
      // A conflict is a race lost, the usual case of two candidates.
      if (!signal.aborted && !isKubeError(error, 'KUBE_CONFLICT', 'KUBE_ALREADY_EXISTS')) this.#log.warn({ err: error }, 'lease not reached, trying again');
      return 'failed';
    } finally {
      deadline.dispose();
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<'held' | 'others'> {
    const { client, namespace, name, identity } = this.#options;
    const now = microTimestamp(this.#clock.now());
    const lease = await client.get<Lease>(resources.leases, { namespace, name }, { signal });
    if (!lease) {
      const spec = { ...this.#mine(now), acquireTime: now, leaseTransitions: 0 };
      await client.create<Lease>(resources.leases, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec }, { signal });
      return 'held';
    }
    const { holderIdentity: holder = '', leaseTransitions = 0, acquireTime = now } = lease.spec ?? {};
    const isOurs = holder === identity;
    if (!isOurs && holder !== '' && !this.#isExpired(lease)) return 'others';
    const taken = isOurs ? { acquireTime, leaseTransitions } : { acquireTime: now, leaseTransitions: leaseTransitions + 1 };
    await client.replace<Lease>(resources.leases, { ...lease, spec: { ...lease.spec, ...this.#mine(now), ...taken } }, { signal });
    return 'held';
  }

  #mine(now: string): LeaseSpec {
    const leaseDurationMs = this.#options.leaseDurationMs ?? 15_000;
    return { holderIdentity: this.#options.identity, leaseDurationSeconds: Math.max(1, Math.ceil(leaseDurationMs / 1000)), renewTime: now };
  }

  /** Unchanged, to our eyes, for as long as its holder asked for. */
  #isExpired(lease: Lease): boolean {
    const { resourceVersion } = lease.metadata;
    const now = this.#clock.monotonicMs();
    if (!this.#seen || this.#seen.resourceVersion !== resourceVersion) this.#seen = { resourceVersion, atMs: now };
    return now - this.#seen.atMs >= (lease.spec?.leaseDurationSeconds ?? 15) * 1000;
  }

  /** As client-go's release: no holder, one second. A failure costs the next holder the lease's duration, no more. */
  async #release(): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    const reason = (): Error => new KubeError('KUBE_TIMEOUT', `release Lease ${namespace}/${name}: no answer in time; the next holder waits for it to expire`);
    const deadline = new Deadline({ ms: this.#renewDeadlineMs, reason, clock: this.#clock });
    try {
      const lease = await client.get<Lease>(resources.leases, { namespace, name }, { signal: deadline.signal });
      if (lease?.spec?.holderIdentity !== identity) return;
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTimestamp(this.#clock.now()) };
      await client.replace<Lease>(resources.leases, { ...lease, spec }, { signal: deadline.signal });
      this.#log.info({ lease: `${namespace}/${name}`, identity }, 'lease released');
    } catch (error) {
      this.#log.warn({ err: error }, 'lease not released');
    } finally {
      deadline.dispose();
    }
  }
}
