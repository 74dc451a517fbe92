import fc from 'fast-check';
import { matcherProblem, type AlertMatcher } from '../../../../provisioner/api/alert-matchers.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import type { ListedSilence } from '../../../../provisioner/operators/silences/alertmanager.ts';
import { difference } from '../../../../provisioner/operators/silences/difference.ts';
import { keyIn, marked } from '../../../../provisioner/operators/silences/mark.ts';
import { judgeSilence, judgeWindow, type SilenceObject, type WantedSilence, type WindowObject } from '../../../../provisioner/operators/silences/wanted.ts';

const now = new Date('2026-06-01T12:00:00Z');
const is = (name: string, value: string, operator: AlertMatcher['operator'] = '='): AlertMatcher => ({ name, operator, value });
const cluster = (namespace: string, name: string, more: object = {}): Cluster => ({ apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { namespace, name, ...more }, spec: { topology: { classRef: { name: 'openstack-v1' } } } });
const clusters = [cluster('org-acme', 'a', { labels: { stage: 'production' } }), cluster('org-acme', 'b'), cluster('org-other', 'c', { labels: { stage: 'production' } }), cluster('org-acme', 'gone', { deletionTimestamp: now.toISOString() })];
const around = { ownerNamespaces: ['keelson-system'], clusters, now };

const silence = (o: { namespace?: string; expiresAt?: string; matchers?: AlertMatcher[]; made?: string } = {}): SilenceObject => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'Silence',
  metadata: { namespace: o.namespace ?? 'org-acme', name: 's', uid: 'u', creationTimestamp: o.made ?? '2026-06-01T11:00:00Z' },
  spec: { owner: 'anna', reason: 'the disk is replaced', expiresAt: o.expiresAt ?? '2026-06-02T00:00:00Z', matchers: o.matchers ?? [is('alertname', 'NodeDiskFull')] },
});
const open = { from: '2026-06-01T11:00:00Z', to: '2026-06-01T13:00:00Z' };
const window = (o: { namespace?: string; clusters?: WindowObject['spec']['clusters']; once?: typeof open }): WindowObject => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'MaintenanceWindow', metadata: { namespace: o.namespace ?? 'org-acme', name: 'w', uid: 'u' },
  spec: { owner: 'anna', reason: 'new kernels everywhere', clusters: o.clusters ?? {}, once: o.once ?? open },
});

describe('what names nothing', () => {
  test.each<[string, AlertMatcher[], boolean]>([
    ['an alert', [is('alertname', 'NodeDiskFull')], true],
    ['alerts', [is('alertname', 'NodeDiskFull|NodeMemoryLow', '=~')], true],
    ['a node', [is('node', String.raw`w-1\.example`, '=~'), is('severity', 'page', '!=')], true],
    ['an expression beside a name', [is('alertname', '.*', '=~'), is('node', 'w-1')], true],
    ['severity alone', [is('severity', 'page')], false],
    ['a cluster alone', [is('cluster_id', 'a'), is('severity', 'page')], false],
    ['everything', [is('alertname', '.*', '=~')], false],
    ['everything, hidden', [is('alertname', 'X|.+', '=~')], false],
    ['everything of six letters', [is('alertname', '......', '=~')], false],
    ['everything but one', [is('alertname', 'X', '!=')], false],
    ['everything that is not', [is('alertname', 'X', '!~')], false],
    ['a set of characters', [is('alertname', '[A-Z]*', '=~')], false],
    ["the dead man's switch", [is('alertname', 'Watchdog')], false],
    ["the dead man's switch among others", [is('alertname', 'X|Watchdog', '=~')], false],
  ])('%s', (_, matchers, isFine) => expect(matcherProblem(matchers) === undefined).toBe(isFine));
});

describe('a Silence', () => {
  test("in an organization's namespace reaches that organization's clusters alone, whatever it says", () => {
    expect(judgeSilence(silence({ matchers: [is('alertname', 'X'), is('organization', 'other')] }), around)).toMatchObject({ kind: 'wanted', matchers: ['alertname="X"', 'organization="other"', 'organization="acme"', 'cluster_id=~".+"'] });
  });
  test("of the fleet's owners reaches all", () => expect(judgeSilence(silence({ namespace: 'keelson-system' }), around)).toMatchObject({ kind: 'wanted', matchers: ['alertname="NodeDiskFull"'] }));
  test.each<[string, Parameters<typeof silence>[0], object]>([
    ['elsewhere', { namespace: 'default' }, { kind: 'refused', why: expect.stringContaining('namespace default') as string }],
    ['that admission should have refused', { matchers: [is('severity', 'page')] }, { kind: 'refused' }],
    ['longer than thirty days', { expiresAt: '2026-07-01T11:00:01Z' }, { kind: 'refused', why: expect.stringContaining('30 days') as string }],
    ['of thirty days', { expiresAt: '2026-07-01T11:00:00Z' }, { kind: 'wanted' }],
    ['that is over', { expiresAt: '2026-06-01T12:00:00Z' }, { kind: 'ended' }],
  ])('%s', (_, of, expected) => expect(judgeSilence(silence(of), around)).toMatchObject(expected));
});

