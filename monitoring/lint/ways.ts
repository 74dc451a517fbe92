/** Is any alert without a step of its way: nobody writes or scrapes what it reads, or the board of its page shows nothing of it? */
import { arrivalOf, waysOf, type Way } from '../ways.ts';
import { nameOf, type Chain, type Finding } from './finding.ts';

export function wayFindings(chain: Chain): Finding[] {
  return waysOf(chain).flatMap((way) => [...stepsMissing(way)]);
}

/** Records, routes and runbooks are looked at in files of their own. */
function* stepsMissing({ alert, writers, board, hasBoard, panels, isListed }: Way): Generator<Finding> {
  const found = (path: string, rule: string, message: string, fix: string): Finding => ({ object: nameOf(alert), path, rule, message, fix });
  for (const writer of writers.filter((one) => arrivalOf(one) === undefined)) {
    yield found('expr', 'way-scraped', `reads what ${writer} writes, and nothing says who scrapes that`, 'name its monitor, or why there is none, in monitoring/catalogue/scrapes.ts');
  }
  if (alert.severity === 'none' || !board) return;
  if (!hasBoard) yield found('board', 'way-board', `links to the board ${board}, which is not there`, 'name one of dashboards/boards.ts');
  else if (alert.severity === 'page' ? !panels.length : !panels.length && !isListed) {
    yield found('board', 'way-panel', `links to the board ${board}, which shows nothing of what it reads`, 'add a panel there, or link to another board');
  }
}
