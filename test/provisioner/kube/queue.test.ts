import { describe, expect, test } from '@jest/globals';
import { BucketLimiter, ExponentialLimiter, MaxOfLimiter } from '../../../provisioner/kube/rate-limiter.ts';
import { WorkQueue } from '../../../provisioner/kube/queue.ts';
import { FakeClock } from './fake-clock.ts';
import { queueProperty } from './queue-property.ts';

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

queueProperty(100);
