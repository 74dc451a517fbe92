import { alertmanagerConfig, defaultRouting, renderRouting } from '../../monitoring/routes/config.ts';
import { inhibitions } from '../../monitoring/routes/inhibitions.ts';
import type { Route } from '../../monitoring/routes/model.ts';
import { parseRouting } from '../../monitoring/routes/routing.ts';
import { couldHide, receiversOf, stopsOf } from '../../monitoring/routes/walk.ts';
import { labelsOfRules } from '../../monitoring/labels.ts';
import type { Alert } from '../../monitoring/rules/model.ts';
import { wholeRouting } from './whole-routing.ts';

type Labels = { [label: string]: string };
const { route, receivers } = alertmanagerConfig({ ...defaultRouting, pagerUrl: 'http://pager/x' });

test.each([
  [{ severity: 'page', team: 'platform' }, 'pager'], [{ severity: 'notify', team: 'platform' }, 'notices'], [{ severity: 'ticket', team: 'platform' }, 'notices'],
  [{ severity: 'notify', team: 'tenant' }, 'notices'], [{ severity: 'none' }, 'nobody'], [{ severity: 'none', alertname: 'Watchdog' }, 'heartbeat'], [{ severity: 'other' }, 'unrouted'], [{}, 'unrouted'],
])('%p goes to %s', (labels, receiver) => expect(receiversOf(route, labels as Labels)).toEqual([receiver]));

test('what says that a receiver fails goes the second way as well', () => {
  expect(receiversOf(route, { alertname: 'NotificationsFail', severity: 'page', team: 'platform' })).toEqual(['notices', 'pager']);
});

test('a receiver without an address keeps alerts in Alertmanager', () => {
  expect(receivers).toEqual([{ name: 'unrouted' }, { name: 'nobody' }, { name: 'heartbeat' }, { name: 'pager', webhook_configs: [{ url: 'http://pager/x', send_resolved: true }] }, { name: 'notices' }]);
});

describe('teams, environments, tenants and hours', () => {
  const whole = renderRouting(parseRouting(wholeRouting));
  test.each<[string, Labels, string[]]>([
    ['a page rings', { severity: 'page', team: 'platform', area: 'nodes' }, ['oncall', 'chat']],
    ['a page of a test cluster is a message', { severity: 'page', team: 'platform', pipeline: 'testing' }, ['chat']],
    ['what a tenant broke goes to its contact', { severity: 'notify', team: 'tenant', organization: 'acme', pipeline: 'testing' }, ['acme']],
    ['the platform is not the tenant\'s', { severity: 'page', team: 'platform', organization: 'acme' }, ['oncall', 'chat']],
    ['what a tenant broke goes to the contact of its Organization', { severity: 'notify', team: 'tenant', organization: 'other', contact: 'ops@other.example', pipeline: 'testing' }, ['contacts']],
    ['a tenant without a contact', { severity: 'notify', team: 'tenant', organization: 'other' }, ['tickets']],
  ])('%s', (_, labels, expected) => expect(receiversOf(whole.route, labels)).toEqual(expected));

  test('messages of test clusters keep office hours, and repeat as others do', () => {
    expect(stopsOf(whole.route, { severity: 'notify', team: 'platform', pipeline: 'testing' })).toMatchObject([{ receiver: 'chat', during: ['office-hours'], repeatInterval: '24h', because: ['pipeline="testing"', 'severity="notify"'] }]);
  });

  test.each<[string, unknown, string]>([
    ['a receiver that is not there', { ...wholeRouting, teams: { platform: { page: ['nobody-knows'], notify: ['chat'], ticket: ['chat'] } } }, 'teams.platform.page[0]: there is no receiver nobody-knows'],
    ['hours that are not there', { ...wholeRouting, teams: { platform: { page: [{ to: 'chat', during: 'night' }], notify: ['chat'], ticket: ['chat'] } } }, 'there is no interval night'],
    ['a name that the tree uses', { ...wholeRouting, receivers: { ...wholeRouting.receivers, unrouted: { kind: 'webhook' } } }, 'receivers.unrouted: the name is taken'],
    ['a secret as a value', { ...wholeRouting, receivers: { ...wholeRouting.receivers, oncall: { kind: 'pagerduty', routingKey: 'x' } } }, 'receivers.oncall'],
    ['a channel that is none', { ...wholeRouting, receivers: { ...wholeRouting.receivers, chat: { kind: 'slack', apiUrlFile: '/x', channel: 'x' } } }, 'receivers.chat.channel: a channel begins with # or @'],
    ['an environment without a label', { ...wholeRouting, environments: [{ name: 'x', match: {}, ways: wholeRouting.teams.platform }] }, 'environments.0.match: needs a label'],
    ['nothing', undefined, 'routing: the whole'],
  ])('%s is refused', (_, input, message) => expect(() => parseRouting(input)).toThrow(expect.objectContaining({ code: 'ROUTING_INVALID', message: expect.stringContaining(message) as string }) as Error));
});

