import { describe, expect, test } from '@jest/globals';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetBoards, localBoards } from '../../dashboards/boards.ts';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { clusterNetworkBoard, networkBoard } from '../../dashboards/network.ts';
import { catalogue } from '../../exporters/net/catalogue.ts';
import { labelsInFleet } from '../../dashboards/known.ts';
import { lintBoard } from '../../dashboards/lint.ts';
import { identityLabels } from '../../monitoring/federation.ts';
import { alertsOf, recordsOf, ruleGroups } from '../../monitoring/rules/index.ts';

/** Of the recorded family, and the alerts over it. */
const labelsOf = (metric: string): readonly string[] | undefined => {
  const records = recordsOf(ruleGroups).filter(({ record }) => record === metric);
  return records.length ? [...records.flatMap(({ labels }) => labels), ...identityLabels] : metric === 'ALERTS' ? labelsInFleet(metric) : undefined;
};

/** Of what net-exporter writes: the board of a single cluster reads nothing else. */
const written = (metric: string): readonly string[] | undefined => {
  const family = catalogue.find(({ name, type }) => name === (type === 'histogram' ? metric.replace(/_bucket$/, '') : metric));
  return family && [...family.labels, ...(family.type === 'histogram' ? ['le'] : []), ...identityLabels];
};

describe.each([['certificates', certificatesBoard, labelsOf], ['network', networkBoard, labelsOf], ['network of one cluster', clusterNetworkBoard, written]] as const)('the board %s', (_, board, known) => {
  test('holds', () => expect(lintBoard(board(), known)).toEqual([]));

  test('shows columns, rows and legends by labels that are there', () => {
    const tables = (board().panels as Panel[]).filter(({ type }) => type === 'table');
    expect(tables.length).toBeGreaterThan(0);
    for (const panel of tables) {
      const labels = known(/(keelson:|net_exporter_)[a-z0-9_:]+|ALERTS/.exec((panel.targets as unknown as { expr: string }[])[0]!.expr)![0])!;
      const options = panel.transformations!.find(({ id }) => id === 'organize' || id === 'groupingToMatrix')!.options as { renameByName?: Record<string, string>; rowField?: string; columnField?: string };
      const shown = options.renameByName ? Object.keys(options.renameByName).filter((label) => label !== 'Value') : [options.rowField!, options.columnField!];
      expect([panel.title, shown.filter((label) => !labels.includes(label))]).toEqual([panel.title, []]);
    }
  });

  test('is the same every time', () => expect(JSON.stringify(board())).toBe(JSON.stringify(board())));
});

test.each(fleetBoards.map((board) => [board().title, board] as const))('the board %s reads what arrives in the management cluster', (_, board) => expect(lintBoard(board(), labelsInFleet)).toEqual([]));

test('every runbook that a panel names is there', () => {
  const alerts = new Set(alertsOf(ruleGroups).map(({ alert }) => alert));
  const named = [...fleetBoards, ...localBoards].flatMap((board) => (board().panels as Panel[]).flatMap(({ title, description = '' }) => (/Runbooks?: ([\w, ]+)\./.exec(description)?.[1] ?? '').split(', ').filter(Boolean).map((name) => [title, name])));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(([, name]) => !alerts.has(name!))).toEqual([]);
});

test('the network is seen as heat maps: node × node, zone × zone', () => {
  const maps = [networkBoard(), clusterNetworkBoard()].flatMap(({ panels }) => panels as Panel[]).flatMap(({ transformations = [] }) => transformations.filter(({ id }) => id === 'groupingToMatrix').map(({ options }) => Object.values(options as object).join(' ')));
  expect([...new Set(maps)].sort()).toEqual(['source_node peer_node Value', 'source_zone peer_zone Value']);
});

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
