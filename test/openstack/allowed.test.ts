/** What an allowed difference excuses, and what it does not. */
import { allowed, sift } from './allowed.ts';
import { compare } from './compare.ts';
import type { Observation } from './observation.ts';

const quotas = (name: string, step: string, body: object): Observation => ({ case: name, steps: [{ step, status: 200, headers: {}, body }] }) as unknown as Observation;

test.each([
  ['network: directory', 'quotas', 'quota'], ['volumes: limits', 'show', 'quota_set'], ['projects: quotas of every service', 'compute', 'quota_set'],
])('%s: a quota may be another number, and nothing else', (name, step, key) => {
  const refused = (simulation: object, real: object): string[] => {
    return sift(compare(quotas(name, step, { [key]: simulation }), quotas(name, step, { [key]: real }), 'values'), allowed).refused.map(({ path }) => path);
  };
  expect(refused({ one: 100, other: -1 }, { one: 5, other: 10 })).toEqual([]);
  expect(refused({ one: 100 }, { one: 5, other: 10 })).toEqual([`body ${key}.other`]);
  expect(refused({ one: 100, other: 1 }, { one: 5 })).toEqual([`body ${key}.other`]);
  expect(refused({ one: '100' }, { one: 5 })).toEqual([`body ${key}.one`]);
  expect(refused({ one: null }, { one: 5 })).toEqual([`body ${key}.one`]);
});

test('volumes: a limit may be another number, and nothing else', () => {
  const limits = (most: unknown): Observation => quotas('volumes: limits', 'limits', { limits: { absolute: { maxTotalVolumes: most } } });
  const refused = (real: unknown): number => sift(compare(limits(10), limits(real), 'values'), allowed).refused.length;
  expect([refused(5), refused('10')]).toEqual([0, 1]);
});
