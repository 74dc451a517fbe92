import { describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type ChangeSource, Controller, source } from '../../../provisioner/kube/controller.ts';
import { KubeMetrics } from '../../../provisioner/kube/metrics.ts';
import { silentLog } from '../../../provisioner/kube/log.ts';
import { Store } from '../../../provisioner/kube/store.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { FakeClock, settle } from './fake-clock.ts';

interface Thing extends KubeObject {
  owner?: string;
}
const thing = (name: string, rest: Partial<Thing> = {}): Thing => ({ apiVersion: 'v1', kind: 'Thing', metadata: { namespace: 'n', name, uid: name, resourceVersion: String(Math.random()) }, ...rest });

/** A reflector whose content the test writes. */
class FakeSource implements ChangeSource<Thing> {
  readonly store = new Store<Thing>(silentLog);
  readonly synced = Promise.withResolvers<void>();
  isSynced = false;
  start(): void {}
  sync(): void {
    this.isSynced = true;
    this.synced.resolve();
  }
  whenSynced(signal?: AbortSignal): Promise<void> {
    return Promise.race([this.synced.promise, new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))]);
  }
  whenStopped = (): Promise<void> => Promise.resolve();
  onChange = this.store.onChange.bind(this.store);
  status = () => ({ resource: 'things', isSynced: this.isSynced, objects: this.store.size, silentMs: 0, failure: undefined });
  put(object: Thing): void {
    this.store.set(`n/${object.metadata.name}`, object);
  }
}

function setUp(reconcile: (name: string, signal: AbortSignal) => Promise<{ requeueAfterMs?: number } | void>, options: { workers?: number; timeoutMs?: number } = {}) {
  const clock = new FakeClock();
  const things = new FakeSource();
  const registry = new Registry();
  const controller = new Controller({
    name: 'things',
    sources: [source({ reflector: things })],
    reconcile: ({ name }, signal) => reconcile(name, signal),
    metrics: new KubeMetrics(registry),
    clock,
    random: () => 0,
    ...options,
  });
  const stop = new AbortController();
  return { clock, things, registry, controller, stop, done: controller.start(stop.signal) };
}

const sample = async (registry: Registry, text: string): Promise<boolean> => (await registry.metrics()).includes(text);

