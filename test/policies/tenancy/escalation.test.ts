import { describe, expect, test } from '@jest/globals';
import { clusterRolesOf } from '../../../policies/tenancy/cluster-roles.ts';
import { roleNames } from '../../../policies/tenancy/roles.ts';
import { dangers, escalationRules, lintEscalation, type EscalationOptions } from '../../../policies/tenancy/lint/escalation.ts';
import { TenancyError } from '../../../policies/tenancy/errors.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const rulesOf = (objects: unknown[], options?: EscalationOptions): string[] => lintEscalation(objects.map((object) => ({ object })), options).map(({ rule }) => rule);
const role = (kind: string, apiGroup: string, resource: string, verb: string, more: object = {}) => ({ apiVersion, kind, metadata: { name: 'r' }, rules: [{ apiGroups: [apiGroup], resources: [resource], verbs: [verb], ...more }] });
const binding = (kind: string, subject: object, roleName = 'keelson-reader', namespace?: string) => ({ apiVersion, kind, metadata: { name: 'b', ...(namespace ? { namespace } : {}) }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName }, subjects: [subject] });

describe('rights by which a role grows', () => {
  test.each([
    ['rbac/wildcard', '*', 'pods', 'get'],
    ['rbac/wildcard', '', '*', 'get'],
    ['rbac/wildcard', '', 'pods', '*'],
    ['rbac/escalate', 'rbac.authorization.k8s.io', 'clusterroles', 'escalate'],
    ['rbac/bind', 'rbac.authorization.k8s.io', 'roles', 'bind'],
    ['rbac/impersonate', '', 'users', 'impersonate'],
    ['rbac/nodes-proxy', '', 'nodes/proxy', 'get'],
    ['rbac/token-write', '', 'serviceaccounts/token', 'create'],
    ['rbac/admission-write', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations', 'patch'],
    ['rbac/exception-write', 'policies.kyverno.io', 'policyexceptions', 'create'],
    ['rbac/exception-write', 'kyverno.io', 'policyexceptions', 'update'],
    ['rbac/csr-approve', 'certificates.k8s.io', 'signers', 'approve'],
    ['rbac/csr-approve', 'certificates.k8s.io', 'certificatesigningrequests/approval', 'update'],
    ['rbac/node-write', '', 'persistentvolumes', 'create'],
    ['rbac/node-write', '', 'nodes', 'patch'],
    ['rbac/secrets-everywhere', '', 'secrets', 'list'],
  ])('%s: %s/%s %s', (name, group, resource, verb) => expect(rulesOf([role('ClusterRole', group, resource, verb)])).toEqual([name]));

  test.each([
    ['rbac.authorization.k8s.io', 'clusterroles', 'bind', { resourceNames: ['keelson-reader'] }],
    ['', 'serviceaccounts', 'impersonate', { resourceNames: ['automation'] }],
    ['', 'secrets', 'get', { resourceNames: ['one'] }],
    ['', 'nodes', 'get', {}],
    ['', 'nodes/metrics', 'get', {}],
    ['admissionregistration.k8s.io', 'validatingwebhookconfigurations', 'get', {}],
    ['apps', 'secrets', 'get', {}],
  ])('not: %s/%s %s %j', (group, resource, verb, more) => expect(rulesOf([role('ClusterRole', group, resource, verb, more)])).toEqual([]));

  test('a Role reads Secrets of its own namespace', () => expect(rulesOf([role('Role', '', 'secrets', 'get')])).toEqual([]));
});

describe('whom a binding reaches', () => {
  const group = (name: string) => ({ kind: 'Group', name });
  test.each(['system:masters', 'system:unauthenticated', 'system:authenticated'])('%s', (name) => expect(rulesOf([binding('ClusterRoleBinding', group(name))])).toEqual(['rbac/system-subject']));
  test('system:anonymous is a user', () => expect(rulesOf([binding('RoleBinding', { kind: 'User', name: 'system:anonymous' })])).toEqual(['rbac/system-subject']));
  test('a bare group', () => expect(rulesOf([binding('RoleBinding', group('platform'))])).toEqual(['rbac/bare-group']));
  test('a group of a prefix that is not ours', () => expect(rulesOf([binding('RoleBinding', group('ldap:platform'))], { groupPrefixes: ['oidc:'] })).toEqual(['rbac/bare-group']));
  test('a prefixed group, and the groups of service accounts', () => expect(rulesOf([binding('RoleBinding', group('oidc:platform')), binding('RoleBinding', group('system:serviceaccounts:team'))], { groupPrefixes: ['oidc:'] })).toEqual([]));
  test('the default service account', () => expect(rulesOf([binding('RoleBinding', { kind: 'ServiceAccount', name: 'default', namespace: 'x' })])).toEqual(['rbac/default-service-account']));
  test('cluster-admin', () => expect(rulesOf([binding('RoleBinding', group('oidc:a'), 'cluster-admin')])).toEqual(['rbac/cluster-admin']));
  test('a namespace that limits nothing', () => expect(rulesOf([binding('ClusterRoleBinding', group('oidc:a'), 'keelson-reader', 'team')])).toEqual(['rbac/namespace-without-effect']));
});

test('a finding that is meant is silent, and an allowance for nothing is not', () => {
  const objects = [role('ClusterRole', 'rbac.authorization.k8s.io', 'roles', 'escalate')];
  expect(rulesOf(objects, { allowed: [{ object: 'ClusterRole r', rule: 'rbac/escalate', reason: 'aggregates' }] })).toEqual([]);
  expect(rulesOf(objects, { allowed: [{ object: 'ClusterRole r', rule: 'rbac/bind', reason: 'old' }] })).toEqual(['rbac/escalate', 'rbac/unused-allowance']);
});

test('our own roles grow nowhere: only the Secrets of namespaces they are bound in', () => {
  const found = lintEscalation(roleNames.flatMap((name) => (['organization', 'workload'] as const).flatMap((place) => clusterRolesOf(name, place).map((object) => ({ object })))));
  expect(new Set(found.map(({ rule, object }) => `${object.name}: ${rule}`))).toEqual(new Set(['keelson-editor-base: rbac/secrets-everywhere', 'keelson-admin-base: rbac/secrets-everywhere']));
});

test('what is no role as Kubernetes has it is refused with its name', () => {
  expect(() => rulesOf([{ apiVersion, kind: 'ClusterRole', metadata: { name: 'odd' }, rules: [{ verbs: 'get' }] }])).toThrow(TenancyError);
  expect(() => rulesOf([{ apiVersion, kind: 'ClusterRole', metadata: { name: 'odd' }, rules: [{ verbs: 'get' }] }])).toThrow(/ClusterRole odd: rules\.0\.verbs/);
});

test('every rule has a sentence', () => expect(dangers.every(({ name }) => (escalationRules[name] ?? '').endsWith('.'))).toBe(true));
