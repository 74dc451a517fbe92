import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Urgency, WorkQueue } from '../../../provisioner/kube/queue.ts';
import { FakeClock, settle } from './fake-clock.ts';

type Op = { readonly kind: 'add' | 'delay' | 'retry'; readonly key: string; readonly ms: number; readonly urgency: Urgency } | { readonly kind: 'pass'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd');
const urgency = fc.constantFrom<Urgency>('now', 'soon', 'later');
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ kind: fc.constantFrom('add' as const, 'delay' as const, 'retry' as const), key, ms: fc.nat(50), urgency }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40) }),
);

/** Random requests from outside, random durations of work, one to four workers. */
export function queueProperty(numRuns: number): void {
  test('property: no key is worked on by two at a time, and after every request for a key its work begins anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat(30)), async (ops, workers, durations) => {
        const clock = new FakeClock();
        const queue = new WorkQueue({ clock, random: () => 0, calmAtOnce: Math.max(1, workers - 1) });
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
          if (o.kind === 'add') queue.add(o.key, o.urgency);
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
      { numRuns },
    );
  }, 120_000);
}
