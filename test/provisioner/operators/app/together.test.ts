import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { togetherInMs } from '../../../../provisioner/operators/app/drift/schedule.ts';

describe('looks at the Apps of a cluster', () => {
  it('come together, each cluster at a time of its own, between half and one and a half of the interval from now', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 1e5 }), fc.integer({ min: 1000, max: 1e6 }), (key, start, later, intervalMs) => {
      const nextOf = (at: number): number => at + togetherInMs(key, { now: new Date(at), intervalMs });
      const [one, other] = [nextOf(start), nextOf(start + later)];
      expect(one - start).toBeGreaterThanOrEqual(intervalMs / 2);
      expect(one - start).toBeLessThanOrEqual(1.5 * intervalMs);
      const apart = Math.abs(other - one) % intervalMs;
      expect(Math.min(apart, intervalMs - apart)).toBeLessThan(1);
    }));
    const times = new Set(Array.from({ length: 50 }, (_, i) => Math.round(togetherInMs(`c${i}`, { now: new Date(0), intervalMs: 1e9 }))));
    expect(times.size).toBe(50);
  });
});
