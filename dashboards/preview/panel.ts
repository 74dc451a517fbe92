/** One panel of a board, drawn from the same JSON that Grafana reads. */
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { type Answer, lastOf, queryOf, type Series } from './answer.ts';
import { lineChart } from './chart.ts';
import { escape } from './escape.ts';
import { format } from './units.ts';

interface Threshold {
  readonly value: number | null;
  readonly color: string;
}

/** @param answerTo the answer to a query, variables filled */
export function drawPanel(panel: Panel, answerTo: (expr: string) => Answer | undefined): string {
  const [target] = panel.targets ?? [];
  const { expr, legend } = queryOf(target ?? {});
  const answer = answerTo(expr);
  const { x, w, h } = panel.gridPos ?? { x: 0, w: 12, h: 8 };
  const body = answer === undefined ? note('not asked') : answer.kind === 'error' ? note(answer.message, 'error') : answer.series.length === 0 ? note(noValueOf(panel)) : bodyOf(panel, answer.series, legend);
  return `<section class="${escape(panel.type)}" style="grid-column:${x + 1} / span ${w};min-height:${h * 24}px" title="${escape(panel.description ?? '')}"><h3>${escape(panel.title ?? '')}</h3>${body}</section>`;
}

function bodyOf(panel: Panel, series: readonly Series[], legend: string): string {
  const unit = unitOf(panel);
  if (panel.type === 'timeseries') return lineChart(series, { unit, legend, marks: thresholdsOf(panel).flatMap(({ value }) => value ?? []) });
  if (panel.type === 'stat') return series.slice(0, 1).map((one) => `<p class="big" style="color:${colorOf(panel, lastOf(one))}">${escape(format(lastOf(one), unit))}</p>`).join('');
  const matrix = optionsOf(panel, 'groupingToMatrix');
  return matrix ? matrixOf(panel, series, matrix as { rowField: string; columnField: string }) : tableOf(panel, series, unit);
}

/** Rows as Grafana sorts them: by value, as the board says by its column's name. */
function tableOf(panel: Panel, series: readonly Series[], unit: string): string {
  const { renameByName: names = {} } = (optionsOf(panel, 'organize') ?? {}) as { renameByName?: Record<string, string> };
  const labels = Object.keys(names).filter((label) => label !== 'Value');
  const rows = [...series].sort((a, b) => lastOf(a) - lastOf(b)).slice(0, 30).map((one) =>
    `<tr>${labels.map((label) => `<td>${escape(one.labels[label] ?? '')}</td>`).join('')}<td class="value" style="color:${colorOf(panel, lastOf(one))}">${escape(format(lastOf(one), unit))}</td></tr>`);
  return `<table><thead><tr>${[...labels, 'Value'].map((label) => `<th>${escape(names[label] ?? label)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function matrixOf(panel: Panel, series: readonly Series[], { rowField, columnField }: { rowField: string; columnField: string }): string {
  const namesOf = (field: string): string[] => [...new Set(series.map(({ labels }) => labels[field] ?? ''))].sort();
  const columns = namesOf(columnField);
  const cell = (row: string, column: string): string => {
    const found = series.find(({ labels }) => labels[rowField] === row && labels[columnField] === column);
    return found ? `<td class="cell" style="background:${colorOf(panel, lastOf(found))}">${escape(format(lastOf(found), unitOf(panel)))}</td>` : '<td></td>';
  };
  const rows = namesOf(rowField).map((row) => `<tr><th>${escape(row)}</th>${columns.map((column) => cell(row, column)).join('')}</tr>`);
  return `<table class="matrix"><thead><tr><th></th>${columns.map((column) => `<th>${escape(column)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const note = (text: string, kind = 'none'): string => `<p class="${kind}">${escape(text)}</p>`;

function optionsOf(panel: Panel, id: string): object | undefined {
  return panel.transformations?.find((transformation) => transformation.id === id)?.options as object | undefined;
}

function noValueOf({ fieldConfig }: Panel): string {
  return fieldConfig?.defaults.noValue ?? 'no data';
}

/** The unit of the panel, or of the column that a table sets apart. */
export function unitOf({ fieldConfig }: Panel): string {
  return fieldConfig?.defaults.unit ?? String(property({ fieldConfig } as Panel, 'unit') ?? 'short');
}

function property({ fieldConfig }: Panel, id: string): unknown {
  return fieldConfig?.overrides.flatMap(({ properties }) => properties).find((one) => one.id === id)?.value;
}

function thresholdsOf(panel: Panel): readonly Threshold[] {
  const own = property(panel, 'thresholds') as { steps?: Threshold[] } | undefined;
  return own?.steps ?? (panel.fieldConfig?.defaults.thresholds?.steps as Threshold[] | undefined) ?? [];
}

const colors: Readonly<Record<string, string>> = { green: 'var(--green)', yellow: 'var(--yellow)', orange: 'var(--orange)', red: 'var(--red)', blue: 'var(--blue)' };

function colorOf(panel: Panel, value: number): string {
  const step = [...thresholdsOf(panel)].reverse().find(({ value: from }) => from === null || value >= from);
  return colors[step?.color ?? 'blue'] ?? 'inherit';
}
