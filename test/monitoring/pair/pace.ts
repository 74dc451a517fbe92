/** How much faster than the charts' defaults the tests with real programs go: every `for`, every scrape, every evaluation, every wait of Alertmanager. */
import { secondsOf, slowestDetection } from '../../../monitoring/detection.ts';
import { alertsOf, groupsFor, ruleGroups } from '../../../monitoring/rules/index.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';

export const pace = 30;
/** A minute of the charts. */
export const interval = `${60 / pace}s`;

/** The alerts of the management side. Ranges within expressions stay what they are. */
export function hastenedRules(times = pace): object {
  const interval = `${60 / times}s`;
  const fast = (duration: string | undefined): string => `${Math.ceil(secondsOf(duration ?? '0') / times)}s`;
  const { groups } = renderGroups(groupsFor('management').filter(({ place }) => place === 'management'), { runbookBase: 'https://runbooks.example', boardBase: 'https://boards.example' });
  return {
    groups: groups.map(({ interval: _, ...group }) => ({
      ...group, interval, rules: group.rules.map((rule) => ({ ...rule, ...(rule.for ? { for: fast(rule.for) } : {}), ...(rule.keep_firing_for ? { keep_firing_for: fast(rule.keep_firing_for) } : {}) })),
    })),
  };
}

/** Milliseconds from the fault to the receiver that an alert may take here: what it promises at the charts' intervals, Alertmanager's wait, and what starting a scrape costs on a busy machine. */
export function withinMs(name: string, times = pace): number {
  const alert = alertsOf(ruleGroups).find((one) => one.alert === name && one.severity === 'page');
  if (!alert) throw new Error(`there is no page ${name}`);
  const promised = alert.detectWithin === undefined ? slowestDetection(alert, ruleGroups) : secondsOf(alert.detectWithin);
  return ((promised + groupWaitSeconds) / times) * 1000 + busyMs;
}
export const groupWaitSeconds = 30;
const busyMs = 15_000;
