import { describe, expect, test } from '@jest/globals';
import { isConditionTrue, setCondition } from '../../../provisioner/kube/conditions.ts';
import { FakeClock } from './fake-clock.ts';

describe('conditions', () => {
  test('the time moves with the status only', async () => {
    const clock = new FakeClock();
    const first = setCondition(undefined, { type: 'Ready', status: 'False', reason: 'Waiting', message: 'for a' }, clock);
    expect(first).toEqual([{ type: 'Ready', status: 'False', reason: 'Waiting', message: 'for a', lastTransitionTime: '2026-01-01T00:00:00Z' }]);
    await clock.advance(5000);
    const same = setCondition(first, { type: 'Ready', status: 'False', reason: 'Waiting', message: 'for b', observedGeneration: 2 }, clock);
    expect(same[0]).toMatchObject({ message: 'for b', observedGeneration: 2, lastTransitionTime: '2026-01-01T00:00:00Z' });
    const other = setCondition(same, { type: 'Ready', status: 'True', reason: 'Done', message: '' }, clock);
    expect(other[0]).toMatchObject({ status: 'True', lastTransitionTime: '2026-01-01T00:00:05Z' });
    expect(other[0]).not.toHaveProperty('observedGeneration');
  });

  test('other types and their order stay, and so does the given list', () => {
    const clock = new FakeClock();
    const before = ['A', 'B', 'C'].map((type) => ({ type, status: 'True' as const, reason: 'X', message: '', lastTransitionTime: 't' }));
    const copy = structuredClone(before);
    const after = setCondition(before, { type: 'B', status: 'Unknown', reason: 'Y', message: '' }, clock);
    expect(after.map((condition) => condition.type)).toEqual(['A', 'B', 'C']);
    expect(before).toEqual(copy);
    expect([isConditionTrue(after, 'A'), isConditionTrue(after, 'B'), isConditionTrue(after, 'D'), isConditionTrue(undefined, 'A')]).toEqual([true, false, false, false]);
  });
});
