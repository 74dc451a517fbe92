/**
 * Ties the chain together: exporter catalogue → recorded family → federation → alert → route → receiver → runbook → board. A
 * break anywhere in it is an alert that never fires or a page that nobody can act on.
 */
import { alertWayFindings } from './lint/alert-ways.ts';
import { alertFindings } from './lint/alerts.ts';
import { expressionFindings } from './lint/expressions.ts';
import type { Chain, Finding } from './lint/finding.ts';
import { routeFindings } from './lint/routes.ts';
import { runbookFindings } from './lint/runbooks.ts';

export type { Chain, Finding } from './lint/finding.ts';

/** Everything that is wrong with the chain; empty when it holds. */
export function lint(chain: Chain): Finding[] {
  return [...expressionFindings(chain), ...alertFindings(chain), ...routeFindings(chain), ...runbookFindings(chain), ...alertWayFindings(chain)];
}
