/** Alertmanager's configuration, from who should hear of what. Nothing falls through unseen: what no route takes is named `unrouted`. */
import { labelsOfRules } from '../labels.ts';
import { alertsOf, ruleGroups } from '../rules/index.ts';
import { severities } from '../rules/model.ts';
import { inhibitions } from './inhibitions.ts';
import { receiverOf } from './messages.ts';
import type { AlertmanagerConfig, Receiver, Route, TimeInterval } from './model.ts';
import { parseRouting, type Routing, type Ways } from './routing.ts';

/** The receiver of alerts that no route names: shown in Alertmanager, sent to nobody. The lint lets none of ours end there. */
export const unrouted = 'unrouted';
/** The receiver of what only hides others. */
export const nobody = 'nobody';
/** The external dead man's switch. */
export const heartbeat = 'heartbeat';

/** Mail to the contact of an organization: the address is a label of the alert, see rules/render.ts. */
export const contacts = 'contacts';

/** Alerts that say that a message did not get through: they go a second way as well. */
const aboutReceivers = 'NotificationsFail|AlertsNotDelivered|AlertmanagerConfigurationRefused';
const groupBy = ['alertname', 'cluster_id', 'severity', 'team'] as const;

/** The whole configuration. */
export function renderRouting(routing: Routing): AlertmanagerConfig {
  const { timing } = routing;
  const intervals = timeIntervals(routing);
  return {
    route: {
      receiver: unrouted, group_by: groupBy, group_wait: timing.groupWait, group_interval: timing.groupInterval, repeat_interval: timing.repeatOthers,
      routes: [
        { receiver: heartbeat, matchers: ['alertname="Watchdog"'], group_by: ['alertname'], group_wait: '0s', group_interval: '1m', repeat_interval: '1m' },
        { receiver: nobody, matchers: ['severity="none"'] },
        ...routing.secondWay.map((receiver): Route => ({ receiver, matchers: [`alertname=~"${aboutReceivers}"`], continue: true, repeat_interval: timing.repeatPages })),
        ...routing.tenants.map(({ organization, ways }): Route => ({ matchers: ['team="tenant"', `organization=${JSON.stringify(organization)}`], routes: bySeverity(ways, routing) })),
        ...(routing.contacts ? [{ receiver: contacts, matchers: ['team="tenant"', 'contact!=""'] }] : []),
        ...routing.environments.map(({ match, ways }): Route => ({ matchers: Object.entries(match).map(([label, value]) => `${label}=${JSON.stringify(value)}`), routes: bySeverity(ways, routing) })),
        // Without a contact of their own, what tenants broke waits where the platform's tickets do.
        ...sent(routing.teams.platform.ticket, ['team="tenant"'], routing),
        ...bySeverity(routing.teams.platform, routing),
      ],
    },
    receivers: [{ name: unrouted }, { name: nobody }, heartbeatReceiver(routing), ...contactReceivers(routing), ...Object.entries(routing.receivers).map(([name, spec]) => receiverOf(name, spec))],
    inhibit_rules: inhibitions(alertsOf(ruleGroups), labelsOfRules),
    ...(intervals.length ? { time_intervals: intervals } : {}),
  };
}

const bySeverity = (ways: Ways, routing: Routing): Route[] =>
  severities.filter((severity) => severity !== 'none').flatMap((severity) => sent(ways[severity], [`severity="${severity}"`], routing));

/** To each of these receivers; the walk goes on to the next one, and ends with the last. */
function sent(ways: Ways['page'], matchers: readonly string[], { timing }: Routing): Route[] {
  const isPage = matchers.includes('severity="page"');
  return ways.map(({ to, during }, i) => ({
    receiver: to, matchers, ...(i < ways.length - 1 ? { continue: true } : {}),
    ...(isPage ? { repeat_interval: timing.repeatPages } : {}), ...(during === undefined ? {} : { active_time_intervals: [during] }),
  }));
}

function heartbeatReceiver({ heartbeat: { url, urlFile } }: Routing): Receiver {
  if (urlFile !== undefined) return { name: heartbeat, webhook_configs: [{ url_file: urlFile, send_resolved: false }] };
  return url ? { name: heartbeat, webhook_configs: [{ url, send_resolved: false }] } : { name: heartbeat };
}

function contactReceivers({ contacts: mail }: Routing): Receiver[] {
  return mail ? [receiverOf(contacts, { kind: 'email', to: '{{ .CommonLabels.contact }}', ...mail })] : [];
}

function timeIntervals({ intervals }: Routing): TimeInterval[] {
  return Object.entries(intervals).map(([name, { days, from, to, timezone }]) => ({
    name, time_intervals: [{ weekdays: days, times: [{ start_time: from, end_time: to }], location: timezone }],
  }));
}

/** The two webhooks that the chart has values for; whoever wants more writes a `Routing`. */
export interface RoutingOptions {
  /** Webhook of the on-call tool, for alerts of severity page. Empty: they stay in Alertmanager. */
  readonly pagerUrl: string;
  /** Webhook for the others. Empty: they stay in Alertmanager. */
  readonly noticesUrl: string;
  /** Called every minute. Empty: nobody notices when everything here is gone. */
  readonly heartbeatUrl?: string;
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
}

/** For humans: nobody wants a page in pieces, nor two for one event. */
export const defaultRouting: RoutingOptions = { pagerUrl: '', noticesUrl: '', groupWait: '30s', groupInterval: '5m', repeatInterval: '4h' };

export function simpleRouting({ pagerUrl, noticesUrl, heartbeatUrl = '', groupWait, groupInterval, repeatInterval }: RoutingOptions): Routing {
  return parseRouting({
    receivers: { pager: { kind: 'webhook', url: pagerUrl }, notices: { kind: 'webhook', url: noticesUrl } },
    teams: { platform: { page: ['pager'], notify: ['notices'], ticket: ['notices'] } },
    heartbeat: { url: heartbeatUrl }, secondWay: ['notices'],
    timing: { groupWait, groupInterval, repeatPages: repeatInterval },
  });
}

export function alertmanagerConfig(options: RoutingOptions): AlertmanagerConfig {
  return renderRouting(simpleRouting(options));
}
