import { expect, test } from '@jest/globals';
import { valuesNow } from '../../../../provisioner/operators/app/values.ts';

const clock = { now: () => new Date('2026-06-01T00:00:00Z') };
const over = { name: 'a', expires: '2026-06-01T00:00:00Z' };
const runs = { name: 'b', expires: '2026-06-01T00:00:01Z' };
const app = (chart: string, values: object) => ({ spec: { chart, values } }) as Parameters<typeof valuesNow>[0];

test('an exception that is over is left out of the release from its end on, all else stays', () => {
  expect(valuesNow(app('policies', { pods: { mode: 'deny', exceptions: [over, runs] }, network: {} }), clock)).toEqual({ pods: { mode: 'deny', exceptions: [runs] }, network: {} });
});

test.each([{ pods: { exceptions: [runs] } }, { pods: { exceptions: [{ name: 'no end' }, null, { expires: 'soon' }] } }, { pods: null }, {}])('%j stays as it is: the chart refuses what it cannot read', (values) => {
  expect(valuesNow(app('policies', values), clock)).toBe(values);
});

test('other charts keep values of that name', () => {
  expect(valuesNow(app('web', { pods: { exceptions: [over] } }), clock)).toEqual({ pods: { exceptions: [over] } });
});