describe('controller', () => {
  test('works only after its sources are synced, and then on everything that is there', async () => {
    const seen: string[] = [];
    const { things, stop, done } = setUp(async (name) => void seen.push(name));
    things.put(thing('a'));
    await settle();
    expect(seen).toEqual([]);
    things.put(thing('b'));
    things.sync();
    await settle();
    expect(seen).toEqual(['a', 'b']);
    stop.abort();
    await done;
  });

  test('a failure comes again with growing pauses until it goes well, and is counted', async () => {
    const at: number[] = [];
    const { clock, things, registry, stop, done } = setUp(async () => {
      at.push(clock.monotonicMs());
      if (at.length <= 5) throw new Error('not yet');
    });
    things.sync();
    things.put(thing('a'));
    await clock.advance(10_000);
    expect(at).toEqual([0, 5, 15, 35, 75, 155]);
    expect(await sample(registry, 'controller_runtime_reconcile_total{controller="things",result="error"} 5')).toBe(true);
    expect(await sample(registry, 'controller_runtime_reconcile_total{controller="things",result="success"} 1')).toBe(true);
    expect(await sample(registry, 'controller_runtime_reconcile_errors_total{controller="things"} 5')).toBe(true);
    expect(await sample(registry, 'workqueue_retries_total{name="things"} 5')).toBe(true);
    expect(await sample(registry, 'workqueue_depth{name="things"} 0')).toBe(true);
    things.put(thing('a'));
    await clock.advance(1);
    expect(at).toHaveLength(7);
    stop.abort();
    await done;
    expect(clock.pending).toBe(0);
  });

  test('a synchronous throw is a failure like any other', async () => {
    let runs = 0;
    const { clock, things, stop, done } = setUp(() => {
      if (++runs === 1) throw new Error('a defect');
      return Promise.resolve();
    });
    things.sync();
    things.put(thing('a'));
    await clock.advance(1000);
    expect(runs).toBe(2);
    stop.abort();
    await done;
  });

  test('comes back when asked to, without back-off', async () => {
    const at: number[] = [];
    const { clock, things, stop, done } = setUp(async () => {
      at.push(clock.monotonicMs());
      return at.length < 3 ? { requeueAfterMs: 60_000 } : undefined;
    });
    things.sync();
    things.put(thing('a'));
    await clock.advance(600_000);
    expect(at).toEqual([0, 60_000, 120_000]);
    stop.abort();
    await done;
  });

  test('never more at a time than it has workers, and never one key twice', async () => {
    const running = new Set<string>();
    let most = 0;
    const { clock, things, registry, stop, done } = setUp(async (name) => {
      expect(running.has(name)).toBe(false);
      running.add(name);
      most = Math.max(most, running.size);
      await new Promise<void>((resolve) => void clock.after(100, resolve));
      running.delete(name);
    }, { workers: 3 });
    things.sync();
    for (let i = 0; i < 10; i++) things.put(thing(`t${i}`));
    await clock.advance(50);
    for (let i = 0; i < 10; i++) things.put(thing(`t${i}`));
    expect(await sample(registry, 'controller_runtime_active_workers{controller="things"} 3')).toBe(true);
    expect(await sample(registry, 'workqueue_unfinished_work_seconds{name="things"} 0.15')).toBe(true);
    await clock.advance(5000);
    expect(most).toBe(3);
    stop.abort();
    await done;
  });

  test('a reconcile that takes too long has its signal fired and is tried again', async () => {
    const reasons: unknown[] = [];
    const { clock, things, stop, done } = setUp((_name, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => {
      reasons.push(signal.reason);
      reject(signal.reason as Error);
    })), { timeoutMs: 1000 });
    things.sync();
    things.put(thing('a'));
    await clock.advance(1500);
    expect(reasons).toEqual([expect.objectContaining({ code: 'KUBE_TIMEOUT' })]);
    stop.abort(new Error('stopped'));
    await done;
    expect(reasons).toHaveLength(2);
  });

  test('stops when the work is done; work that does not end is left behind after the grace', async () => {
    const { clock, things, stop, done } = setUp(() => new Promise(() => undefined));
    things.sync();
    things.put(thing('a'));
    await settle();
    let hasStopped = false;
    void done.then(() => (hasStopped = true));
    stop.abort();
    await clock.advance(24_000);
    expect(hasStopped).toBe(false);
    await clock.advance(2000);
    expect(hasStopped).toBe(true);
    expect(clock.pending).toBe(1); // the deadline of the reconcile that hangs
  });

  test('keys lead from dependents to owners, for the old and the new state; irrelevant changes lead nowhere', async () => {
    const clock = new FakeClock();
    const dependents = new FakeSource();
    const seen: string[] = [];
    const controller = new Controller({
      name: 'owners',
      sources: [source({ reflector: dependents, keys: (t) => (t.owner ? [`n/${t.owner}`] : []), isRelevant: (change) => change.object.metadata.name !== 'noise' })],
      reconcile: async ({ namespace, name }) => void seen.push(`${namespace}/${name}`),
      clock,
    });
    const stop = new AbortController();
    const done = controller.start(stop.signal);
    dependents.sync();
    dependents.put(thing('d', { owner: 'first' }));
    await settle();
    dependents.put(thing('d', { owner: 'second' }));
    dependents.put(thing('noise', { owner: 'third' }));
    await settle();
    expect(seen).toEqual(['n/first', 'n/first', 'n/second']); // once for the addition, then both owners of the change
    stop.abort();
    await done;
  });
});
