/** All boards as one static page: what they show of a real Prometheus, without a Grafana. */
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Answer } from './answer.ts';
import { escape } from './escape.ts';
import { drawPanel } from './panel.ts';

export interface PageOptions {
  /** Where the data is from, and of when: the first line of the page. */
  readonly about: string;
  readonly boards: readonly Dashboard[];
  /** The answer to a query, variables filled. */
  readonly answerTo: (expr: string) => Answer | undefined;
}

export function previewPage({ about, boards, answerTo }: PageOptions): string {
  const links = boards.map(({ uid = '', title = '' }) => `<a href="#${escape(uid)}">${escape(title.replace('Keelson / ', ''))}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Keelson boards</title><style>${style}</style></head>
<body><header><h1>Boards</h1><p>${escape(about)}</p><nav>${links.join(' ')}</nav></header>
${boards.map((board) => drawBoard(board, answerTo)).join('\n')}
</body></html>
`;
}

function drawBoard({ uid = '', title = '', description = '', panels = [] }: Dashboard, answerTo: PageOptions['answerTo']): string {
  const drawn = panels.map((panel) => (isRow(panel) ? `<h2 style="grid-column:1 / -1">${escape(panel.title ?? '')}</h2>` : drawPanel(panel, answerTo)));
  return `<article id="${escape(uid)}"><h1>${escape(title)}</h1><p>${escape(description)}</p><div class="board">${drawn.join('\n')}</div></article>`;
}

export function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}

const style = `
:root { --paper: #f6f7f9; --card: #fff; --ink: #1c2430; --soft: #66717f; --line: #dde2e8; --green: #1e7d45; --yellow: #9a7400; --orange: #b85c00; --red: #c0271d; --blue: #2f62c0; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181e; --card: #1c222a; --ink: #e4e8ee; --soft: #9aa5b1; --line: #2c3440; --green: #4cc38a; --yellow: #e2c044; --orange: #f0954a; --red: #ff7b72; --blue: #79a6ff; } }
body { margin: 0; padding: 0 24px 48px; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
header, article > p { color: var(--soft); } nav a { margin-right: 12px; color: var(--blue); }
h1 { font-size: 20px; margin: 24px 0 4px; color: var(--ink); } h2 { font-size: 13px; margin: 16px 0 0; color: var(--soft); font-weight: 600; } h3 { font-size: 13px; margin: 0 0 8px; font-weight: 600; }
.board { display: grid; grid-template-columns: repeat(24, 1fr); gap: 8px; } section { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; overflow: auto; }
.big { font-size: 30px; margin: 8px 0; font-weight: 600; } .none { color: var(--soft); } .error { color: var(--red); }
table { border-collapse: collapse; width: 100%; font-size: 12px; } th { text-align: left; color: var(--soft); font-weight: 500; } td, th { padding: 3px 8px 3px 0; border-bottom: 1px solid var(--line); } .value { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.matrix .cell { color: #fff; text-align: center; } .legend td { border: 0; padding: 1px 6px 1px 0; } .legend i { display: inline-block; width: 10px; height: 3px; margin-right: 6px; vertical-align: middle; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; } svg polyline { fill: none; stroke-width: 1.6; } svg .grid { stroke: var(--line); } svg .mark { stroke: var(--red); stroke-dasharray: 4 3; opacity: .6; }
@media (max-width: 900px) { section { grid-column: 1 / -1 !important; } }
`.trim();