test('continue, nesting and all operators walk as in Alertmanager', () => {
  const tree: Route = {
    receiver: 'root',
    routes: [
      { receiver: 'all', matchers: ['a=~"x|y"'], continue: true },
      { receiver: 'first', matchers: ['a="x"', 'b!="no"'], routes: [{ receiver: 'inner', matchers: ['c!~"skip.*"'] }] },
      { receiver: 'later', matchers: ['a="x"'] },
    ],
  };
  expect(receiversOf(tree, { a: 'x', c: 'run' })).toEqual(['all', 'inner']);
  expect(receiversOf(tree, { a: 'x', c: 'skipped' })).toEqual(['all', 'first']);
  expect(receiversOf(tree, { a: 'x', b: 'no' })).toEqual(['all', 'later']);
  expect(receiversOf(tree, { a: 'xx' })).toEqual(['root']);
});

test('a matcher that is none is an error', () => {
  expect(() => receiversOf({ receiver: 'r', routes: [{ matchers: ['oops'] }] }, {})).toThrow('not label=value');
});

describe('what hides what', () => {
  const config = alertmanagerConfig(defaultRouting);
  const hiding = (labels: Labels): string[] => couldHide(config, labels).map(({ source_matchers: [source = ''], equal }) => `${source} ${equal.join()}`);

  test('a dead node hides what happens on it, by its name; what has no node, by its cluster', () => {
    expect(hiding({ alertname: 'NodeMemoryLow', severity: 'notify' })).toContain('alertname=~"NodeUnreachable|NodeNotReady" cluster_id,node');
    expect(hiding({ alertname: 'ComponentDegraded', severity: 'notify' })).toContain('alertname=~"NodeUnreachable|NodeNotReady" cluster_id');
  });
  test('a zone hides its nodes, a cloud its clusters', () => {
    expect(hiding({ alertname: 'NodeNotReady', severity: 'page' })).toEqual(expect.arrayContaining(['alertname="ZonePartitioned" cluster_id,zone', 'alertname="CloudZoneDown" region,zone']));
    expect(hiding({ alertname: 'ZonePartitioned', severity: 'page' })).toContain('alertname="CloudZoneDown" region,zone');
    expect(hiding({ alertname: 'ClusterApiDown', severity: 'page' })).toContain('alertname="CloudDown" region');
  });
  test('an upgrade hides what goes, not that it takes too long', () => {
    expect(hiding({ alertname: 'NodeNotReady', severity: 'page' })).toContain('alertname=~"ClusterCreating|ClusterUpgrading|ClusterDeleting" cluster_id');
    expect(hiding({ alertname: 'ClusterUpgradeStuck', severity: 'page' })).toEqual(['alertname="CloudDown" region'].filter(() => false));
  });
  test('of several ways to be blind the first hides the others, never itself, and never in a circle', () => {
    for (const { source_matchers: [source = ''], target_matchers: [target = ''] } of config.inhibit_rules.slice(1)) {
      const names = (matcher: string): string[] => matcher.replace(/^alertname=~?"(.*)"$/, '$1').split('|');
      expect(names(source).filter((name) => names(target).includes(name))).toEqual([]);
    }
    expect(hiding({ alertname: 'ClusterPrometheusDown', severity: 'page' })).not.toContain('alertname="ClusterPrometheusDown" cluster_id');
  });
  test('what has nothing in common is not hidden: it would be hidden for every cluster', () => {
    const blind: Alert = { kind: 'alert', alert: 'Blind', expr: 'vector(1)', for: '0s', severity: 'page', area: 'nodes', team: 'platform', hiddenBy: ['node'], summary: '', description: '' };
    expect(inhibitions([blind], labelsOfRules).slice(1)).toEqual([]);
  });
});
