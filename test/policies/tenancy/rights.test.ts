/** What RBAC gives, case by case; that it agrees with a real API server on random objects is checked with access (test/provisioner/operators/access). */
import { grantsOf, identityOf, isAllowed, mastersGroup, type RbacState } from '../../../policies/tenancy/rights/evaluate.ts';
import { covers, type RightsRequest } from '../../../policies/tenancy/rights/rule.ts';

type Rule = Parameters<typeof covers>[0];
const rule = (over: Partial<Rule>): Rule => ({ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: [], nonResourceURLs: [], ...over }) as Rule;
const ask = (over: object = {}): RightsRequest => ({ verb: 'get', apiGroup: '', resource: 'pods', namespace: 'shop', ...over });

test.each<[string, Rule, RightsRequest, boolean]>([
  ['the verb', rule({}), ask({ verb: 'list' }), false],
  ['every verb', rule({ verbs: ['*'] }), ask({ verb: 'list' }), true],
  ['another group', rule({}), ask({ apiGroup: 'apps' }), false],
  ['a resource and none of its subresources', rule({}), ask({ subresource: 'exec' }), false],
  ['a subresource', rule({ resources: ['pods/exec'] }), ask({ subresource: 'exec' }), true],
  ['one subresource of every resource', rule({ resources: ['*/exec'] }), ask({ subresource: 'exec' }), true],
  ['the others of them not', rule({ resources: ['*/exec'] }), ask({ subresource: 'log' }), false],
  ['everything, subresources too', rule({ resources: ['*'] }), ask({ subresource: 'exec' }), true],
  ['one name', rule({ resourceNames: ['web'] }), ask({ name: 'web' }), true],
  ['one name, and not all as list asks', rule({ resourceNames: ['web'] }), ask(), false],
  ['paths below one', rule({ nonResourceURLs: ['/healthz/*'] }), { verb: 'get', path: '/healthz/etcd' }, true],
  ['a path and not what begins like it', rule({ nonResourceURLs: ['/healthz'] }), { verb: 'get', path: '/healthz/etcd' }, false],
])('a rule covers %s', (_what, of, request, covered) => expect(covers(of, request)).toBe(covered));

describe('a binding', () => {
  const role = (kind: string, name: string, namespace?: string) => ({ ref: { apiVersion: 'rbac.authorization.k8s.io/v1', kind, name, ...(namespace === undefined ? {} : { namespace }) }, rules: [rule({ nonResourceURLs: ['/metrics'] })] });
  const binding = (kind: string, roleRef: { kind: string; name: string }, subjects: object[], namespace?: string) => ({ ref: { apiVersion: 'rbac.authorization.k8s.io/v1', kind, name: 'b', ...(namespace === undefined ? {} : { namespace }) }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef }, subjects });
  const state = (...bindings: object[]): RbacState => ({ roles: [role('ClusterRole', 'see'), role('Role', 'see', 'shop')], bindings }) as unknown as RbacState;
  const alice = [{ kind: 'User', name: 'alice' }];

  test('in a namespace gives what its role has there, nothing elsewhere, and no path', () => {
    const of = state(binding('RoleBinding', { kind: 'ClusterRole', name: 'see' }, alice, 'shop'));
    expect([ask(), ask({ namespace: 'bank' }), ask({ namespace: undefined }), { verb: 'get', path: '/metrics' }].map((request) => isAllowed(of, identityOf('alice'), request))).toEqual([true, false, false, false]);
  });
  test('of the cluster gives it everywhere', () => {
    const of = state(binding('ClusterRoleBinding', { kind: 'ClusterRole', name: 'see' }, alice));
    expect([ask({ namespace: 'bank' }), ask({ namespace: undefined }), { verb: 'get', path: '/metrics' } as const].map((request) => isAllowed(of, identityOf('alice'), request))).toEqual([true, true, true]);
  });
  test('gives nothing by a role that is not there, or that is of a namespace and bound in the whole cluster', () => {
    expect(grantsOf(state(binding('RoleBinding', { kind: 'Role', name: 'see' }, alice, 'bank'), binding('ClusterRoleBinding', { kind: 'Role', name: 'see' }, alice)))).toEqual([]);
  });
  test('reaches groups that the API server adds, and service accounts of its own namespace when it names none', () => {
    const everyone = state(binding('ClusterRoleBinding', { kind: 'ClusterRole', name: 'see' }, [{ kind: 'Group', name: 'system:serviceaccounts:shop' }]));
    expect(['system:serviceaccount:shop:ci', 'system:serviceaccount:bank:ci', 'alice'].map((user) => isAllowed(everyone, identityOf(user), ask()))).toEqual([true, false, false]);
    const own = state(binding('RoleBinding', { kind: 'Role', name: 'see' }, [{ kind: 'ServiceAccount', name: 'ci' }], 'shop'));
    expect(['system:serviceaccount:shop:ci', 'system:serviceaccount:bank:ci'].map((user) => isAllowed(own, identityOf(user), ask()))).toEqual([true, false]);
  });
  test('is not needed by system:masters', () => expect(isAllowed(state(), identityOf('root', [mastersGroup]), ask())).toBe(true));
});
