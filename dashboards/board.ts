/** A board: an id that never changes, variables for the data source and the clusters, rows of panels. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { areasOf } from '../monitoring/rules/model.ts';
import { source, table, type Panel } from './panel.ts';
import { noneIsGood } from './steps.ts';

/** Under which id and title a board stands where a chart brings a copy of its own: two boards of one id take each other's place. */
export interface OwnName {
  readonly uid: string;
  readonly title: string;
}

export interface BoardOptions {
  /** Stable: links of pages carry it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Metric whose label `cluster_id` names the clusters to choose from. */
  readonly clustersOf: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** Matches the chosen clusters; a Prometheus of a single cluster has no such label, which "All" matches too. */
export const inClusters = 'cluster_id=~"$cluster"';

export function board({ uid, title, description, tags, clustersOf, rows }: BoardOptions): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid).description(description).tags(['keelson', ...tags]).readonly().timezone('browser').refresh('1m').time({ from: 'now-7d', to: 'now' })
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(new dashboard.QueryVariableBuilder('cluster').label('Cluster').datasource(source).query(`label_values(${clustersOf}, cluster_id)`).refresh(dashboard.VariableRefresh.OnTimeRangeChanged).multi(true).includeAll(true).allValue('.*').sort(dashboard.VariableSort.AlphabeticalAsc));
  for (const { title: row, panels } of [...rows, ...alertsRow(uid)]) {
    builder.withRow(new dashboard.RowBuilder(row));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

/** What fires in the areas of this board: whoever follows the link of a page finds it here. */
function alertsRow(uid: string): BoardOptions['rows'] {
  const areas = areasOf(uid);
  if (!areas.length) return [];
  const expr = `max by (cluster_id, alertname, severity) (ALERTS{alertstate="firing",severity!="none",area=~"${areas.join('|')}",${inClusters}})`;
  const columns = { cluster_id: 'Cluster', alertname: 'Alert', severity: 'Severity' };
  return [{ title: 'Alerts', panels: [table({ title: 'What fires of this', description: 'Alerts of this board\'s areas that fire. Each has a runbook of its name.', unit: 'short', expr, columns, value: 'Fires', steps: noneIsGood, none: 'nothing fires' })] }];
}

/** As Grafana imports it. */
export function boardJson(built: dashboard.Dashboard): string {
  return `${JSON.stringify(built, undefined, 2)}\n`;
}
