/** Oracle 1: the reference implementation. A tenth of the generated pods; all of them in the deep tests. */
import { beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { checkOf, table } from '../../../policies/pods/table.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { compareOnGeneratedPods, distributionText, ourAnswers } from './agreement.ts';
import { askOracle, type Fixture, fixtureFolder, fixturesIn } from './oracle.ts';

describeWith({ tools: ['pss-oracle'] }, 'the evaluator and the reference implementation', () => {
  let fixtures: Fixture[];
  beforeAll(async () => {
    fixtures = fixturesIn(await fixtureFolder());
  }, 130_000);

  test('agree on every fixture of every version from v1.25 on, check by check', async () => {
    expect(fixtures.length).toBeGreaterThan(1400);
    const questions = fixtures.map(({ version, pod }) => ({ version, metadata: pod.metadata, spec: pod.spec }));
    const answers = await askOracle(questions);
    const judge = ourAnswers();
    expect(questions.map(judge)).toEqual(answers);
  });

  test('every fixture has the verdict that its name says, and a bad one fails the check it is about', () => {
    const ofNewest = fixturesIn(join(import.meta.dirname, '../../fixtures/pss'));
    expect(ofNewest).toHaveLength(6);
    const wrong = [...fixtures, ...ofNewest].filter(({ level, version, expected, about, pod }) => {
      const violations = evaluatorOf({ level, version })(pod);
      const names = violations.flatMap(({ check }) => [check, checkOf(check)?.replaces ?? '']).map((name) => name.toLowerCase());
      return expected === 'pass' ? violations.length > 0 : !names.includes(about);
    });
    expect(wrong.map(({ level, version, expected, name }) => `${level}/${version}/${expected}/${name}`)).toEqual([]);
  });

  test('agree on 10,000 generated pods, each check at least 100 times with either verdict', async () => {
    const agreement = await compareOnGeneratedPods(10_000, 20_261_126);
    process.stdout.write(distributionText(agreement));
    expect(agreement.differences.slice(0, 3)).toEqual([]);
    expect(agreement.distribution.size).toBe(table.length);
    for (const [id, { allowed, denied }] of agreement.distribution) expect([id, Math.min(allowed, denied) >= 100]).toEqual([id, true]);
  }, 120_000);
});
