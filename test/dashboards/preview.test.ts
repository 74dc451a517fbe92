import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetBoards, localBoards } from '../../dashboards/boards.ts';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { networkBoard } from '../../dashboards/network.ts';
import type { Answer } from '../../dashboards/preview/answer.ts';
import { isRow, previewPage } from '../../dashboards/preview/page.ts';
import { unitOf } from '../../dashboards/preview/panel.ts';
import { format, units } from '../../dashboards/preview/units.ts';

const now = 1_795_641_829;
const labels = { cluster_id: '<script>alert(1)</script>', source_zone: 'a', peer_zone: 'b' };
const answer: Answer = { kind: 'series', series: [{ labels, points: [[now - 60, 1], [now, 90_000]] }] };
const pageOf = (answerTo: () => Answer | undefined): string => previewPage({ about: 'x', boards: [certificatesBoard(), networkBoard()], answerTo });

describe('the page of all boards', () => {
  test('draws a line, a table, a figure, a matrix', () => {
    const page = pageOf(() => answer);
    expect(page).toContain('<polyline points="');
    expect(page).toContain('<th>Cluster</th>');
    expect(page).toContain('class="big"');
    expect(page).toMatch(/class="matrix".*class="cell"/);
  });
  test('what a cluster calls itself is text', () => {
    const page = pageOf(() => answer);
    expect(page).not.toContain('<script>');
    expect(page).toContain('&#60;script&#62;');
  });
  test('a part of nothing is said to be none, on a line too', () => {
    const page = pageOf(() => ({ kind: 'series', series: [{ labels, points: [[now - 60, NaN], [now, NaN]] }] }));
    expect(page).toContain('no value is a number');
  });
  test('says what no answer means, and what was refused', () => {
    expect(pageOf(() => ({ kind: 'series', series: [] }))).toContain('no certificate is watched');
    expect(pageOf(() => ({ kind: 'error', message: 'parse error' }))).toContain('<p class="error">parse error</p>');
  });
});

test('every unit of every board has a form', () => {
  const used = [...fleetBoards, ...localBoards].flatMap((build) => (build().panels ?? []).filter((one): one is Panel => !isRow(one)).map(unitOf));
  expect([...new Set(used)].filter((unit) => !(units as readonly string[]).includes(unit))).toEqual([]);
});

test.each([[0.1234, 'percentunit', '12.3 %'], [0.00042, 's', '420 µs'], [90_061, 'dtdurations', '1 d 1 h'], [-60, 'dtdurations', '−1 min'], [3_221_225_472, 'bytes', '3 GiB'], [1234, 'short', '1.23 k'], [0, 'short', '0'], [2.5, 'reqps', '2.5/s'], [NaN, 's', 'NaN']])('%p as %s is %s', (value, unit, text) => expect(format(value, unit)).toBe(text));
