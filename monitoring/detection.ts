/** How long a fault takes to become an alert, added up from the intervals on its way: what an alert promises with `detectWithin` has to be possible. */
import { readingOf } from './promql.ts';
import type { Alert, RuleGroup } from './rules/model.ts';

/** Seconds, as the charts have them where nobody says otherwise. */
export const defaultIntervals = { scrape: 60, evaluation: 60, federation: 60 } as const;

/** Seconds from a fault to the alert when it begins right after every look: an exporter notices, is scraped, its records are evaluated, federated, and judged for as long as `for` says. */
export function slowestDetection(alert: Alert, groups: readonly RuleGroup[]): number {
  const own = groups.find(({ rules }) => rules.includes(alert));
  const recorded = seenAfter(alert.expr, groups, undefined);
  return (recorded === 0 ? defaultIntervals.scrape : recorded + defaultIntervals.federation) + intervalOf(own) + secondsOf(alert.for);
}

/** Until what an expression reads shows the fault. A record of the same group is as new as the reader. */
function seenAfter(expr: string, groups: readonly RuleGroup[], reader: RuleGroup | undefined): number {
  const metrics = new Set(readingOf(expr).selectors.map(({ metric }) => metric));
  const ways = groups.flatMap((group) => group.rules.flatMap((rule) => {
    if (rule.kind !== 'record' || !metrics.has(rule.record) || rule.expr === expr) return [];
    const before = seenAfter(rule.expr, groups, group) || (group.noticeSeconds ?? 0) + (group.scrapeSeconds ?? defaultIntervals.scrape);
    return group === reader ? before : before + intervalOf(group);
  }));
  return Math.max(0, ...ways);
}

const intervalOf = (group: RuleGroup | undefined): number => group?.intervalSeconds ?? defaultIntervals.evaluation;

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** "1m30s" → 90; NaN for what is no Prometheus duration. */
export function secondsOf(duration: string): number {
  if (duration === '0') return 0;
  if (!/^(\d+(ms|[smhdwy]))+$/.test(duration)) return NaN;
  return [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? NaN), 0);
}
