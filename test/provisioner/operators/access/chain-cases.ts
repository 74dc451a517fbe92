/** Whoever has a role in namespaces of a workload cluster becomes no more than that in two steps there; seeded holes are found. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { roleNames, type RoleName } from '../../../../policies/tenancy/roles.ts';
import { type Identity, identityOf } from '../../../../policies/tenancy/rights/evaluate.ts';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { asking, said, writable } from '../organization/chains/asking.ts';
import { allSteps, chainsFrom, rightsOf, type Search } from '../organization/chains/search.ts';
import type { Terrain } from '../organization/chains/terrain.ts';
import { readWorld } from '../organization/chains/world.ts';
import { namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { accessOf, ask, type Plane, whenReason } from './plane.ts';
import { workloadTerrain } from './workload-terrain.ts';

const rbac = 'rbac.authorization.k8s.io';
const [own, other] = ['chains', 'chains-other'];
/** Rights to write that no step begins with, each for a reason. */
const harmless: Readonly<Record<string, string>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': 'a question about oneself', 'authorization.k8s.io/selfsubjectrulesreviews': 'a question about oneself', 'authentication.k8s.io/selfsubjectreviews': 'a question about oneself',
  '/configmaps': 'nothing of the platform reads one in a namespace that is not its own', '/pods/eviction': 'ends a pod of the namespace',
  '/persistentvolumeclaims': 'is bound to a volume of its own, or to one that nobody claims', 'snapshot.storage.k8s.io/volumesnapshots': 'of a claim beside it; a content names the snapshot that it is for',
  'apps/deployments/scale': 'how many of a template that was admitted', 'apps/statefulsets/scale': 'likewise', 'autoscaling/horizontalpodautoscalers': 'likewise', 'policy/poddisruptionbudgets': 'for pods of the namespace; an upgrade says when one holds it up',
  'networking.k8s.io/ingresses': 'nothing of the platform serves them', 'networking.k8s.io/networkpolicies': 'for pods of the namespace',
};

