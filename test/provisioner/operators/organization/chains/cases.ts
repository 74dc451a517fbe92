/** No member of an organization becomes more than that in two steps; whoever opens a hole is told by which chain it is used. */
import { roleNames } from '../../../../../policies/tenancy/roles.ts';
import { type Identity, identityOf } from '../../../../../policies/tenancy/rights/evaluate.ts';
import { type KubeObject, resources } from '../../../../../provisioner/kube/index.ts';
import { eventually } from '../../surroundings.ts';
import type { Management } from '../management.ts';
import { asking, said, writable } from './asking.ts';
import { deputySteps, namespaces } from './deputies.ts';
import { goals } from './goals.ts';
import { allSteps, chainsFrom, rightsOf } from './search.ts';
import type { Terrain } from './terrain.ts';
import { readWorld, type World } from './world.ts';

const rbac = 'rbac.authorization.k8s.io';
const member = (role: string): Identity => identityOf(`oidc:${role}`, [`oidc:acme-${role}`]);
/** The management cluster, for a member of organization acme. */
const terrain: Terrain = { namespaces, goals, deputies: deputySteps(), aggregationLabel: 'keelson.dev/aggregate-to-organization-reader', pods: [] };
/** Rights to write that no step begins with, each for a reason. */
const harmless: Readonly<Record<string, string>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': 'a question about oneself', 'authorization.k8s.io/selfsubjectrulesreviews': 'a question about oneself', 'authentication.k8s.io/selfsubjectreviews': 'a question about oneself',
  'keelson.dev/silences': 'the operator adds to its matchers the clusters of its namespace', 'keelson.dev/maintenancewindows': 'likewise',
  'keelson.dev/catalogs': 'the operator connects to no address inside the network of the management cluster, whatever a name resolves to, and sends a login only from a Secret that is labelled for it',
  'keelson.dev/workloadroles': 'no object: how far one reaches; cluster-admin among them is a goal',
};
/** Rules of our kinds that refuse what admission does not have to. */
const kindsRefuse = ['clusterWide', 'belongs to Kubernetes'] as const;

/** @param running organizations `acme` and `other` are Ready */
export function chainCases(running: () => Management): void {
  let world: World;
  beforeAll(async () => {
    world = await readWorld(running().client, terrain);
  });

  it.each(roleNames)('from %s to anything that is not theirs: none', async (role) => {
    const { chains, refused, steps } = await chainsFrom(world, member(role), asking(running().client));
    console.log(`${role}: of ${steps.seen} steps RBAC gives ${steps.given}, ${steps.open} can be taken`);
    expect(chains).toEqual([]);
    // A 422 would come for an object that is written wrongly, too: these are rules of the kinds themselves.
    expect(refused.filter((one) => one.includes(': 422 ') && !kindsRefuse.some((words) => one.includes(words)))).toEqual([]);
    expect(steps.seen).toBeGreaterThan(500);
  }, 60_000);

  it('the rights it starts from are those that the API server tells', async () => {
    // An admin has what a reader and an editor have.
    for (const role of ['admin', 'automation']) {
      const identity = member(role);
      const may = rightsOf(world, identity);
      const requests = [...new Map([...allSteps(world, identity).flatMap(({ needs }) => needs), ...terrain.goals.map(({ request }) => request)].map((request) => [JSON.stringify(request), request])).values()];
      const differing: string[] = [];
      for (let i = 0; i < requests.length; i += 16) {
        const answers = await Promise.all(requests.slice(i, i + 16).map(async (request) => ({ request, said: await said(running().client, identity, request) })));
        differing.push(...answers.filter((one) => one.said !== may(one.request)).map((one) => JSON.stringify(one)));
      }
      expect(differing).toEqual([]);
    }
  }, 60_000);

  it('every right to write is known to a step, or harmless for a reason', async () => {
    const known = new Set([...allSteps(world, member('admin')).flatMap(({ needs }) => needs).map(({ apiGroup, resource, subresource }) => `${apiGroup}/${resource}${subresource ? `/${subresource}` : ''}`), ...Object.keys(harmless)]);
    for (const role of roleNames) {
      const unknown = (await writable(running().client, member(role), 'org-acme')).filter((one) => !known.has(one));
      expect({ role, unknown }).toEqual({ role, unknown: [] });
    }
  });

  it.each([
    ['a token of an account that reads Secrets', 'editor', [{ apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] }], 'token of org-acme/seeded → reads Secrets of org-acme'],
    ['the verb bind for one role', 'reader', [{ apiGroups: [rbac], resources: ['clusterroles'], verbs: ['bind'], resourceNames: ['cluster-admin'] }, { apiGroups: [rbac], resources: ['rolebindings'], verbs: ['create'] }], 'binding of ClusterRole cluster-admin in org-acme → reads Secrets of org-acme'],
    ['an account under a name that has rights already', 'automation', [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['create'] }], 'ServiceAccount in org-acme → takes a name that is bound already'],
    ['a shell beside an account that reads Secrets', 'reader', [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }], 'pods/exec beside org-acme/seeded → reads Secrets of org-acme'],
    ['the right itself', 'reader', [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] }], 'becomes somebody else'],
  ] as const)('a seeded hole is found: %s', async (_, role, rules, chain) => {
    const { client } = running();
    const account = { kind: 'ServiceAccount', name: 'seeded', namespace: 'org-acme' };
    const own = { name: 'seeded', namespace: 'org-acme' };
    const group = { apiGroup: rbac, kind: 'Group', name: `oidc:acme-${role}` };
    const objects = [
      [resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own }],
      [resources.roles, { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { ...own, name: 'reads' }, rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }] }],
      [resources.roleBindings, { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { ...own, name: 'reads' }, roleRef: { apiGroup: rbac, kind: 'Role', name: 'reads' }, subjects: [account] }],
      [resources.roles, { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: own, rules }],
      [resources.roleBindings, { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: own, roleRef: { apiGroup: rbac, kind: 'Role', name: 'seeded' }, subjects: [group] }],
    ] as const;
    try {
      for (const [resource, object] of objects) await client.create<KubeObject>(resource, object);
      const [{ apiGroups: [apiGroup], resources: [plural], verbs: [verb], resourceNames: [name] = [] }] = rules as readonly [{ apiGroups: readonly [string]; resources: readonly [string]; verbs: readonly [string]; resourceNames?: readonly string[] }];
      const [resource = '', subresource] = plural.split('/');
      await eventually(() => said(running().client, member(role), { verb, apiGroup, resource, ...(subresource === undefined ? {} : { subresource }), ...(name === undefined ? {} : { name }), namespace: 'org-acme' }));
      const { chains, refused } = await chainsFrom(await readWorld(client, terrain), member(role), asking(running().client));
      const [step] = chain.split(' → ');
      expect({ chains, refused: refused.filter((one) => one.startsWith(`${step}:`)) }).toEqual({ chains: expect.arrayContaining([chain]), refused: [] });
    } finally {
      for (const [resource, { metadata }] of objects.toReversed()) await client.delete(resource, metadata);
    }
  }, 60_000);
}
