/** Who hears of what: pages go to the pager, notices to where a team reads during the day, and nothing falls through unseen. */
import type { Severity } from '../rules/model.ts';
import type { AlertmanagerConfig, Receiver, Route } from './model.ts';

export interface RoutingOptions {
  /** Webhook of the on-call tool, for alerts of severity page. Empty: they stay in Alertmanager. */
  readonly pagerUrl: string;
  /** Webhook for alerts of severity notify. Empty: they stay in Alertmanager. */
  readonly noticesUrl: string;
  /** Alertmanager durations: how long alerts of a group are collected first, … */
  readonly groupWait: string;
  /** … how long until changes of a group are sent, … */
  readonly groupInterval: string;
  /** … and how long until an unchanged page is repeated. */
  readonly repeatInterval: string;
}

/** For humans: nobody wants a page in pieces, nor two for one event. */
export const defaultRouting: RoutingOptions = { pagerUrl: '', noticesUrl: '', groupWait: '30s', groupInterval: '5m', repeatInterval: '4h' };

/** An unsent notice is a nuisance once a day, not six times. */
const repeatNotices = '24h';

/** The receiver of alerts that no route names: shown in Alertmanager, sent to nobody. The lint lets none of ours end there. */
export const unrouted = 'unrouted';

/** Severity → receiver. */
export const receivers: Readonly<{ [severity in Severity]: string }> = { page: 'pager', notify: 'notices' };

export function alertmanagerConfig(options: RoutingOptions): AlertmanagerConfig {
  return {
    route: {
      receiver: unrouted,
      group_by: ['alertname', 'cluster_id', 'severity', 'team'],
      group_wait: options.groupWait,
      group_interval: options.groupInterval,
      repeat_interval: options.repeatInterval,
      routes: [
        { receiver: receivers.page, matchers: ['severity="page"'] },
        { receiver: receivers.notify, matchers: ['severity="notify"'], repeat_interval: repeatNotices },
      ],
    },
    receivers: [{ name: unrouted }, webhook(receivers.page, options.pagerUrl), webhook(receivers.notify, options.noticesUrl)],
    inhibit_rules: [
      // The page about a thing makes the notice about the same thing superfluous. Absent labels count as equal.
      { source_matchers: ['severity="page"'], target_matchers: ['severity="notify"'], equal: ['alertname', 'cluster_id', 'source', 'node', 'path', 'namespace', 'secret', 'secretkey'] },
      // What was last heard of a cluster that is silent now says nothing.
      { source_matchers: ['alertname="ClusterNotObserved"'], target_matchers: ['alertname!="ClusterNotObserved"'], equal: ['cluster_id'] },
    ],
  };
}

/** The receivers that an alert with these labels reaches, as Alertmanager walks its tree. */
export function receiversOf(route: Route, labels: Readonly<{ [label: string]: string }>, inherited = ''): string[] {
  const receiver = route.receiver ?? inherited;
  const reached: string[] = [];
  for (const child of route.routes ?? []) {
    if (!(child.matchers ?? []).every((matcher) => matches(matcher, labels))) continue;
    reached.push(...receiversOf(child, labels, receiver));
    if (!child.continue) break;
  }
  return reached.length ? reached : [receiver];
}

/** @throws Error for a matcher that Alertmanager would not read */
function matches(matcher: string, labels: Readonly<{ [label: string]: string }>): boolean {
  const [, name, operator, value = ''] = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*$/.exec(matcher) ?? [];
  if (name === undefined || operator === undefined) throw new Error(`matcher ${matcher}: not label=value`);
  const found = labels[name] ?? '';
  const isMatch = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(found) : found === value;
  return operator.startsWith('!') ? !isMatch : isMatch;
}

function webhook(name: string, url: string): Receiver {
  return url ? { name, webhook_configs: [{ url, send_resolved: true }] } : { name };
}
