import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { roleNames, roles } from '../../../../policies/tenancy/roles.ts';
import type { AccessBinding } from '../../../../provisioner/api/access-binding.ts';
import { selects } from '../../../../provisioner/api/label-selector.ts';
import { assumable } from '../../../../provisioner/api/access-roles.ts';
import { type ClusterAccess, durationMs, maxOpenPerRequester } from '../../../../provisioner/api/cluster-access.ts';
import { authentication } from '../../../../provisioner/api/variables/authentication.ts';
import { accessRoles } from '../../../../provisioner/api/workload-rights.ts';
import { difference } from '../../../../provisioner/operators/access/difference.ts';
import { OpenRequests } from '../../../../provisioner/operators/access/open-requests.ts';
import { rolesNeeded } from '../../../../provisioner/operators/access/reviews.ts';
import { type RbacObject, wantedRights } from '../../../../provisioner/operators/access/wanted.ts';

const binding = (name: string, spec: object): AccessBinding => ({ apiVersion: 'keelson.dev/v1alpha1', kind: 'AccessBinding', metadata: { name, namespace: 'org-a' }, spec: { subjects: [{ kind: 'User', name: 'oidc:a' }], role: 'editor', clusters: {}, clusterWide: false, ...spec } });
const access = (name: string, spec: object = {}): ClusterAccess => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'ClusterAccess', metadata: { name, namespace: 'org-a', uid: `uid-${name}` },
  spec: { cluster: 'demo', role: 'reader', clusterWide: false, groups: [], ttl: '1h', reason: '', requester: { username: 'oidc:a', groups: [] }, ...spec },
});
const namespaces = ['shop', 'jobs', 'kube-system'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team: name } } }));
const where = (objects: readonly RbacObject[]) => objects.filter(({ kind }) => kind !== 'ClusterRole').map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}`);

it('reaches the namespaces that are named, chosen by label, or all but the platform\'s', () => {
  expect(where(wantedRights({ accesses: [access('x')], bindings: [], namespaces }))).toEqual(['RoleBinding shop', 'RoleBinding jobs']);
  expect(where(wantedRights({ accesses: [], bindings: [binding('x', { namespaces: ['jobs', 'later', 'kube-system'] })], namespaces }))).toEqual(['RoleBinding jobs', 'RoleBinding kube-system']);
  expect(where(wantedRights({ accesses: [], bindings: [binding('x', { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['shop'] }] } })], namespaces }))).toEqual(['RoleBinding jobs']);
  expect(where(wantedRights({ accesses: [], bindings: [binding('x', { clusterWide: true })], namespaces }))).toEqual(['ClusterRoleBinding ']);
});

it('gives nothing in a namespace that is on its way out, where nothing can be made', () => {
  const going = namespaces.map((namespace) => (namespace.metadata.name === 'shop' ? { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } : namespace));
  expect(where(wantedRights({ accesses: [access('x')], bindings: [], namespaces: going }))).toEqual(['RoleBinding jobs']);
});

it('gives a login without a role nothing of its own', () => {
  expect(wantedRights({ accesses: [access('x', { role: undefined, groups: ['oidc:b'] })], bindings: [], namespaces })).toEqual([]);
});

it('makes no role of its own for cluster-admin', () => {
  expect(wantedRights({ accesses: [access('x', { role: 'cluster-admin', clusterWide: true })], bindings: [], namespaces })).toMatchObject([{ kind: 'ClusterRoleBinding', roleRef: { name: 'cluster-admin' } }]);
});

it('ends with what is wanted, whatever was there before', () => {
  const roleOf = fc.constantFrom('reader', 'editor', 'admin');
  const some = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), roleOf, fc.boolean()), { selector: ([name]) => name, maxLength: 4 }).map((list) => wantedRights({ accesses: [], namespaces, bindings: list.map(([name, role, clusterWide]) => binding(name, { role, clusterWide })) }));
  fc.assert(fc.property(some, some, fc.func(fc.boolean()), (before, wanted, isTouched) => {
    const there = before.map((object) => (object.subjects && isTouched(object.metadata.name) ? { ...object, subjects: [{ kind: 'User', name: 'mallory' }] } : object));
    const { apply, remove } = difference(wanted, there);
    const id = ({ kind, metadata }: RbacObject): string => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
    const after = new Map(there.map((object) => [id(object), object]));
    for (const object of remove) after.delete(id(object));
    for (const object of apply) after.set(id(object), object);
    expect(new Map([...after].sort())).toEqual(new Map(wanted.map((object) => [id(object), object] as const).sort()));
    expect(difference(wanted, [...after.values()])).toEqual({ apply: [], remove: [] });
  }));
});

it('binds another role by another object: a roleRef cannot be changed', () => {
  const [before] = wantedRights({ accesses: [], bindings: [binding('x', { clusterWide: true })], namespaces }).slice(-1);
  const other = { ...before!, roleRef: { ...before!.roleRef!, name: 'cluster-admin' } };
  expect(difference([before!], [other])).toEqual({ apply: [before], remove: [other] });
});

it('lets the first requests of a person in, and as many after some have ended', () => {
  const requests = new OpenRequests();
  const all = Array.from({ length: maxOpenPerRequester + 2 }, (_, i) => access(`x${i}`));
  expect(all.map((one) => requests.grant(one, []))).toEqual([...Array<boolean>(maxOpenPerRequester).fill(true), false, false]);
  expect(requests.grant(all[0]!, [])).toBe(true);
  requests.end('org-a/x3');
  expect(requests.grant(all.at(-1)!, [])).toBe(true);
  expect(requests.grant(access('y', { requester: { username: 'oidc:b', groups: [] } }), [])).toBe(true);
});

it('counts what an earlier leader issued', () => {
  const issued = Array.from({ length: maxOpenPerRequester }, (_, i) => ({ ...access(`x${i}`), status: { expiresAt: '2030-01-01T00:00:00Z' } }));
  expect(new OpenRequests().grant(access('y'), issued)).toBe(false);
});

it('asks for what the admission policy asks for', () => {
  expect(rolesNeeded(access('x', { role: 'editor' }).spec)).toEqual(['editor']);
  expect(rolesNeeded(access('x', { role: 'editor', namespaces: ['kube-system'] }).spec)).toEqual(['editor', 'cluster-admin']);
  expect(rolesNeeded(access('x', { role: 'admin', clusterWide: true }).spec)).toEqual(['admin', 'cluster-admin']);
  expect(rolesNeeded(access('x', { role: 'reader', clusterWide: true }).spec)).toEqual(['reader']);
  expect(rolesNeeded(access('x', { role: undefined }).spec)).toEqual([]);
});

it('knows the roles of the tenancy, and lets none give what it has not', () => {
  expect([...accessRoles]).toEqual([...roleNames, 'cluster-admin']);
  for (const role of roleNames) {
    expect(assumable[role]).toContain(role);
    for (const other of assumable[role]) if (other !== 'cluster-admin') expect(roles[other].canReadSecrets && !roles[role].canReadSecrets).toBe(false);
    expect(assumable[role]).not.toContain('cluster-admin');
  }
});

it('reads durations as Go writes them', () => {
  expect(['1h', '90m', '1h30m', '600s', '1.5h'].map(durationMs)).toEqual([3_600_000, 5_400_000, 5_400_000, 600_000, 5_400_000]);
  expect(['', '1d', 'h', '1', '-1h'].map(durationMs)).toEqual(Array(5).fill(undefined));
});

it('selects as Kubernetes does', () => {
  expect(selects(undefined, { a: '1' })).toBe(true);
  expect(selects({ matchLabels: { a: '1' }, matchExpressions: [{ key: 'b', operator: 'DoesNotExist' }] }, { a: '1' })).toBe(true);
  expect(selects({ matchExpressions: [{ key: 'a', operator: 'In', values: ['2'] }] }, { a: '1' })).toBe(false);
  expect(selects({ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['2'] }] }, {})).toBe(true);
  expect(selects({ matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, {})).toBe(false);
});

it('has examples for Dex and Keycloak that a Cluster takes', () => {
  for (const name of ['dex', 'keycloak']) expect(authentication.parse(parse(readFileSync(join(import.meta.dirname, `../../../../examples/access/${name}.yaml`), 'utf8'))).issuers).toHaveLength(1);
});
