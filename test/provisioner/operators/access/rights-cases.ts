/** The evaluator of rights against the API server's own: the same RBAC objects, the same questions. */
import { beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rbacObjects } from '../../../../policies/tenancy/lint/rbac-objects.ts';
import { identityOf, isAllowed, type RbacState } from '../../../../policies/tenancy/rights/evaluate.ts';
import type { RightsRequest } from '../../../../policies/tenancy/rights/rule.ts';
import { type KubeClient, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { rbacState } from '../../../../provisioner/cli/commands/access/state.ts';
import { eventually } from '../surroundings.ts';
import { keelson } from './keelson.ts';
import type { Plane } from './plane.ts';

const rbac = 'rbac.authorization.k8s.io';
const namespaces = ['rights-a', 'rights-b'];
const users = ['zoe', 'yan', 'system:serviceaccount:rights-a:bot', 'system:serviceaccount:rights-b:bot'];
const groups = ['red', 'blue'];
const verbs = ['get', 'list', 'create', 'frob'];
const groupsOfApis = ['', 'apps', 'keelson.dev'];
const plurals = ['pods', 'deployments', 'widgets'];
const subresources = ['exec', 'scale'];

const some = <T>(list: readonly T[]) => fc.subarray([...list], { minLength: 1 });
const rule = fc.oneof(
  { weight: 5, arbitrary: fc.record({ apiGroups: some([...groupsOfApis, '*']), resources: some([...plurals, ...plurals.flatMap((p) => subresources.map((s) => `${p}/${s}`)), '*', '*/scale']), verbs: some([...verbs, '*']), resourceNames: fc.oneof(fc.constant([]), some(['one', 'two'])) }) },
  { weight: 1, arbitrary: fc.record({ nonResourceURLs: some(['/metrics', '/healthz/*', '*']), verbs: some(['get', '*']) }) },
);
const subject = fc.oneof(
  fc.constantFrom('zoe', 'yan', users[2]!).map((name) => ({ kind: 'User', apiGroup: rbac, name })),
  fc.constantFrom(...groups, 'system:authenticated', 'system:serviceaccounts:rights-a').map((name) => ({ kind: 'Group', apiGroup: rbac, name })),
  fc.constantFrom(...namespaces).map((namespace) => ({ kind: 'ServiceAccount', name: 'bot', namespace })),
);
const isOfObjects = (r: object): boolean => !('nonResourceURLs' in r);
const world = fc.record({
  clusterRoles: fc.array(fc.array(rule, { maxLength: 3 }), { minLength: 1, maxLength: 4 }),
  roles: fc.array(fc.record({ namespace: fc.constantFrom(...namespaces), rules: fc.array(rule.filter(isOfObjects), { minLength: 1, maxLength: 2 }) }), { maxLength: 4 }),
  bindings: fc.array(fc.record({ namespace: fc.option(fc.constantFrom(...namespaces)), toRole: fc.boolean(), index: fc.nat(4), subjects: fc.array(subject, { minLength: 1, maxLength: 2 }) }), { minLength: 2, maxLength: 8 }),
});
const question = fc.record({
  user: fc.constantFrom(...users, 'stranger'),
  groups: fc.subarray(groups),
  request: fc.oneof(
    { weight: 6, arbitrary: fc.record({ verb: fc.constantFrom(...verbs), apiGroup: fc.constantFrom(...groupsOfApis), resource: fc.constantFrom(...plurals), subresource: fc.constantFrom('', '', ...subresources), namespace: fc.constantFrom('', ...namespaces), name: fc.constantFrom('', 'one', 'three') }) },
    { weight: 1, arbitrary: fc.record({ verb: fc.constantFrom('get', 'post'), path: fc.constantFrom('/metrics', '/healthz/etcd', '/healthz', '/other') }) },
  ),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function objectsOf({ clusterRoles, roles, bindings }: World): KubeObject[] {
  const apiVersion = `${rbac}/v1`;
  const found = bindings.map(({ namespace, toRole, index, subjects }, i): KubeObject => {
    const local = roles.map((role, at) => ({ ...role, at })).filter((role) => role.namespace === namespace);
    const role = local[index % Math.max(1, local.length)];
    const roleRef = toRole && role ? { apiGroup: rbac, kind: 'Role', name: `rights-${role.at}` } : { apiGroup: rbac, kind: 'ClusterRole', name: `rights-${index}` };
    return { apiVersion, kind: namespace === null ? 'ClusterRoleBinding' : 'RoleBinding', metadata: { name: `rights-${i}`, ...(namespace === null ? {} : { namespace }) }, roleRef, subjects };
  });
  return [
    ...clusterRoles.map((rules, i): KubeObject => ({ apiVersion, kind: 'ClusterRole', metadata: { name: `rights-${i}` }, rules })),
    ...roles.map(({ namespace, rules }, i): KubeObject => ({ apiVersion, kind: 'Role', metadata: { name: `rights-${i}`, namespace }, rules })),
    ...found,
  ];
}

const kinds = { ClusterRole: resources.clusterRoles, ClusterRoleBinding: resources.clusterRoleBindings, Role: resources.roles, RoleBinding: resources.roleBindings };
const kindOf = ({ kind }: KubeObject) => kinds[kind as keyof typeof kinds];

async function review(client: KubeClient, identity: { user: string; groups: readonly string[] }, request: RightsRequest): Promise<boolean> {
  const spec = { user: identity.user, groups: identity.groups, ...('path' in request ? { nonResourceAttributes: request } : { resourceAttributes: { ...request, group: request.apiGroup } }) };
  const { status, body } = await client.request({ method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }) });
  if (status !== 201) throw new Error(`SubjectAccessReview: ${status} ${body.toString()}`);
  return (JSON.parse(body.toString()) as { status: { allowed: boolean } }).status.allowed;
}

export function rightsCases(theirs: () => Plane): void {
  let client: KubeClient;
  let builtIn: RbacState;

  beforeAll(async () => {
    client = theirs().api.client;
    for (const name of namespaces) await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    builtIn = await rbacState(client, { signal: AbortSignal.timeout(30_000) });
  }, 60_000);

  it('is what the API server answers', async () => {
    const deep = process.env['KEELSON_DEEP'] !== undefined;
    let [asked, allowed] = [0, 0];
    const seed = Date.now();
    await fc.assert(
      fc.asyncProperty(world, fc.array(question, { minLength: 30, maxLength: 60 }), async (given, questions) => {
        const objects = objectsOf(given);
        for (const object of objects) await client.create(kindOf(object), object);
        const parsed = rbacObjects(objects.map((object) => ({ object })));
        const state: RbacState = { roles: [...builtIn.roles, ...parsed.roles], bindings: [...builtIn.bindings, ...parsed.bindings] };
        try {
          await canary(client, true);
          for (const { user, groups: of, request } of questions) {
            const identity = identityOf(user, of);
            const clean = Object.fromEntries(Object.entries(request).filter(([key, value]) => key === 'apiGroup' || value !== '')) as unknown as RightsRequest;
            const ours = isAllowed(state, identity, clean);
            asked += 1;
            allowed += Number(ours);
            expect({ user, of, clean, allowed: ours }).toEqual({ user, of, clean, allowed: await review(client, identity, clean) });
          }
        } finally {
          for (const object of objects.toReversed()) await client.delete(kindOf(object), object.metadata);
          await canary(client, false);
        }
      }),
      { numRuns: deep ? 60 : 6, seed, endOnFailure: true },
    );
    console.log(`${asked} questions, ${allowed} allowed, seed ${seed}`);
    expect(allowed).toBeGreaterThan(0);
    expect(allowed).toBeLessThan(asked);
  }, 300_000);

  it('is told by the command line, with the binding it comes by', async () => {
    const subjects = [{ kind: 'User', apiGroup: rbac, name: 'oidc:zoe' }];
    await client.create(resources.clusterRoles, { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'execs' }, rules: [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }] });
    await client.create(resources.roleBindings, { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'zoe-execs', namespace: 'rights-a' }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'execs' }, subjects });
    const admin = { kubeconfig: theirs().api.kubeconfig };
    const { out } = await keelson(admin, ['access', 'who-can', 'create', 'po/exec', '-n', 'rights-a', '-o', 'json']);
    expect(JSON.parse(out)).toContainEqual({ subject: expect.objectContaining({ kind: 'User', name: 'oidc:zoe' }), namespace: 'rights-a', role: 'ClusterRole execs', binding: 'RoleBinding zoe-execs' });
    const elsewhere = await keelson(admin, ['access', 'who-can', 'create', 'pods/exec', '-n', 'rights-b']);
    expect(elsewhere.out).not.toContain('oidc:zoe');
    const of = await keelson(admin, ['access', 'of', 'oidc:zoe', '--cluster', 'org-demo/demo']);
    expect(of.out).toMatch(/rights-a +ClusterRole execs +RoleBinding zoe-execs +create pods\/exec/);
    await expect(keelson(admin, ['access', 'who-can', 'get', 'gizmos'])).rejects.toThrow('serves no resource "gizmos"');
    await expect(keelson(admin, ['access', 'of', 'x', '--cluster', 'demo'])).rejects.toThrow('<namespace>/<name>');
  }, 60_000);
}

/** The authorizer has its objects by watches: a canary in each of them, written last, says when it has seen the rest. */
async function canary(client: KubeClient, isThere: boolean): Promise<void> {
  const objects: KubeObject[] = [
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'canary' }, rules: [{ apiGroups: [''], resources: ['canaries'], verbs: ['get'] }] },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'canary', namespace: 'rights-a' }, rules: [{ apiGroups: [''], resources: ['canaries'], verbs: ['list'] }] },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'canary' }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'canary' }, subjects: [{ kind: 'User', apiGroup: rbac, name: 'canary' }] },
    { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'canary', namespace: 'rights-a' }, roleRef: { apiGroup: rbac, kind: 'Role', name: 'canary' }, subjects: [{ kind: 'User', apiGroup: rbac, name: 'canary' }] },
  ];
  for (const object of isThere ? objects : objects.toReversed()) await (isThere ? client.create(kindOf(object), object) : client.delete(kindOf(object), object.metadata));
  const ask = (verb: string): Promise<boolean> => review(client, { user: 'canary', groups: [] }, { verb, apiGroup: '', resource: 'canaries', namespace: 'rights-a' });
  await eventually(async () => (await ask('get')) === isThere && (await ask('list')) === isThere);
}