export function chainCases(theirs: () => Plane): void {
  let plane: Plane;
  const group = (role: RoleName): string => `oidc:chains-${role}`;
  const bound = (role: RoleName): Identity => identityOf(`oidc:bound-${role}`, [group(role)]);
  const terrainOf = (role: RoleName): Terrain => workloadTerrain({ role, own: [own], others: [other, 'default'] });
  const search = async (terrain: Terrain, who: Identity): Promise<Search> => chainsFrom(await readWorld(plane.api.client, terrain), who, asking(plane.api.client));
  const holds = (who: Identity, where = own): Promise<boolean> => eventually(() => said(plane.api.client, who, { verb: 'list', apiGroup: '', resource: 'pods', namespace: where }));

  beforeAll(async () => {
    plane = theirs();
    const { client } = plane.api;
    for (const name of [own, other]) await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const role of roleNames) {
      await client.create<KubeObject>(resources.accessBindings, { apiVersion: 'keelson.dev/v1alpha1', kind: 'AccessBinding', metadata: { name: `chains-${role}`, namespace }, spec: { subjects: [{ kind: 'Group', name: group(role) }], role, namespaces: [own] } });
    }
    for (const role of roleNames) await holds(bound(role));
  }, 60_000);

  afterAll(async () => {
    for (const role of roleNames) await plane.api.client.delete(resources.accessBindings, { namespace, name: `chains-${role}` });
  });

  it.each(roleNames)('from an AccessBinding of %s in one namespace to anything that is not theirs: none', async (role) => {
    const { chains, refused, steps } = await search(terrainOf(role), bound(role));
    console.log(`${role}: of ${steps.seen} steps RBAC gives ${steps.given}, ${steps.open} can be taken`);
    expect(chains).toEqual([]);
    // It would come for an object that is written wrongly.
    expect(refused.filter((one) => one.includes(': 422 '))).toEqual([]);
    expect(steps.seen).toBeGreaterThan(500);
    if (role !== 'reader') expect(refused.filter((one) => one.startsWith('Pod '))).toHaveLength(6);
  }, 60_000);

  it('from a login of an admin, in all namespaces but those of the platform: none', async () => {
    const lola = await plane.person('oidc:lola', { role: 'keelson-organization-admin' });
    await eventually(() => lola.client.create(resources.clusterAccesses, ask('lola', { role: 'admin' })));
    await whenReason(plane.api, 'lola', 'Issued');
    const who = identityOf('keelson:oidc:lola', [`keelson:access:${(await accessOf(plane.api, 'lola'))!.metadata.uid}`]);
    await holds(who, other);
    const { chains, steps } = await search(workloadTerrain({ role: 'admin', own: [own, other, 'default'], others: [] }), who);
    console.log(`login: of ${steps.seen} steps RBAC gives ${steps.given}, ${steps.open} can be taken`);
    expect(chains).toEqual([]);
    await lola.client.delete(resources.clusterAccesses, { namespace, name: 'lola' });
  }, 60_000);

  it('the rights it starts from are those that the API server tells, and every right to write is known to a step or harmless', async () => {
    const { client } = plane.api;
    for (const role of roleNames) {
      const world = await readWorld(client, terrainOf(role));
      const needs = allSteps(world, bound(role)).flatMap((step) => step.needs);
      const known = new Set([...needs.map(({ apiGroup, resource, subresource }) => `${apiGroup}/${resource}${subresource ? `/${subresource}` : ''}`), ...Object.keys(harmless)]);
      expect({ role, unknown: (await writable(client, bound(role), own)).filter((one) => !known.has(one)) }).toEqual({ role, unknown: [] });
      if (role !== 'admin') continue;
      const may = rightsOf(world, bound(role));
      const requests = [...new Map([...needs, ...world.terrain.goals.map((goal) => goal.request)].map((one) => [JSON.stringify(one), one])).values()];
      const differing: string[] = [];
      for (let i = 0; i < requests.length; i += 16) {
        const answers = await Promise.all(requests.slice(i, i + 16).map(async (request) => ({ request, said: await said(client, bound(role), request) })));
        differing.push(...answers.filter((one) => one.said !== may(one.request)).map((one) => JSON.stringify(one)));
      }
      expect(differing).toEqual([]);
    }
  }, 60_000);

  const bindingOf = (name: string, at: string | undefined, roleName: string, subjects: object[]): KubeObject => ({ apiVersion: `${rbac}/v1`, kind: at === undefined ? 'ClusterRoleBinding' : 'RoleBinding', metadata: { name, ...(at === undefined ? {} : { namespace: at }) }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName }, subjects });
  const roleOf = (name: string, rule: object, labels: Record<string, string> = {}): KubeObject => ({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name, labels }, rules: [rule] });
  const account = { kind: 'ServiceAccount', name: 'seeded', namespace: own };
  const readsAll = roleOf('seeded', { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] });
  const holes: readonly (readonly [string, RoleName, readonly (readonly [keyof typeof resources, KubeObject])[], string])[] = [
    ['an App that runs with the right to read all Secrets', 'editor', [['serviceAccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'seeded', namespace: own } }], ['clusterRoles', readsAll], ['clusterRoleBindings', bindingOf('seeded', undefined, 'seeded', [account])]], `Pod as ${own}/seeded → sees Secrets of all`],
    ['an account that is bound and not there', 'automation', [['clusterRoles', readsAll], ['clusterRoleBindings', bindingOf('seeded', undefined, 'seeded', [account])]], `ServiceAccount ${own}/seeded, which is bound already → sees Secrets of all`],
    ['a right to bind that joined the role of admins', 'admin', [['clusterRoles', roleOf('seeded', { apiGroups: [rbac], resources: ['clusterroles'], verbs: ['bind'], resourceNames: ['cluster-admin'] }, { 'keelson.dev/aggregate-to-admin': 'true' })]], `binding of ClusterRole cluster-admin in ${own} → escalates`],
    ['a webhook that readers may write', 'reader', [['clusterRoles', roleOf('seeded', { apiGroups: ['admissionregistration.k8s.io'], resources: ['validatingwebhookconfigurations'], verbs: ['create'] })], ['clusterRoleBindings', bindingOf('seeded', undefined, 'seeded', [{ kind: 'Group', apiGroup: rbac, name: group('reader') }])]], 'decides what is admitted'],
    ['a role in a namespace of the platform', 'editor', [['roleBindings', bindingOf('seeded', 'keelson-system', 'keelson-access-editor', [{ kind: 'Group', apiGroup: rbac, name: group('editor') }])]], 'reads Secrets of keelson-system'],
  ];
  it.each(holes)('a seeded hole is found: %s', async (_, role, objects, chain) => {
    const { client } = plane.api;
    try {
      for (const [resource, object] of objects) await client.create(resources[resource] as typeof resources.secrets, object);
      // Aggregation takes a moment, and the authorizer another.
      await eventually(async () => {
        const { chains } = await search(terrainOf(role), bound(role));
        if (!chains.includes(chain)) throw new Error(`found ${chains.join('; ') || 'none'}`);
        return true;
      });
    } finally {
      for (const [resource, { metadata }] of objects.toReversed()) await client.delete(resources[resource] as typeof resources.secrets, metadata);
    }
  }, 60_000);

  it('a seeded hole is found: a namespace without Pod Security', async () => {
    const { client } = plane.api;
    const level = (value: string | null) => client.patch(resources.namespaces, { name: own }, { type: 'merge', body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': value } } } });
    await level('privileged');
    try {
      await eventually(async () => (await search(terrainOf('editor'), bound('editor'))).chains.filter((one) => one.endsWith(' → has the node')).length === 6);
    } finally {
      await level(null);
    }
  }, 60_000);
}
