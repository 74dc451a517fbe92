/** What a board must have, in the spirit of Grafana's dashboard-linter, and that it reads only metrics and labels that exist. */
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { readingOf } from '../monitoring/promql.ts';

export interface BoardFinding {
  /** Title of the panel, or of the board. */
  readonly object: string;
  readonly rule: string;
  readonly message: string;
}

/** @param labelsOf labels of a metric; undefined for one that nobody writes */
export function lintBoard(built: Dashboard, labelsOf: (metric: string) => readonly string[] | undefined): BoardFinding[] {
  const panels = (built.panels ?? []).filter((panel): panel is Panel => !isRow(panel));
  const titles = panels.map(({ title }) => title ?? '');
  return [
    ...(built.uid ? [] : [{ object: built.title ?? '', rule: 'uid', message: 'has no uid: links to it break with every import' }]),
    ...titles.filter((title, i) => titles.indexOf(title) !== i).map((title) => ({ object: title, rule: 'title-unique', message: 'two panels have this title' })),
    ...panels.flatMap((panel) => [...panelFindings(panel, labelsOf)]),
    ...overlaps(panels),
  ];
}

function* panelFindings(panel: Panel, labelsOf: (metric: string) => readonly string[] | undefined): Generator<BoardFinding> {
  const object = panel.title ?? '';
  const found = (rule: string, message: string): BoardFinding => ({ object, rule, message });
  if (!object) yield found('title', 'a panel has no title');
  if (!panel.description) yield found('description', 'says nowhere what is seen and when to act');
  if (!panel.fieldConfig?.defaults.unit && !(panel.fieldConfig?.overrides ?? []).some(({ properties }) => properties.some(({ id }) => id === 'unit'))) yield found('unit', 'has no unit');
  if (!panel.fieldConfig?.defaults.noValue) yield found('no-value', 'does not say what an empty answer means');
  for (const target of (panel.targets ?? []) as { expr?: string; datasource?: { uid?: string } }[]) {
    if (target.datasource?.uid !== '${datasource}') yield found('datasource', 'does not read the data source that was chosen');
    const expr = target.expr ?? '';
    const { selectors, errorAt } = readingOf(expr.replaceAll('$cluster', 'x'));
    // What is of the management cluster alone has no cluster to choose.
    const isOfClusters = selectors.some(({ metric }) => metric !== undefined && labelsOf(metric)?.includes('cluster_id') !== false);
    if (isOfClusters && /\$cluster\b/.exec(expr) === null) yield found('cluster', 'does not follow the choice of clusters');
    if (errorAt !== undefined) yield found('expression', `syntax error at ${errorAt}: ${expr}`);
    for (const { metric, labels } of selectors) {
      const known = metric === undefined ? undefined : labelsOf(metric);
      if (!known) yield found('metric', `reads ${metric ?? 'a metric without a name'}, which nobody writes`);
      else for (const label of labels.filter((name) => !known.includes(name))) yield found('label', `matches ${label}, which ${metric} does not have`);
    }
  }
}

/** Two panels at one place: Grafana pushes one down, and the board looks different on every screen. */
function overlaps(panels: readonly Panel[]): BoardFinding[] {
  return panels.flatMap((panel, i) =>
    panels.slice(0, i).filter(({ gridPos: a }) => {
      const b = panel.gridPos;
      return a && b && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
    }).map((other) => ({ object: panel.title ?? '', rule: 'overlap', message: `lies over "${other.title ?? ''}"` })),
  );
}

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}
