/** Oracle 1 on 100,000 generated pods, with a seed of the day: it finds what a fixed one cannot. */
import { expect, test } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { compareOnGeneratedPods, distributionText } from './agreement.ts';

describeWith({ tools: ['pss-oracle'] }, 'the evaluator and the reference implementation', () => {
  test('agree on 100,000 generated pods, each check at least 1,000 times with either verdict', async () => {
    const agreement = await compareOnGeneratedPods(100_000, Math.floor(Date.now() / 86_400_000));
    process.stdout.write(distributionText(agreement));
    expect(agreement.differences.slice(0, 3)).toEqual([]);
    for (const [id, { allowed, denied }] of agreement.distribution) expect([id, Math.min(allowed, denied) >= 1000]).toEqual([id, true]);
  }, 600_000);
});
