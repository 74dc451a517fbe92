import { nextWindows } from '../../../../provisioner/operators/silences/windows.ts';

const times = (spec: Parameters<typeof nextWindows>[0], now: string): string[] => nextWindows(spec, new Date(now)).map(({ from, to }) => `${from.toISOString()}..${to.toISOString()}`);
const berlin = (more: object) => ({ once: undefined, weekly: { days: ['sunday' as const], at: '02:30', hours: 2, timeZone: 'Europe/Berlin', until: undefined, ...more } });

test('one window is there until it is over', () => {
  const once = { once: { from: '2026-06-01T22:00:00Z', to: '2026-06-02T02:00:00Z' }, weekly: undefined };
  expect(times(once, '2026-05-01T00:00:00Z')).toEqual(['2026-06-01T22:00:00.000Z..2026-06-02T02:00:00.000Z']);
  expect(times(once, '2026-06-02T01:59:59Z')).toHaveLength(1);
  expect(times(once, '2026-06-02T02:00:00Z')).toEqual([]);
});

test('a weekly one that is open comes first, then that of the next week', () => {
  const weekly = { once: undefined, weekly: { days: ['tuesday' as const], at: '22:00', hours: 4, timeZone: 'Europe/Berlin', until: undefined } };
  expect(times(weekly, '2026-06-02T23:00:00Z')).toEqual(['2026-06-02T20:00:00.000Z..2026-06-03T00:00:00.000Z', '2026-06-09T20:00:00.000Z..2026-06-10T00:00:00.000Z']);
  expect(times(weekly, '2026-06-03T00:00:00Z')).toEqual(['2026-06-09T20:00:00.000Z..2026-06-10T00:00:00.000Z']);
});

test('the hour is that of the zone, before and after its clocks change', () => {
  expect(times(berlin({ at: '12:00' }), '2026-03-23T00:00:00Z')[0]).toMatch(/^2026-03-29T10:00/);
  expect(times(berlin({ at: '12:00' }), '2026-03-16T00:00:00Z')[0]).toMatch(/^2026-03-22T11:00/);
});

test('a time that the clock leaves out is an hour later, and of one that comes twice the first counts', () => {
  // 2026-03-29 02:00 → 03:00 and 2026-10-25 03:00 → 02:00 in Berlin.
  expect(times(berlin({}), '2026-03-28T00:00:00Z')[0]).toBe('2026-03-29T01:30:00.000Z..2026-03-29T03:30:00.000Z');
  expect(times(berlin({}), '2026-10-24T00:00:00Z')[0]).toBe('2026-10-25T00:30:00.000Z..2026-10-25T02:30:00.000Z');
});

test('after until none begins, and one that began goes to its end', () => {
  expect(times(berlin({ until: '2026-06-07T00:30:00Z' }), '2026-06-07T01:00:00Z')).toEqual(['2026-06-07T00:30:00.000Z..2026-06-07T02:30:00.000Z']);
  expect(times(berlin({ until: '2026-06-07T00:29:59Z' }), '2026-06-06T00:00:00Z')).toEqual([]);
});

test('a zone that is none is named', () => {
  expect(() => times(berlin({ timeZone: 'Europe/Atlantis' }), '2026-06-07T01:00:00Z')).toThrow('Europe/Atlantis is no time zone');
});
