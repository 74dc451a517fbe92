import { join } from 'node:path';
import { releaseBundle } from '../../charts/keelson/bundle/release-bundle.ts';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetBoards } from '../../dashboards/boards.ts';
import { watchedComponents } from '../../monitoring/catalogue/components.ts';
import { foreignFamilies } from '../../monitoring/catalogue/index.ts';
import { federationLimits } from '../../monitoring/federation.ts';
import { ownCatalogues } from '../../monitoring/labels.ts';
import { lint, type Chain } from '../../monitoring/lint.ts';
import { alertmanagerConfig, defaultRouting } from '../../monitoring/routes/config.ts';
import type { AlertmanagerConfig } from '../../monitoring/routes/model.ts';
import { recordsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import type { Alert, Record, RuleGroup } from '../../monitoring/rules/model.ts';
import { readRunbooks } from '../../provisioner/cli/commands/alerts/lint.ts';

const config = alertmanagerConfig(defaultRouting);
let ours: Chain;
beforeAll(async () => void (ours = { catalogues: ownCatalogues, foreign: foreignFamilies, groups: ruleGroups, config, components: watchedComponents, boards: fleetBoards.map((build) => build()), runbooks: await readRunbooks(join(import.meta.dirname, '../../docs/runbooks')) }));

test('the chain from exporter to runbook holds', () => expect(lint(ours)).toEqual([]));

test('no component of the bundle is without an alert', () => {
  const watched = new Set(watchedComponents.map(({ name }) => name));
  expect(releaseBundle().spec.apps.map(({ name }) => name).filter((name) => !watched.has(name))).toEqual([]);
});

test('a cluster that records everything it may stays below the limit of the federation', () => {
  const sum = recordsOf(ruleGroups).reduce((total, { maxSeries }) => total + maxSeries, 0);
  expect(sum).toBeLessThan(federationLimits.samples * 0.8);
});

describe('a break in the chain is found', () => {
  const record: Record = { kind: 'record', record: 'keelson:x:min', expr: 'min(cert_exporter_not_after)', labels: [], help: 'x', maxSeries: 1, since: '0.1.0' };
  const alert: Alert = { kind: 'alert', alert: 'X', expr: 'keelson:x:min < 1', for: '5m', severity: 'page', area: 'certificates', team: 'platform', summary: 's', description: 'd' };
  const routed: AlertmanagerConfig = { route: { receiver: 'r' }, receivers: [{ name: 'r' }], inhibit_rules: [] };
  const boardWith = (expr: string, uid = 'keelson-certificates'): Dashboard => ({ uid, panels: [{ type: 'stat', title: 'p', targets: [{ expr }] }] }) as unknown as Dashboard;
  const chain = (over: { record?: Partial<Record>; alert?: Partial<Alert>; more?: RuleGroup[]; config?: Partial<AlertmanagerConfig>; boards?: Dashboard[]; slow?: number } = {}): Chain => ({
    catalogues: ownCatalogues, foreign: foreignFamilies, components: [], boards: over.boards ?? [boardWith('keelson:x:min')], config: { ...routed, ...over.config }, runbooks: new Map([['X.md', '']]),
    groups: [
      { name: 'w', place: 'workload', ...(over.slow ? { intervalSeconds: over.slow } : {}), rules: [{ ...record, ...over.record }] },
      { name: 'm', place: 'management', rules: [{ ...alert, ...over.alert }] },
      ...(over.more ?? []),
    ],
  });
  const rules = (broken: Chain): string[] => lint(broken).map(({ rule }) => rule);
  const other: Alert = { ...alert, alert: 'Y', expr: 'max by (organization) (keelson_organization_used) and on () keelson:x:min' };

  test('the sound chain has none', () => expect(rules(chain())).toEqual([]));
  test.each<[string, Chain]>([
    ['expression-parses', chain({ record: { expr: 'min(cert_exporter_not_after' } })],
    ['metric-known', chain({ record: { expr: 'min(cert_exporter_not_afer)' } })],
    ['metric-known', chain({ record: { expr: 'min({job="x"})' } })],
    ['label-known', chain({ record: { expr: 'min(cert_exporter_not_after{pth="x"})' } })],
    ['record-federated', chain({ record: { record: 'kelson:x:min' as 'keelson:x:min' }, alert: { expr: 'kelson:x:min < 1' }, boards: [boardWith('kelson:x:min')] })],
    ['record-read', chain({ alert: { expr: 'up == 0' }, boards: [boardWith('up')] })],
    ['label-dropped', chain({ record: { labels: ['node'] } })],
    ['label-dropped', chain({ alert: { expr: 'min(keelson:x:min) < 1' } })],
    ['organization-kept', chain({ alert: { expr: 'min by (cluster_id) (keelson:x:min) < 1' } })],
    ['alert-on-federated', chain({ alert: { expr: 'max by (cluster_id, organization) (cert_exporter_not_after < 1 and on () keelson:x:min) or keelson:x:min < 0' } })],
    ['alert-runbook', { ...chain(), runbooks: new Map() }],
    ['alert-owner', chain({ alert: { team: '' as 'platform' } })],
    ['alert-board', chain({ alert: { area: 'none' as 'nodes' } })],
    ['page-impact', chain({ alert: { hiddenBy: [] } })],
    ['runbook-linked', { ...chain(), runbooks: new Map([['X.md', ''], ['Y.md', '']]) }],
    ['runbook-command', { ...chain(), runbooks: new Map([['X.md', '```sh\nkubctl get pods\n```']]) }],
    ['runbook-command', { ...chain(), runbooks: new Map([['X.md', "```sh\nkubectl get pods -o jsonpath='{\n```"]]) }],
    ['alert-routed', chain({ config: { route: { receiver: 'unrouted' }, receivers: [{ name: 'unrouted' }] } })],
    ['receiver-used', chain({ config: { receivers: [{ name: 'r' }, { name: 's' }] } })],
    ['receiver-defined', chain({ config: { receivers: [{ name: 'r' }], route: { receiver: 'r', routes: [{ receiver: 's', matchers: ['a="b"'] }] } } })],
    ['inhibition-matches', chain({ config: { inhibit_rules: [{ source_matchers: ['alertname="Z"'], target_matchers: ['severity="page"'], equal: ['cluster_id'] }] } })],
    ['inhibition-matches', chain({ config: { inhibit_rules: [{ source_matchers: ['alertname="X"'], target_matchers: ['alertname="Z"'], equal: ['cluster_id'] }] } })],
    ['template-label', chain({ alert: { summary: '{{ $labels.path }}' } })],
    ['duration', chain({ alert: { for: '5 minutes' } })],
    ['duration', chain({ alert: { detectWithin: 'soon' } })],
    ['delivery-in-time', chain({ slow: 120 })],
    ['detect-possible', chain({ alert: { detectWithin: '5m' } })],
    ['component-alert', { ...chain(), components: [{ name: 'c', workloads: ['c'], without: 'x', isEssential: false, alerts: ['Z'] }] }],
    ['way-scraped', { ...chain({ record: { expr: 'min(written_by_a_newcomer)' } }), foreign: [{ name: 'written_by_a_newcomer', type: 'gauge', from: 'newcomer', labels: [], help: 'x' }] }],
    ['way-board', chain({ boards: [boardWith('keelson:x:min', 'another')] })],
    ['way-panel', chain({ boards: [boardWith('keelson:other:min')] })],
    // Of a page the list of alerts is not enough.
    ['way-panel', chain({ boards: [boardWith('ALERTS{area="certificates"}')] })],
    ['component-watched', { ...chain(), components: [{ name: 'c', workloads: [], without: 'x', isEssential: false, alerts: [] }] }],
  ])('%s', (rule, broken) => expect([...new Set(rules(broken))]).toEqual([rule]));

  test('an inhibition whose sides never have the same labels', () => {
    const broken = chain({ more: [{ name: 'n', place: 'management', rules: [{ ...other, isFleetWide: true, expr: 'max by (organization) (keelson_organization_used) > 1' }] }], config: { inhibit_rules: [{ source_matchers: ['alertname="X"'], target_matchers: ['alertname="Y"'], equal: ['cluster_id'] }] } });
    expect(lint(broken).find(({ rule }) => rule === 'inhibition-matches')?.message).toBe('source and target never agree in cluster_id');
  });

  test('what is promised counts every interval of the way: scrape, record, federation, alert, and how long it must hold', () => {
    expect(rules(chain({ alert: { detectWithin: '9m' } }))).toEqual([]);
    expect(rules(chain({ alert: { detectWithin: '8m59s' } }))).toEqual(['detect-possible']);
  });

  test('a finding names object, place and what to do', () => {
    expect(lint(chain({ alert: { for: 'soon' } }))).toEqual([{ object: 'X (page)', path: 'for', rule: 'duration', message: '"soon" is not a Prometheus duration', fix: 'write for example 15m' }]);
  });
});
