import { describe, expect, test } from '@jest/globals';
import { BucketLimiter, ExponentialLimiter, MaxOfLimiter } from '../../../provisioner/kube/rate-limiter.ts';
import { type Urgency, WorkQueue } from '../../../provisioner/kube/queue.ts';
import { FakeClock } from './fake-clock.ts';
import { queueProperty } from './queue-property.ts';

const queueOn = (clock: FakeClock): WorkQueue => new WorkQueue({ clock, random: () => 0 });

async function taken(queue: WorkQueue, count: number): Promise<string> {
  const keys: (string | undefined)[] = [];
  for (let i = 0; i < count; i++) keys.push(await queue.get());
  return keys.join('');
}

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

  test('what is more urgent comes first, each kind in the order in which it was added', async () => {
    const urgent: Record<string, Urgency> = { a: 'later', b: 'soon', c: 'now', d: 'later', e: 'soon', f: 'now' };
    const queue = new WorkQueue({ clock: new FakeClock(), random: () => 0, urgencyOf: (key) => urgent[key]! });
    for (const key of Object.keys(urgent)) queue.add(key);
    expect(queue.length).toBe(6);
    expect(await taken(queue, 6)).toBe('cfbead');
  });

  test('a key that waits moves forward where it is more urgent now, and never back', async () => {
    const queue = queueOn(new FakeClock());
    queue.add('a', 'later');
    queue.add('b', 'soon');
    queue.add('c', 'now');
    queue.add('a', 'now');
    queue.add('c', 'later');
    expect(await taken(queue, 3)).toBe('cab');
    expect(queue.length).toBe(0);
  });

  test('a key that is worked on comes again as the most urgent of what asked for it', async () => {
    const queue = queueOn(new FakeClock());
    queue.add('a');
    await queue.get();
    queue.add('a', 'later');
    queue.add('a', 'soon');
    queue.add('b', 'later');
    queue.done('a');
    expect(await taken(queue, 2)).toBe('ab');
  });

  test('a delayed key is as urgent as it is when its time has come', async () => {
    const clock = new FakeClock();
    let urgency: Urgency = 'now';
    const queue = new WorkQueue({ clock, random: () => 0, urgencyOf: () => urgency });
    queue.addAfter('a', 100);
    urgency = 'later';
    await clock.advance(100);
    queue.add('b', 'soon');
    expect(await taken(queue, 2)).toBe('ba');
  });

  test('workers are kept for what is urgent now', async () => {
    const queue = new WorkQueue({ clock: new FakeClock(), random: () => 0, calmAtOnce: 1 });
    queue.add('a', 'later');
    queue.add('b', 'soon');
    expect(await queue.get()).toBe('b');
    const next = queue.get();
    queue.add('c', 'now');
    expect(await next).toBe('c');
    const last = queue.get();
    queue.add('d', 'later');
    queue.done('b');
    expect(await queue.get()).toBe('a');
    queue.add('e', 'now');
    expect([await last, queue.length]).toEqual(['e', 1]);
  });

  test('a calm key that comes again goes behind the calm keys that wait, also where a worker waits for something urgent', async () => {
    const queue = new WorkQueue({ clock: new FakeClock(), random: () => 0, calmAtOnce: 1, urgencyOf: () => 'soon' });
    queue.add('a');
    expect(await queue.get()).toBe('a');
    const kept = queue.get();
    queue.add('b');
    queue.add('a');
    queue.done('a');
    expect(await kept).toBe('b');
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
