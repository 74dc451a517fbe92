import { writeFileSync } from 'node:fs';
import { alertsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { keyOf } from './cases/case.ts';
import { edgeTest } from './cases/edges.ts';
import { cases, expected, expectedFile } from './cases/index.ts';
import { firing, runCases, runTests } from './cases/promtool.ts';

describeWith({ tools: ['promtool'] }, 'alerts, from what programs write to what a person reads', () => {
  if (process.env['UPDATE_EXPECTED']) {
    test('writes what fires', () => writeFileSync(expectedFile, `${JSON.stringify(firing(runCases(toolsBin, cases, {}).output, cases), undefined, 2)}\n`));
    return;
  }

  test(`${cases.length} alerts fire in time with all labels and texts, and do not just below their threshold`, () => {
    const { status, output } = runCases(toolsBin, cases, expected);
    if (status !== 0) throw new Error(complaintsOf(output));
  }, 120_000);

  const edges = alertsOf(ruleGroups).flatMap((alert) => {
    const test = edgeTest(alert);
    return test ? [{ alert: alert.alert, tests: [test] }] : [];
  });
  test(`${edges.length} alerts fire a tenth beyond their threshold, and not a tenth within`, () => {
    expect(edges.length).toBeGreaterThan(60);
    const { status, output } = runTests(toolsBin, edges);
    if (status !== 0) throw new Error(complaintsOf(output));
  }, 120_000);

  test('a case that is wrong does not pass', () => {
    const wrong = { ...cases[0]!, quiet: cases[0]!.fires };
    expect(runCases(toolsBin, [wrong], expected)).toMatchObject({ status: 1, output: expect.stringContaining('ALERTS') });
  });
});

const complaintsOf = (output: string): string => output.split('\n').filter((line) => !/SUCCESS|Processing|^\s*$/.test(line)).join('\n');

test('every case has its labels and texts', () => {
  expect(Object.keys(expected).sort()).toEqual(cases.map(keyOf).sort());
  for (const [key, fires] of Object.entries(expected)) expect([key, fires.length > 0]).toEqual([key, true]);
});
