import { expect, test } from '@jest/globals';
import { runPhases, type Phase, type Progress } from '../../../sandbox/fleet/phases.ts';
import { FleetError } from '../../../sandbox/fleet/errors.ts';

const silent: Progress = { begin: () => undefined, step: () => undefined, end: () => undefined };
const clock = () => {
  let now = 0;
  return () => (now += 1000);
};

test('phases run in order, each is timed', async () => {
  const order: string[] = [];
  const phase = (name: string): Phase<string[]> => ({ name, title: name, run: async (context) => void context.push(name) });
  const result = await runPhases([phase('a'), phase('b')], order, { progress: silent, signal: new AbortController().signal, now: clock() });
  expect(order).toEqual(['a', 'b']);
  expect(result).toEqual({ reports: [{ name: 'a', state: 'done', seconds: 1 }, { name: 'b', state: 'done', seconds: 1 }] });
});

test('after a failed phase the others are reported as not run, and the error is kept', async () => {
  const broken = new Error('no disk');
  const phases: Phase<null>[] = [
    { name: 'a', title: 'A', run: async () => { throw broken; } },
    { name: 'b', title: 'B', run: async () => { throw new Error('must not run'); } },
  ];
  const result = await runPhases(phases, null, { progress: silent, signal: new AbortController().signal, now: clock() });
  expect(result.error).toBe(broken);
  expect(result.reports.map((r) => [r.name, r.state, r.message])).toEqual([['a', 'failed', 'no disk'], ['b', 'not-run', undefined]]);
});

test('an abort becomes one line that says how to go on', async () => {
  const abort = new AbortController();
  const phases: Phase<null>[] = [{ name: 'a', title: 'Tools', run: async () => { abort.abort(); throw new Error('killed'); } }];
  const { error } = await runPhases(phases, null, { progress: silent, signal: abort.signal, now: clock() });
  expect(error).toBeInstanceOf(FleetError);
  expect((error as FleetError).code).toBe('FLEET_INTERRUPTED');
  expect((error as FleetError).message).toContain('interrupted in phase "Tools"');
});
