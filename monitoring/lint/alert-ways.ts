/** Is any alert without a step of its way: nobody writes or scrapes what it reads, or the board of its page shows nothing of it? */
import { alertWaysOf, type AlertWay } from '../alert-ways.ts';
import { isAccountedFor } from '../catalogue/scrapes.ts';
import { nameOf, type Chain, type Finding } from './finding.ts';

export function alertWayFindings(chain: Chain): Finding[] {
  return alertWaysOf(chain).flatMap((way) => [...stepsMissing(way)]);
}

/** Records, routes and runbooks are looked at in files of their own. */
function* stepsMissing({ alert, writers, board, hasBoard, panels, isListed }: AlertWay): Generator<Finding> {
  const found = (path: string, rule: string, message: string, fix: string): Finding => ({ object: nameOf(alert), path, rule, message, fix });
  for (const writer of writers.filter((one) => !isAccountedFor(one))) {
    yield found('expr', 'way-scraped', `reads what ${writer} writes, and nothing says who scrapes that`, 'name its monitor, or why there is none, in monitoring/catalogue/scrapes.ts');
  }
  if (alert.severity === 'none' || !board) return; // an area without a board: lint/alerts.ts
  if (!hasBoard) yield found('board', 'way-board', `links to the board ${board}, which is not there`, 'name one of dashboards/boards.ts');
  else if (!panels.length && (alert.severity === 'page' || !isListed)) {
    yield found('board', 'way-panel', `links to the board ${board}, which shows nothing of what it reads`, 'add a panel there, or link to another board');
  }
}
