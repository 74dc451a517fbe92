import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BucketLimiter, ExponentialLimiter, MaxOfLimiter } from '../../../provisioner/kube/rate-limiter.ts';
import { WorkQueue } from '../../../provisioner/kube/queue.ts';
import { FakeClock, settle } from './fake-clock.ts';

const queueOn = (clock: FakeClock): WorkQueue => new WorkQueue({ clock, random: () => 0 });

describe('queue', () => {
  test('a key added twice while it waits comes once', async () => {
    const queue = queueOn(new FakeClock());
    queue.add('a');
    queue.add('b');
    queue.add('a');
    expect([await queue.get(), await queue.get(), queue.length]).toEqual(['a', 'b', 0]);
  });

  test('a key added while it is worked on comes again, after it is done', async () => {
    const queue = queueOn(new FakeClock());
    queue.add('a');
    await queue.get();
    queue.add('a');
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.length).toBe(1);
    expect(await queue.get()).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  test('of two delays of a key the shorter counts, and a delayed key comes once', async () => {
    const clock = new FakeClock();
    const queue = queueOn(clock);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 200);
    queue.addAfter('a', 5000);
    await clock.advance(199);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(queue.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('back-off doubles from 5 ms per key until it is forgotten', async () => {
    const clock = new FakeClock();
    const limiter = new ExponentialLimiter({ random: () => 0 });
    expect([1, 2, 3, 4].map(() => limiter.when('a'))).toEqual([5, 10, 20, 40]);
    expect(limiter.when('b')).toBe(5);
    limiter.forget('a');
    expect(limiter.when('a')).toBe(5);
    for (let i = 0; i < 40; i++) limiter.when('c');
    expect(limiter.when('c')).toBe(1_000_000);
    const queue = queueOn(clock);
    queue.addRateLimited('a');
    expect(queue.failures('a')).toBe(1);
    await clock.advance(5);
    expect(queue.length).toBe(1);
  });

  test('over all keys a hundred go at once, then ten a second', async () => {
    const clock = new FakeClock();
    const limiter = new MaxOfLimiter([new ExponentialLimiter({ random: () => 0 }), new BucketLimiter({ clock })]);
    const waits = Array.from({ length: 103 }, (_, i) => limiter.when(`k${i}`));
    expect(waits.slice(0, 100).every((ms) => ms === 5)).toBe(true);
    expect(waits.slice(100)).toEqual([100, 200, 300]);
    await clock.advance(1000);
    expect(limiter.when('later')).toBe(5);
  });

  test('a shut down queue answers waiting workers, drops what waits, and leaves no timer', async () => {
    const clock = new FakeClock();
    const queue = queueOn(clock);
    const waiting = queue.get();
    queue.addAfter('late', 1000);
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.add('a');
    queue.addAfter('b', 1);
    expect([queue.length, clock.pending, await queue.get()]).toEqual([0, 0, undefined]);
  });
});

type Op = { readonly kind: 'add' | 'delay' | 'retry'; readonly key: string; readonly ms: number } | { readonly kind: 'pass'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constantFrom('add' as const, 'delay' as const, 'retry' as const), key, ms: fc.nat(50) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40) }),
);

test('property: no key is worked on by two at a time, and after every request for a key its work begins anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat(30)), async (ops, workers, durations) => {
      const clock = new FakeClock();
      const queue = queueOn(clock);
      const inWork = new Set<string>();
      const begun = new Map<string, number>();
      const asked = new Map<string, number>();
      let now = 0;
      const tick = (): number => ++now;
      const work = async (): Promise<void> => {
        for (let k = await queue.get(); k !== undefined; k = await queue.get()) {
          if (inWork.has(k)) throw new Error(`${k} is worked on twice`);
          inWork.add(k);
          begun.set(k, tick());
          await new Promise<void>((resolve) => void clock.after(durations.next().value as number, resolve));
          inWork.delete(k);
          queue.done(k);
        }
      };
      const running = Promise.all(Array.from({ length: workers }, work));
      for (const o of ops) {
        if (o.kind === 'pass') {
          await clock.advance(o.ms);
          continue;
        }
        asked.set(o.key, tick());
        if (o.kind === 'add') queue.add(o.key);
        if (o.kind === 'delay') queue.addAfter(o.key, o.ms);
        if (o.kind === 'retry') queue.addRateLimited(o.key);
      }
      await clock.advance(3_600_000);
      for (const [k, at] of asked) if ((begun.get(k) ?? 0) < at) throw new Error(`${k} was asked for and not worked on`);
      expect([queue.length, inWork.size, clock.pending]).toEqual([0, 0, 0]);
      queue.shutDown();
      await running;
      await settle();
    }),
    { numRuns: process.env['KEELSON_DEEP'] ? 1000 : 100 },
  );
});
