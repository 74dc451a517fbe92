/** How closely a fleet is watched follows from how many clusters share the machine. */
import { expect, test } from '@jest/globals';
import { managementValues } from '../../../sandbox/fleet/chart-values.ts';

const intervals = (clusters: number): Set<string> => new Set([...JSON.stringify(managementValues(clusters)).matchAll(/nterval(?:Seconds)?":"?(\w+)/g)].map(([, interval = '']) => interval));

test('one or two clusters are looked at every few seconds', () => {
  expect(intervals(1)).toEqual(new Set(['5s', '15s', '2']));
  expect(intervals(2)).toEqual(intervals(1));
});

test('of more no component is asked more often than every fifteen seconds; pages leave as soon', () => {
  expect(intervals(3)).toEqual(new Set(['15s', '30s', '15', '5s']));
  const { monitoring } = managementValues(3);
  expect(monitoring['routing']).toEqual(managementValues(1).monitoring['routing']);
});
