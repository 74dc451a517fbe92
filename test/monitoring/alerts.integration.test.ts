import { writeFileSync } from 'node:fs';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { keyOf } from './cases/case.ts';
import { cases, expected, expectedFile } from './cases/index.ts';
import { firing, runCases } from './cases/promtool.ts';

describeWith({ tools: ['promtool'] }, 'alerts, from what programs write to what a person reads', () => {
  if (process.env['UPDATE_EXPECTED']) {
    test('writes what fires', () => writeFileSync(expectedFile, `${JSON.stringify(firing(runCases(toolsBin, cases, { expected: {} }).output, cases), undefined, 2)}\n`));
    return;
  }

  test(`${cases.length} alerts fire in time with all labels and texts, and do not just below their threshold`, () => {
    const { status, output } = runCases(toolsBin, cases, { expected });
    if (status !== 0) throw new Error(output.split('\n').filter((line) => !/SUCCESS|Processing|^\s*$/.test(line)).join('\n'));
  }, 120_000);

  test('a case that is wrong does not pass', () => {
    const wrong = { ...cases[0]!, quiet: cases[0]!.fires };
    expect(runCases(toolsBin, [wrong], { expected })).toMatchObject({ status: 1, output: expect.stringContaining('ALERTS') });
  });
});

test('every case has its labels and texts', () => {
  expect(Object.keys(expected).sort()).toEqual(cases.map(keyOf).sort());
  for (const [key, fires] of Object.entries(expected)) expect([key, fires.length > 0]).toEqual([key, true]);
});
