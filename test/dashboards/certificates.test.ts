import { describe, expect, test } from '@jest/globals';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { lintBoard } from '../../dashboards/lint.ts';
import { identityLabels } from '../../monitoring/federation.ts';
import { recordsOf, ruleGroups } from '../../monitoring/rules/index.ts';

/** Of the recorded family: nothing else arrives where all clusters come together. */
const labelsOf = (metric: string): readonly string[] | undefined => {
  const records = recordsOf(ruleGroups).filter(({ record }) => record === metric);
  return records.length ? [...records.flatMap(({ labels }) => labels), ...identityLabels] : undefined;
};

test('the board holds', () => expect(lintBoard(certificatesBoard(), labelsOf)).toEqual([]));

test('its columns are labels that the table has', () => {
  const tables = (certificatesBoard().panels as Panel[]).filter(({ type }) => type === 'table');
  expect(tables.length).toBeGreaterThan(0);
  for (const panel of tables) {
    const metric = /keelson:[a-z_:]+/.exec((panel.targets as unknown as { expr: string }[])[0]!.expr)![0];
    const columns = (panel.transformations!.find(({ id }) => id === 'organize')!.options as { renameByName: Record<string, string> }).renameByName;
    expect(Object.keys(columns).filter((label) => label !== 'Value' && !labelsOf(metric)!.includes(label))).toEqual([]);
  }
});

test('it is the same every time', () => expect(JSON.stringify(certificatesBoard())).toBe(JSON.stringify(certificatesBoard())));

describe('a fault in a board is found', () => {
  const broken = (change: (panel: Panel & { targets: { expr: string; datasource?: object }[] }, board: Dashboard) => void): string[] => {
    const board = JSON.parse(JSON.stringify(certificatesBoard())) as Dashboard;
    change((board.panels as Panel[]).find(({ type }) => type === 'stat') as never, board);
    return [...new Set(lintBoard(board, labelsOf).map(({ rule }) => rule))];
  };
  test.each<[string, Parameters<typeof broken>[0]]>([
    ['uid', (_, board) => delete board.uid],
    ['title-unique', (panel, board) => ((board.panels as Panel[]).at(-1)!.title = panel.title!)],
    ['description', (panel) => delete panel.description],
    ['unit', (panel) => delete panel.fieldConfig!.defaults.unit],
    ['no-value', (panel) => delete panel.fieldConfig!.defaults.noValue],
    ['datasource', (panel) => delete panel.targets[0]!.datasource],
    ['cluster', (panel) => (panel.targets[0]!.expr = 'min(keelson:cert_not_after_timestamp:min)')],
    ['expression', (panel) => (panel.targets[0]!.expr = 'min(keelson:cert_not_after_timestamp:min{cluster_id=~"$cluster"}')],
    ['metric', (panel) => (panel.targets[0]!.expr = 'cert_exporter_not_after{cluster_id=~"$cluster"}')],
    ['label', (panel) => (panel.targets[0]!.expr = 'keelson:cert_not_after_timestamp:min{cluster_id=~"$cluster",node="a"}')],
    ['overlap', (panel, board) => ((board.panels as Panel[]).at(-1)!.gridPos = panel.gridPos!)],
  ])('%s', (rule, change) => expect(broken(change)).toEqual([rule]));
});
