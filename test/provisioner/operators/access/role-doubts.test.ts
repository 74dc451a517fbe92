import { expect, it } from '@jest/globals';
import type { ClusterAccess } from '../../../../provisioner/api/cluster-access.ts';
import { type BindingObject, loginsOf, RoleDoubts, type RoleObject, trimmedRole, unbinds, weakens } from '../../../../provisioner/operators/access/role-doubts.ts';

const access = (name: string, username: string, o: { readonly groups?: readonly string[]; readonly namespace?: string } = {}): ClusterAccess =>
  ({ metadata: { name, uid: name, namespace: o.namespace ?? 'org-a' }, spec: { requester: { username, groups: o.groups ?? [] } } }) as unknown as ClusterAccess;
const binding = (subjects: BindingObject['subjects'], namespace?: string): BindingObject => ({ apiVersion: '', kind: '', metadata: { name: 'b', ...(namespace === undefined ? {} : { namespace }) }, ...(subjects ? { subjects } : {}) });
const role = (...resources: string[]): RoleObject => ({ apiVersion: '', kind: '', metadata: { name: 'r' }, rules: [{ resources }] });
const user = (name: string) => ({ kind: 'User', name });

it('doubts a login that it knows nothing of, and one whose requester was unbound: four times, later each time', () => {
  let now = 1000;
  const doubts = new RoleDoubts({ monotonicMs: () => now, now: () => new Date(now), setTimeout: () => () => undefined } as never);
  const one = access('one', 'alice');
  expect(doubts.isDue(one)).toBe(true);
  doubts.allay(one, now);
  expect([doubts.isDue(one), doubts.nextMs(one)]).toEqual([false, undefined]);
  expect(doubts.raiseAll([one])).toEqual(['org-a/one']);
  const asked: number[] = [];
  for (let next = doubts.nextMs(one); next !== undefined; next = doubts.nextMs(one)) {
    now += next;
    expect(doubts.isDue(one)).toBe(true);
    asked.push(now - 1000);
    doubts.allay(one, now);
  }
  expect(asked).toEqual([250, 1000, 5000, 30_000]);
});

it('keeps a doubt that came up while the API server was being asked', () => {
  const doubts = new RoleDoubts({ monotonicMs: () => 0, now: () => new Date(0), setTimeout: () => () => undefined } as never);
  const one = access('one', 'alice');
  doubts.begin(one);
  doubts.raise(one);
  doubts.begin(one);
  doubts.allay(one, 0);
  expect(doubts.nextMs(one)).toBe(250);
});

it('takes a binding that went or lost a subject for news, and no other change', () => {
  const [both, first] = [binding([user('a'), user('b')]), binding([user('a')])];
  expect(unbinds({ type: 'deleted', object: first })).toBe(true);
  expect(unbinds({ type: 'modified', old: both, object: first })).toBe(true);
  expect(unbinds({ type: 'modified', old: first, object: both })).toBe(false);
  expect(unbinds({ type: 'added', object: both } as never)).toBe(false);
  expect(unbinds({ type: 'modified', old: first, object: binding([{ kind: 'Group', name: 'a' }]) })).toBe(true);
  expect(unbinds({ type: 'modified', old: binding([{ kind: 'ServiceAccount', name: 'a', namespace: 'x' }]), object: binding([{ kind: 'ServiceAccount', name: 'a', namespace: 'y' }]) })).toBe(true);
});

it('takes a role for news that let somebody log in', () => {
  for (const one of ['workloadroles', 'clusteraccesses', '*']) {
    expect(weakens({ type: 'deleted', object: trimmedRole(role(one)) })).toBe(true);
    expect(weakens({ type: 'modified', old: trimmedRole(role(one)), object: trimmedRole(role('pods')) })).toBe(true);
  }
  expect(weakens({ type: 'deleted', object: trimmedRole(role('pods')) })).toBe(false);
  expect(weakens({ type: 'modified', old: role('*'), object: role('*') })).toBe(false);
  expect(weakens({ type: 'modified', old: trimmedRole(role('pods')), object: trimmedRole(role('*')) })).toBe(false);
  // An aggregated role that nothing was added to.
  expect(weakens({ type: 'deleted', object: trimmedRole({ ...role(), rules: null }) })).toBe(false);
});

it('finds the logins of those whom a binding names', () => {
  const all = [access('alice', 'oidc:alice'), access('bob', 'oidc:bob', { groups: ['oidc:team'] }), access('bot', 'system:serviceaccount:org-a:bot'), access('away', 'oidc:alice', { namespace: 'org-b' })];
  const found = (subjects: BindingObject['subjects'], namespace?: string): string[] => loginsOf(binding(subjects, namespace), all).map(({ metadata }) => metadata.name);
  expect(found([user('oidc:alice')], 'org-a')).toEqual(['alice']);
  expect(found([user('oidc:alice')])).toEqual(['alice', 'away']);
  expect(found([{ kind: 'Group', name: 'oidc:team' }], 'org-a')).toEqual(['bob']);
  expect(found([{ kind: 'ServiceAccount', name: 'bot' }], 'org-a')).toEqual(['bot']);
  expect(found([{ kind: 'ServiceAccount', name: 'bot', namespace: 'org-b' }], 'org-a')).toEqual([]);
  expect(found([{ kind: 'Group', name: 'oidc:alice' }, user('oidc:team')], 'org-a')).toEqual([]);
  expect(found(undefined, 'org-a')).toEqual([]);
});
