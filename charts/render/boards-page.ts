/** Reference page: every board with its panels, what they show, what they ask. */
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetBoards, localBoards } from '../../dashboards/boards.ts';
import { queryOf } from '../../dashboards/preview/answer.ts';
import type { Files } from './chart-module.ts';
import { cell } from './values-page.ts';

export function boardsPage(): Files {
  const boards = [...fleetBoards, ...localBoards].map((build) => build());
  const intro = ['# Boards', '', 'All but the last read what arrives in the management cluster and stand in the chart monitoring; the last reads the Prometheus of one cluster. "Empty" is what a panel says when nothing answers. `npm run boards:preview -- --prometheus http://host:port` draws them without a Grafana.', ''];
  return { 'boards.md': [...intro, ...boards.flatMap(section)].join('\n') };
}

function section({ uid = '', title = '', description = '', panels = [] }: Dashboard): string[] {
  return [`## ${title}`, '', `\`${uid}\`. ${description}`, '', '| panel | shows | empty | asks |', '|---|---|---|---|', ...panels.map(row), ''];
}

function row(panel: Panel | RowPanel): string {
  if (panel.type === 'row') return `| **${panel.title ?? ''}** | | | |`;
  const { title = '', description = '', fieldConfig, targets = [] } = panel as Panel;
  const asks = targets.map((target) => `\`${cell(queryOf(target).expr)}\``).join(' ');
  return `| ${title} | ${cell(description)} | ${fieldConfig?.defaults.noValue ?? ''} | ${asks} |`;
}
