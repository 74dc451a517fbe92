import { describe, expect, test } from '@jest/globals';
import { KubeError } from '../../../provisioner/kube/errors.ts';
import { LeaderElection, type Lease } from '../../../provisioner/kube/lease.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { FakeClock, settle } from './fake-clock.ts';

/** One lease in memory with the API server's optimistic lock. */
class LeaseServer {
  lease: Lease | undefined;
  isDown = false;
  writes = 0;

  get(): Promise<Lease | undefined> {
    this.#check();
    return Promise.resolve(structuredClone(this.lease));
  }

  create(object: Lease): Promise<Lease> {
    this.#check();
    if (this.lease) throw new KubeError('KUBE_ALREADY_EXISTS', 'exists');
    return this.#store(object);
  }

  replace(object: Lease): Promise<Lease> {
    this.#check();
    if (object.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) throw new KubeError('KUBE_CONFLICT', 'conflict');
    return this.#store(object);
  }

  client(): ConstructorParameters<typeof LeaderElection>[0]['client'] {
    return {
      get: async <T extends KubeObject>() => (await this.get()) as unknown as T | undefined,
      create: async <T extends KubeObject>(_r: unknown, object: T) => (await this.create(object as unknown as Lease)) as unknown as T,
      replace: async <T extends KubeObject>(_r: unknown, object: T) => (await this.replace(object as unknown as Lease)) as unknown as T,
    };
  }

  #store(object: Lease): Promise<Lease> {
    this.writes++;
    this.lease = structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.writes) } });
    return Promise.resolve(this.lease);
  }

  #check(): void {
    if (this.isDown) throw new KubeError('KUBE_UNREACHABLE', 'down');
  }
}

class Candidate {
  readonly stop = new AbortController();
  readonly finishWork = Promise.withResolvers<void>();
  leads = false;
  error: unknown;
  readonly done: Promise<void>;

  constructor(identity: string, server: LeaseServer, clock: FakeClock) {
    const election = new LeaderElection({ client: server.client(), namespace: 'n', name: 'l', identity, clock, random: () => 0 });
    this.done = election
      .run(this.stop.signal, async (signal) => {
        this.leads = true;
        if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
        if (signal.reason instanceof KubeError) this.leads = false;
        await this.finishWork.promise;
        this.leads = false;
      })
      .catch((error: unknown) => void (this.error = error));
  }
}

describe('leader election', () => {
  test('one leads, the other waits; on stop the lease is kept until the work is done, then handed over at once', async () => {
    const clock = new FakeClock();
    const server = new LeaseServer();
    const a = new Candidate('a', server, clock);
    await settle();
    const b = new Candidate('b', server, clock);
    await clock.advance(60_000);
    expect([a.leads, b.leads]).toEqual([true, false]);
    a.stop.abort();
    await clock.advance(60_000);
    expect([a.leads, b.leads, server.lease?.spec?.holderIdentity]).toEqual([true, false, 'a']);
    a.finishWork.resolve();
    await clock.advance(3000);
    expect([a.leads, b.leads, a.error]).toEqual([false, true, undefined]);
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1, leaseDurationSeconds: 15 });
    expect(server.lease?.spec?.renewTime).toMatch(/^2026-01-01T00:0\d:\d\d\.\d{6}Z$/);
    b.stop.abort();
    b.finishWork.resolve();
    await clock.advance(3000);
    await Promise.all([a.done, b.done]);
    expect([server.lease?.spec?.holderIdentity, clock.pending]).toEqual(['', 0]);
  });

  test('who cannot renew for ten seconds has lost, before another can have taken over', async () => {
    const clock = new FakeClock();
    const server = new LeaseServer();
    const a = new Candidate('a', server, clock);
    const b = new Candidate('b', server, clock);
    await clock.advance(10_000);
    expect([a.leads, b.leads]).toEqual([true, false]);
    server.isDown = true;
    await clock.advance(9_900);
    expect(a.error).toBeUndefined();
    await clock.advance(2_100);
    expect(a.leads).toBe(false);
    expect(a.error).toMatchObject({ code: 'KUBE_LEADERSHIP_LOST' });
    server.isDown = false;
    await clock.advance(1_500);
    expect(b.leads).toBe(false);
    // It sees the last renewal only now, and waits for its whole duration from here.
    await clock.advance(18_000);
    expect(b.leads).toBe(true);
    b.stop.abort();
    b.finishWork.resolve();
    await clock.advance(3000);
    expect(clock.pending).toBe(0);
  });

  test('a lease that another has written is lost at once', async () => {
    const clock = new FakeClock();
    const server = new LeaseServer();
    const a = new Candidate('a', server, clock);
    await clock.advance(4000);
    server.lease = { ...server.lease!, metadata: { ...server.lease!.metadata, resourceVersion: 'x' }, spec: { ...server.lease!.spec, holderIdentity: 'thief' } };
    await clock.advance(2000);
    expect(a.error).toMatchObject({ code: 'KUBE_LEADERSHIP_LOST', message: expect.stringContaining('another instance') });
    expect(server.lease.spec?.holderIdentity).toBe('thief');
  });

  test('the clocks of others do not matter: a lease renewed in the far future or past expires only unseen', async () => {
    const clock = new FakeClock();
    for (const renewTime of ['1970-01-01T00:00:00.000000Z', '2099-01-01T00:00:00.000000Z']) {
      const server = new LeaseServer();
      server.lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace: 'n', name: 'l', resourceVersion: '0' }, spec: { holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime } };
      const a = new Candidate('a', server, clock);
      await clock.advance(14_000);
      expect(a.leads).toBe(false);
      await clock.advance(4_500);
      expect(a.leads).toBe(true);
      a.stop.abort();
      a.finishWork.resolve();
      await clock.advance(1000);
    }
  });

  test('of many candidates that come, hang and go, never two lead', async () => {
    const clock = new FakeClock();
    const server = new LeaseServer();
    const candidates = Array.from({ length: 5 }, (_, i) => new Candidate(`c${i}`, server, clock));
    for (const [i, candidate] of candidates.entries()) {
      await clock.advance(20_000);
      expect(candidates.filter((c) => c.leads)).toHaveLength(1);
      const leader = candidates.find((c) => c.leads);
      leader?.stop.abort();
      if (i % 2 === 0) await clock.advance(7_000);
      leader?.finishWork.resolve();
      await settle();
      expect(candidates.filter((c) => c.leads).length).toBeLessThanOrEqual(1);
      expect(candidate.error).toBeUndefined();
    }
    await clock.advance(20_000);
    expect(clock.pending).toBe(0);
  });
});
