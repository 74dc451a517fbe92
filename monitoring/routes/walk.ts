/** How Alertmanager walks its tree with the labels of one alert, step by step, so that a person sees why it goes where it goes. */
import { isMatched } from '../promql.ts';
import { RoutingError } from './errors.ts';
import type { AlertmanagerConfig, InhibitRule, Route } from './model.ts';

export type AlertLabels = Readonly<{ [label: string]: string }>;

/** A leaf of the tree that took the alert. */
export interface Stop {
  readonly receiver: string;
  /** Matchers on the way, outermost first; all of them hold. */
  readonly because: readonly string[];
  /** Intervals outside of which nothing is sent. */
  readonly during: readonly string[];
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
  readonly groupBy: readonly string[];
}

/** Where an alert with these labels ends, in the order of the tree. @throws RoutingError ROUTING_MATCHER */
export function stopsOf(root: Route, labels: AlertLabels): Stop[] {
  return walk(root, labels, { receiver: '', because: [], during: [], groupWait: '30s', groupInterval: '5m', repeatInterval: '4h', groupBy: [] });
}

export function receiversOf(root: Route, labels: AlertLabels): string[] {
  return stopsOf(root, labels).map(({ receiver }) => receiver);
}

/** Everything but intervals is inherited from above (Alertmanager's dispatch/route.go). */
function walk(route: Route, labels: AlertLabels, above: Stop): Stop[] {
  const here: Stop = {
    receiver: route.receiver ?? above.receiver, because: [...above.because, ...(route.matchers ?? [])], during: route.active_time_intervals ?? [],
    groupWait: route.group_wait ?? above.groupWait, groupInterval: route.group_interval ?? above.groupInterval, repeatInterval: route.repeat_interval ?? above.repeatInterval, groupBy: route.group_by ?? above.groupBy,
  };
  const reached: Stop[] = [];
  for (const child of route.routes ?? []) {
    if (!(child.matchers ?? []).every((matcher) => matches(matcher, labels))) continue;
    reached.push(...walk(child, labels, here));
    if (!child.continue) break;
  }
  return reached.length ? reached : [here];
}

/** Rules that could hide such an alert, with what would have to fire. */
export function couldHide({ inhibit_rules: rules }: AlertmanagerConfig, labels: AlertLabels): InhibitRule[] {
  return rules.filter(({ target_matchers: targets }) => targets.every((matcher) => matches(matcher, labels)));
}

/** @throws RoutingError ROUTING_MATCHER for one that Alertmanager would not read */
export function matches(matcher: string, labels: AlertLabels): boolean {
  const [, name, operator, quoted, bare] = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:("(?:[^"\\]|\\.)*")|(\S*))\s*$/.exec(matcher) ?? [];
  if (name === undefined || operator === undefined) throw new RoutingError('ROUTING_MATCHER', `matcher ${matcher}: not label=value`);
  const value = quoted === undefined ? (bare ?? '') : (JSON.parse(quoted) as string);
  return isMatched(labels[name] ?? '', { op: operator, value });
}
