/** How long a fault takes to become an alert, added up from the intervals on its way: what an alert promises with `detectWithin` has to be possible. */
import { readingOf } from './promql.ts';
import type { Alert, RuleGroup } from './rules/model.ts';

/** Seconds, as the charts have them where nobody says otherwise. */
export const defaultIntervals = { scrape: 60, evaluation: 60, federation: 60 } as const;

/**
 * Seconds from a fault to the alert when it begins right after every look: an exporter notices, is scraped, its records
 * are evaluated, federated, and judged for as long as `for` says. Records that read others are in the group of these,
 * and so as new as they are.
 */
export function slowestDetection(alert: Alert, groups: readonly RuleGroup[]): number {
  const own = groups.find(({ rules }) => rules.includes(alert));
  const metrics = new Set(readingOf(alert.expr).selectors.map(({ metric }) => metric));
  const recorded = groups.filter(({ rules }) => rules.some((rule) => rule.kind === 'record' && metrics.has(rule.record)));
  const seen = recorded.map((group) => (group.noticeSeconds ?? 0) + (group.scrapeSeconds ?? defaultIntervals.scrape) + intervalOf(group) + defaultIntervals.federation);
  return Math.max(defaultIntervals.scrape, ...seen) + intervalOf(own) + secondsOf(alert.for);
}

/** Seconds from a fault to the receiver beyond the alert's own `for`: half of all that fall at random do not take longer than `typical`, none longer than `most`. */
export interface Delay {
  readonly typical: number;
  readonly most: number;
}

/** What people may count on (docs/monitoring.md): two and a half minutes, four and a half at most. */
export const delayLimits: Delay = { typical: 150, most: 270 };

/**
 * Every step waits for its turn, which is anywhere within its interval: the sum of such waits lies as often below half of
 * the sum of the intervals as above it.
 * @param groupWaitSeconds until Alertmanager sends the first message of a group
 */
export function delayToReceiver(alert: Alert, groups: readonly RuleGroup[], groupWaitSeconds: number): Delay {
  const turns = slowestDetection(alert, groups) - secondsOf(alert.for);
  return { typical: turns / 2 + groupWaitSeconds, most: turns + groupWaitSeconds };
}

const intervalOf = (group: RuleGroup | undefined): number => group?.intervalSeconds ?? defaultIntervals.evaluation;

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

/** "1m30s" → 90; NaN for what is no Prometheus duration. */
export function secondsOf(duration: string): number {
  if (duration === '0') return 0;
  if (!/^(\d+(ms|[smhdwy]))+$/.test(duration)) return NaN;
  return [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? NaN), 0);
}