describe('a MaintenanceWindow', () => {
  test.each<[string, Parameters<typeof window>[0], object]>([
    ['without clusters is for all of its namespace', {}, { clusters: 2, matchers: ['cluster_id=~"a|b"', 'organization="acme"'] }],
    ['by label finds none of others', { clusters: { selector: { matchLabels: { stage: 'production' } } } }, { matchers: ['cluster_id=~"a"', 'organization="acme"'] }],
    ['by name cannot name one of others', { clusters: { names: ['org-other/c'] } }, { kind: 'noClusters' }],
    ["of the owners reaches everyone's", { namespace: 'keelson-system', clusters: { selector: { matchLabels: { stage: 'production' } } } }, { matchers: ['cluster_id=~"a|c"'] }],
    ['of the owners for the whole fleet is refused', { namespace: 'keelson-system' }, { kind: 'refused' }],
    ['of the owners with a bare name is refused', { namespace: 'keelson-system', clusters: { names: ['a'] } }, { kind: 'refused', why: expect.stringContaining('lacks its namespace') as string }],
    ['that opens within a day is known to Alertmanager already', { once: { from: '2026-06-02T11:59:59Z', to: '2026-06-02T13:00:00Z' } }, { silences: [{ startsAt: new Date('2026-06-02T11:59:59Z') }] }],
    ['that opens later is not', { once: { from: '2026-06-02T12:00:00Z', to: '2026-06-02T13:00:00Z' } }, { kind: 'wanted', silences: [] }],
    ['that is over', { once: { from: '2026-06-01T10:00:00Z', to: '2026-06-01T12:00:00Z' } }, { kind: 'ended' }],
  ])('%s', (_, of, expected) => expect(judgeWindow(window(of), around)).toMatchObject(expected));
});

describe('the difference to one Alertmanager', () => {
  const want = (key: string, more: Partial<WantedSilence> = {}): WantedSilence => ({ key, owner: 'anna', reason: 'a reason', matchers: [is('a', 'x')], startsAt: new Date('2026-06-01T11:00:00Z'), endsAt: new Date('2026-06-02T00:00:00Z'), ...more });
  const held = (id: string, of: WantedSilence, more: Partial<ListedSilence> = {}): ListedSilence => ({
    id, status: { state: 'active' }, matchers: of.matchers.map(({ name, value, operator }) => ({ name, value, isRegex: operator.endsWith('~'), isEqual: !operator.startsWith('!') })), startsAt: of.startsAt, endsAt: of.endsAt, ...marked(of), ...more,
  });

  test('what a person made is never ended or changed, also with our words in it', () => {
    const copy = held('1', want('Silence/org-acme/s/u'), { createdBy: 'anna' });
    expect(keyIn(copy)).toBeUndefined();
    expect(difference([copy, held('2', want('x'), { comment: 'by hand' })], [], now)).toEqual({ put: [], expire: [] });
  });
  test('what is as it should be is left alone', () => expect(difference([held('1', want('k'))], [want('k')], now)).toEqual({ put: [], expire: [] }));
  test.each<[string, Partial<WantedSilence>]>([['end', { endsAt: new Date('2026-06-03T00:00:00Z') }], ['matchers', { matchers: [is('a', 'x', '!=')] }], ['reason', { reason: 'another reason' }], ['owner', { owner: 'bert' }]])('another %s is put in its place', (_, change) => {
    expect(difference([held('1', want('k'))], [want('k', change)], now)).toMatchObject({ put: [{ id: '1' }], expire: [] });
  });
  test('of two of one kind all Alertmanagers keep the same', () => {
    const both = [held('2', want('k')), held('1', want('k'))];
    expect(difference(both, [want('k')], now)).toEqual({ put: [], expire: ['2'] });
    expect(difference(both.toReversed(), [want('k')], now)).toEqual({ put: [], expire: ['2'] });
  });

  test('from wherever it was broken off, the next round ends where it should', () => {
    const keys = ['k1', 'k2', 'k3', 'k4'];
    const reasons = fc.constantFrom('one reason', 'other reason');
    const some = fc.uniqueArray(fc.record({ key: fc.constantFrom(...keys), reason: reasons }), { selector: ({ key }) => key }).map((list) => list.map(({ key, reason }) => want(key, { reason })));
    const before = fc.array(fc.record({ key: fc.constantFrom(...keys), reason: reasons, id: fc.uuid() })).map((list) => list.map(({ key, reason, id }) => held(id, want(key, { reason }))));
    fc.assert(fc.property(before, some, fc.nat(10), (start, wanted, cut) => {
      const apply = (list: ListedSilence[], steps: number): ListedSilence[] => {
        const { put, expire } = difference(list, wanted, now);
        const acts = [...expire.map((id) => (l: ListedSilence[]) => l.filter((one) => one.id !== id)), ...put.map((one) => (l: ListedSilence[]) => [...l.filter(({ id }) => id !== one.id), held(one.id ?? `new-${l.length}-${one.comment}`, wanted.find((w) => one.comment.includes(`keelson.dev ${w.key}]`))!)])];
        return acts.slice(0, steps).reduce((l, act) => act(l), list);
      };
      const ended = apply(apply(start, cut), Infinity);
      expect(difference(ended, wanted, now)).toEqual({ put: [], expire: [] });
      expect(ended.map((one) => keyIn(one)).sort()).toEqual(wanted.map(({ key }) => key).sort());
    }));
  });
});
