/** Oracle 3 on the levels and versions that the integration test leaves out. */
import { expect, test } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { kyvernoDifferences } from './kyverno-cases.ts';

describeWith({ tools: ['kyverno'] }, 'the Kyverno policies', () => {
  test.each([['baseline', 35], ['restricted', 34], ['baseline', 34], ['restricted', 25], ['baseline', 25]] as const)('give every %s fixture of v1.%i the verdict that its name says', async (level, minor) => {
    expect((await kyvernoDifferences(level, minor)).wrong).toEqual([]);
  }, 900_000);
});
