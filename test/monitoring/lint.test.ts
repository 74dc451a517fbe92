import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../exporters/cert/catalogue.ts';
import { catalogue as netCatalogue } from '../../exporters/net/catalogue.ts';
import { federationLimits } from '../../monitoring/federation.ts';
import { foreignFamilies } from '../../monitoring/foreign.ts';
import { lint, type Chain } from '../../monitoring/lint.ts';
import { alertmanagerConfig, defaultRouting } from '../../monitoring/routes/config.ts';
import { recordsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import type { Alert, Record, RuleGroup } from '../../monitoring/rules/model.ts';

const runbooks = new Set(readdirSync(join(import.meta.dirname, '../../docs/runbooks')));
const ours: Chain = { catalogues: [...catalogue, ...netCatalogue], foreign: foreignFamilies, groups: ruleGroups, route: alertmanagerConfig(defaultRouting).route, runbooks };

test('the chain from exporter to runbook holds', () => expect(lint(ours)).toEqual([]));

test('a cluster that records everything it may stays below the limit of the federation', () => {
  const sum = recordsOf(ruleGroups).reduce((total, { maxSeries }) => total + maxSeries, 0);
  expect(sum).toBeLessThan(federationLimits.samples / 2);
});

describe('a break in the chain is found', () => {
  const record: Record = { kind: 'record', record: 'keelson:x:min', expr: 'min(cert_exporter_not_after)', labels: [], help: 'x', maxSeries: 1, since: '0.1.0' };
  const alert: Alert = { kind: 'alert', alert: 'X', expr: 'keelson:x:min < 1', for: '5m', severity: 'page', team: 'platform', summary: 's', description: 'd' };
  const chain = (over: { record?: Partial<Record>; alert?: Partial<Alert>; more?: RuleGroup[] } = {}): Chain => ({
    ...ours,
    runbooks: new Set(['X.md']),
    groups: [
      { name: 'w', place: 'workload', rules: [{ ...record, ...over.record }] },
      { name: 'm', place: 'management', rules: [{ ...alert, ...over.alert }] },
      ...(over.more ?? []),
    ],
  });
  const rules = (broken: Chain): string[] => lint(broken).map(({ rule }) => rule);

  test('the sound chain has none', () => expect(rules(chain())).toEqual([]));
  test.each<[string, Chain]>([
    ['expression-parses', chain({ record: { expr: 'min(cert_exporter_not_after' } })],
    ['metric-known', chain({ record: { expr: 'min(cert_exporter_not_afer)' } })],
    ['metric-known', chain({ record: { expr: 'min({job="x"})' } })],
    ['label-known', chain({ record: { expr: 'min(cert_exporter_not_after{pth="x"})' } })],
    ['record-federated', chain({ record: { record: 'kelson:x:min' as 'keelson:x:min' }, alert: { expr: 'kelson:x:min < 1' } })],
    ['record-read', chain({ alert: { expr: 'up == 0' } })],
    ['alert-on-federated', chain({ alert: { expr: 'cert_exporter_not_after < 1 and on () keelson:x:min' } })],
    ['alert-runbook', { ...chain(), runbooks: new Set() }],
    ['runbook-linked', { ...chain(), runbooks: new Set(['X.md', 'Y.md']) }],
    ['alert-routed', chain({ alert: { severity: 'nobody' as 'page' } })],
    ['template-label', chain({ alert: { summary: '{{ $labels.path }}' } })],
    ['duration', chain({ alert: { for: '5 minutes' } })],
    ['duration', chain({ alert: { detectWithin: 'soon' } })],
    ['detect-possible', chain({ alert: { detectWithin: '5m' } })],
  ])('%s', (rule, broken) => expect([...new Set(rules(broken))]).toEqual([rule]));

  test('what is promised counts every interval of the way: scrape, record, federation, alert, and how long it must hold', () => {
    expect(rules(chain({ alert: { detectWithin: '9m' } }))).toEqual([]);
    expect(rules(chain({ alert: { detectWithin: '8m59s' } }))).toEqual(['detect-possible']);
  });

  test('a finding names object, place and what to do', () => {
    expect(lint(chain({ alert: { for: 'soon' } }))).toEqual([{ object: 'X (page)', path: 'for', rule: 'duration', message: '"soon" is not a Prometheus duration', fix: 'write for example 15m' }]);
  });
});
