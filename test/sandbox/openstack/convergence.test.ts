import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../sandbox/openstack/clock.ts';
import { Convergence, type Converger } from '../../../sandbox/openstack/convergence.ts';

const quiet = { error: () => undefined };
const impatient = { now: systemClock.now, sleep: () => Promise.resolve() };

function converger(given: Partial<Converger>): Converger {
  return { after: () => [], apply: () => Promise.resolve(), onDone: () => undefined, onFailed: () => undefined, ...given };
}

function convergence(): Convergence {
  return new Convergence({ clock: impatient, random: () => 0, log: quiet });
}

describe('convergence', () => {
  test('calls for one id never overlap, and marks that come meanwhile become one call', async () => {
    const c = convergence();
    let inside = 0;
    let calls = 0;
    const gates: (() => void)[] = [];
    c.register('router', converger({ apply: async () => {
      expect(++inside).toBe(1);
      calls += 1;
      await new Promise<void>((resolve) => gates.push(resolve));
      inside -= 1;
    } }));
    c.mark('router', 'r');
    await turn();
    for (let i = 0; i < 10; i++) c.mark('router', 'r');
    gates.shift()!();
    await turn();
    gates.shift()!();
    await c.settled('router', 'r');
    expect(calls).toBe(2);
  });

  test('a mark in the moment between the end of the work and the news of it is not lost', async () => {
    const c = convergence();
    let calls = 0;
    c.register('router', converger({
      apply: () => Promise.resolve(void (calls += 1)),
      onDone: (id) => { if (calls === 1) queueMicrotask(() => c.mark('router', id)); },
    }));
    c.mark('router', 'r');
    for (let i = 0; i < 5; i++) await turn();
    expect(calls).toBe(2);
  });

  test('different ids run side by side', async () => {
    const c = convergence();
    const running = new Set<string>();
    const both = Promise.withResolvers<void>();
    c.register('router', converger({ apply: async (id) => {
      running.add(id);
      if (running.size === 2) both.resolve();
      await both.promise;
    } }));
    c.mark('router', 'a');
    c.mark('router', 'b');
    await c.allSettled(['router']);
    expect(running.size).toBe(2);
  });

  test('a router waits until its network was brought up', async () => {
    const c = convergence();
    const order: string[] = [];
    c.register('network', converger({ apply: async (id) => {
      await turn();
      order.push(id);
    } }));
    c.register('router', converger({ after: () => [{ kind: 'network', id: 'n' }], apply: (id) => {
      order.push(id);
      return Promise.resolve();
    } }));
    c.mark('network', 'n');
    c.mark('router', 'r');
    await c.settled('router', 'r');
    expect(order).toEqual(['n', 'r']);
  });

  test('what fails is tried again, and reported when it fails for good', async () => {
    const c = convergence();
    let tries = 0;
    const failed: unknown[] = [];
    c.register('loadBalancer', converger({
      apply: () => Promise.reject(new Error(`try ${++tries}`)),
      onFailed: (_, error) => failed.push(error),
    }));
    c.mark('loadBalancer', 'l');
    await c.settled('loadBalancer', 'l');
    expect(tries).toBe(4);
    expect(failed).toEqual([new Error('try 4')]);
  });

  test('a failure that passes is not reported', async () => {
    const c = convergence();
    let tries = 0;
    const done: string[] = [];
    c.register('router', converger({ apply: () => (++tries < 3 ? Promise.reject(new Error('busy')) : Promise.resolve()), onDone: (id) => done.push(id), onFailed: () => done.push('failed') }));
    c.mark('router', 'r');
    await c.settled('router', 'r');
    expect(done).toEqual(['r']);
  });

  test('a router that waits for a network does not hold up the removal of the network, which waits for the router', async () => {
    const c = convergence();
    const removed: string[] = [];
    let isGone = false;
    c.register('network', converger({ apply: async () => {
      if (!isGone) return;
      c.forget('network', 'n');
      await c.allSettled(['router']);
      removed.push('network');
    } }));
    c.register('router', converger({ after: () => [{ kind: 'network', id: 'n' }], apply: () => {
      removed.push('router');
      return Promise.resolve();
    } }));
    c.mark('network', 'n');
    c.mark('router', 'r');
    isGone = true;
    c.mark('network', 'n');
    await c.settled('network', 'n');
    expect(removed).toEqual(['router', 'network']);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
