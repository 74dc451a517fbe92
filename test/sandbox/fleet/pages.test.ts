import { isPage } from '../../../sandbox/fleet/pages.ts';

const page = (alert: string, state: 'firing' | 'resolved') => ({ alert, state });

test.each([
  ['one that goes on', [page('A', 'firing')], [true, false]],
  ['one that is over', [page('A', 'resolved')], [false, true]],
  ['one that goes on beside one that is over', [page('A', 'resolved'), page('A', 'firing')], [true, false]],
  ['another one', [page('B', 'firing')], [false, false]],
] as const)('of an alert with %s', (_, pages, expected) => expect((['firing', 'resolved'] as const).map((state) => isPage('A', state, pages))).toEqual(expected));
