/**
 * Panels as all boards have them: a title, a sentence on what is seen and what to do, a unit, queries to the chosen Prometheus.
 * The one place that knows the SDK's builders.
 */
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stats from '@grafana/grafana-foundation-sdk/stat';
import * as tables from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

export type Panel = cog.Builder<dashboard.Panel>;

interface About {
  readonly title: string;
  /** What is seen, and when to act. */
  readonly description: string;
  /** Grafana's unit id: "dtdurations", "percentunit", "short". */
  readonly unit: string;
}

/** From this value on the panel has the colour; ascending. Red and green are never the only difference: the text says it too. */
export interface Step {
  readonly from: number | null;
  readonly color: 'green' | 'yellow' | 'orange' | 'red' | 'blue';
}

export interface StatOptions extends About {
  readonly expr: string;
  readonly steps: readonly Step[];
  /** What an empty answer means. */
  readonly none: string;
}

export function stat({ title, description, unit, expr, steps, none }: StatOptions): Panel {
  return new stats.PanelBuilder().title(title).description(description).unit(unit).noValue(none).datasource(source).height(4).span(4)
    .colorMode(common.BigValueColorMode.Background).graphMode(common.BigValueGraphMode.None)
    .thresholds(thresholds(steps)).withTarget(query(expr, 'A').instant());
}

export interface TableOptions extends About {
  readonly expr: string;
  /** Labels to show, in order, with the heads of their columns. */
  readonly columns: Readonly<Record<string, string>>;
  /** Head of the column with the value. */
  readonly value: string;
  readonly steps: readonly Step[];
  readonly none: string;
  readonly width?: 12 | 24;
}

export function table({ title, description, unit, expr, columns, value, steps, none, width = 24 }: TableOptions): Panel {
  const names = Object.keys(columns);
  return new tables.PanelBuilder().title(title).description(description).noValue(none).datasource(source).height(9).span(width)
    .withTarget(query(expr, 'A').instant().format(prometheus.PromQueryFormat.Table))
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: [...names, 'Value'] } } })
    .withTransformation({ id: 'organize', options: { indexByName: Object.fromEntries([...names, 'Value'].map((name, i) => [name, i])), renameByName: { ...columns, Value: value } } })
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(value)])
    .overrideByName(value, [{ id: 'unit', value: unit }, { id: 'thresholds', value: thresholds(steps).build() }, { id: 'custom.cellOptions', value: { type: 'color-text' } }]);
}

export interface MatrixOptions extends About {
  /** One value for each pair of the two labels. */
  readonly expr: string;
  readonly rows: string;
  readonly columns: string;
  readonly steps: readonly Step[];
  readonly none: string;
  readonly width?: 8 | 24;
}

/** A heat map of two labels: a table whose cells have the colour of their value, and the value. */
export function matrix({ title, description, unit, expr, rows, columns, steps, none, width = 8 }: MatrixOptions): Panel {
  return new tables.PanelBuilder().title(title).description(description).unit(unit).noValue(none).datasource(source).height(width === 24 ? 12 : 8).span(width)
    .thresholds(thresholds(steps)).cellOptions({ type: common.TableCellDisplayMode.ColorBackground, mode: common.TableCellBackgroundDisplayMode.Basic })
    .withTarget(query(expr, 'A').instant().format(prometheus.PromQueryFormat.Table))
    .withTransformation({ id: 'groupingToMatrix', options: { rowField: rows, columnField: columns, valueField: 'Value' } });
}

export interface LinesOptions extends About {
  readonly expr: string;
  /** Legend of a line: "{{cluster_id}}". */
  readonly legend: string;
  readonly none: string;
  /** Drawn as dashed lines. */
  readonly steps?: readonly Step[];
}

export function lines({ title, description, unit, expr, legend, none, steps }: LinesOptions): Panel {
  const panel = new timeseries.PanelBuilder().title(title).description(description).unit(unit).noValue(none).datasource(source).height(8).span(12)
    .legend(new common.VizLegendOptionsBuilder().displayMode(common.LegendDisplayMode.Table).placement(common.LegendPlacement.Right).showLegend(true).calcs(['lastNotNull']))
    .withTarget(query(expr, 'A').legendFormat(legend));
  return steps ? panel.thresholds(thresholds(steps)).thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed)) : panel;
}

export const source: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

function query(expr: string, refId: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder().expr(expr).refId(refId).datasource(source);
}

function thresholds(steps: readonly Step[]): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps.map(({ from, color }) => ({ value: from, color })));
}
