/** Lasting rights in a workload cluster: they come, follow what changes, are put right when somebody touches them, and go. */
import { beforeAll, expect, it } from '@jest/globals';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import type { RbacObject } from '../../../../provisioner/operators/access/wanted.ts';
import { cluster, namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { ask, loginOf, may, type Person, type Plane, refused, teamNamespace, whenReason } from './plane.ts';

const ours = { labelSelector: 'keelson.dev/access=rights' };
const name = 'team-a';
const editorBinding = `keelson:binding:${name}:editor`;

export function accessBindingCases(theirs: () => Plane): void {
  let plane: Plane;
  let [ada, grete] = [] as unknown as [Person, Person];

  beforeAll(async () => {
    plane = theirs();
    ada = await plane.person('oidc:ada', { role: 'keelson-organization-admin' });
    grete = await plane.person('oidc:grete', { groups: ['oidc:team-a'], role: 'keelson-organization-reader' });
    await eventually(() => ada.client.create(resources.accessBindings, binding({ role: 'admin' }), { dryRun: true }));
  }, 60_000);

  const binding = (spec: object): KubeObject => ({
    apiVersion: 'keelson.dev/v1alpha1', kind: 'AccessBinding', metadata: { name, namespace },
    spec: { subjects: [{ kind: 'Group', name: 'oidc:team-a' }], role: 'editor', namespaceSelector: { matchLabels: { team: 'a' } }, ...spec },
  });
  const change = (spec: object) => ada.client.patch(resources.accessBindings, { namespace, name }, { type: 'merge', body: { spec } });
  const where = async (bindingName = editorBinding) => (await plane.api.client.list(resources.roleBindings, ours)).items.filter(({ metadata }) => metadata.name === bindingName).map(({ metadata }) => metadata.namespace).sort();
  const untilIn = (namespaces: readonly string[], bindingName = editorBinding) => eventually(async () => {
    const found = await where(bindingName);
    if (JSON.stringify(found) !== JSON.stringify(namespaces)) throw new Error(`in ${found.join()}, not ${namespaces.join()}`);
    return true;
  });
  const status = async () => (await plane.api.client.get<KubeObject & { status?: { clusters?: number; applied?: number; conditions?: { reason: string; message: string }[] } }>(resources.accessBindings, { namespace, name }))?.status;

  it('reaches the people of a group, by their issuer and by their logins, in the namespaces that are meant', async () => {
    await ada.client.create(resources.accessBindings, binding({}));
    await untilIn([teamNamespace]);
    const found = await plane.api.client.get<RbacObject>(resources.roleBindings, { namespace: teamNamespace, name: editorBinding });
    expect(found?.subjects?.map((subject) => subject.name)).toEqual(['oidc:team-a', 'keelson:oidc:team-a']);
    await grete.client.create(resources.clusterAccesses, ask('grete', { role: 'reader', groups: ['oidc:team-a'] }));
    await whenReason(plane.api, 'grete', 'Issued');
    const login = await loginOf(grete, 'grete');
    await eventually(() => may(login, 'create', 'pods', teamNamespace));
    expect(await may(login, 'create', 'pods', 'default')).toBe(false);
    login.close();
    await grete.client.delete(resources.clusterAccesses, { namespace, name: 'grete' });
    expect(await eventually(async () => ((await status())?.applied === 1 ? await status() : undefined))).toMatchObject({ clusters: 1, conditions: [{ reason: 'Applied' }] });
  }, 60_000);

  it('follows namespaces that come, change and go', async () => {
    await plane.api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later', labels: { team: 'a' } } });
    await untilIn(['later', teamNamespace]);
    await plane.api.client.patch(resources.namespaces, { name: 'later' }, { type: 'merge', body: { metadata: { labels: { team: 'b' } } } });
    await untilIn([teamNamespace]);
  }, 60_000);

  it('never follows a label into the namespaces of the platform', async () => {
    await plane.api.client.patch(resources.namespaces, { name: 'kube-public' }, { type: 'merge', body: { metadata: { labels: { team: 'a' } } } });
    await plane.api.client.patch(resources.namespaces, { name: 'later' }, { type: 'merge', body: { metadata: { labels: { team: 'a' } } } });
    await untilIn(['later', teamNamespace]);
  }, 60_000);

  it('puts right what somebody deletes, changes or adds under our mark, and leaves the rest alone', async () => {
    const at = { namespace: teamNamespace, name: editorBinding };
    const uid = (await plane.api.client.get(resources.roleBindings, at))?.metadata.uid;
    await plane.api.client.delete(resources.roleBindings, at);
    await eventually(async () => {
      const again = await plane.api.client.get(resources.roleBindings, at);
      return again !== undefined && again.metadata.uid !== uid;
    });
    await plane.api.client.patch(resources.roleBindings, at, { type: 'merge', body: { subjects: [{ kind: 'User', name: 'mallory', apiGroup: 'rbac.authorization.k8s.io' }] } });
    await eventually(async () => (await plane.api.client.get<RbacObject>(resources.roleBindings, at))?.subjects?.length === 2);
    await plane.api.client.patch(resources.clusterRoles, { name: 'keelson-access-editor-base' }, { type: 'merge', body: { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] } });
    await eventually(async () => ((await plane.api.client.get<RbacObject>(resources.clusterRoles, { name: 'keelson-access-editor-base' }))?.rules?.length ?? 0) > 1);
    const mallory = (labels: Record<string, string>, bindingName: string): KubeObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: bindingName, namespace: teamNamespace, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'User', name: 'mallory', apiGroup: 'rbac.authorization.k8s.io' }],
    });
    await plane.api.client.create(resources.roleBindings, mallory({}, 'their-own'));
    await plane.api.client.create(resources.roleBindings, mallory({ 'keelson.dev/access': 'rights' }, 'under-our-mark'));
    await eventually(async () => (await plane.api.client.get(resources.roleBindings, { namespace: teamNamespace, name: 'under-our-mark' })) === undefined);
    expect(await plane.api.client.get(resources.roleBindings, { namespace: teamNamespace, name: 'their-own' })).toBeDefined();
  }, 60_000);

  it('follows another role and other clusters', async () => {
    await change({ role: 'reader' });
    await untilIn([]);
    await untilIn(['later', teamNamespace], `keelson:binding:${name}:reader`);
    await change({ clusters: { selector: { matchLabels: { stage: 'test' } } } });
    await untilIn([], `keelson:binding:${name}:reader`);
    expect(await eventually(async () => ((await status())?.clusters === 0 ? await status() : undefined))).toMatchObject({ conditions: [{ reason: 'NoClusters' }] });
    await plane.api.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', body: { metadata: { labels: { stage: 'test' } } } });
    await untilIn(['later', teamNamespace], `keelson:binding:${name}:reader`);
  }, 60_000);

  it('says in which cluster the rights are not', async () => {
    await plane.api.client.create(resources.clusters, { ...cluster('unborn'), metadata: { name: 'unborn', namespace, labels: { stage: 'test' } } });
    expect(await eventually(async () => ((await status())?.clusters === 2 ? await status() : undefined))).toMatchObject({ applied: 1, conditions: [{ reason: 'SomeNotApplied', message: 'not in unborn' }] });
    await plane.api.client.delete(resources.clusters, { namespace, name: 'unborn' });
    await eventually(async () => (await status())?.clusters === 1);
  }, 60_000);

  it.each([
    ['a role that the writer has not', { role: 'cluster-admin', namespaceSelector: null, clusterWide: true }, /cluster-admin is wider/],
    ['the whole cluster', { role: 'editor', namespaceSelector: null, clusterWide: true }, /only the fleet's owners/],
    ['a namespace of the platform', { role: 'editor', namespaceSelector: null, namespaces: ['keelson-system'] }, /only the fleet's owners/],
    ["Kubernetes' groups", { subjects: [{ kind: 'Group', name: 'system:masters' }] }, /system: belongs to Kubernetes/],
    ['identities of logins', { subjects: [{ kind: 'User', name: 'keelson:oidc:adam' }] }, /keelson: belongs to logins/],
    ['a ServiceAccount without a namespace', { subjects: [{ kind: 'ServiceAccount', name: 'x' }] }, /has a namespace/],
    ['namespaces and a selector', { namespaces: ['x'] }, /exclude each other/],
  ] as const)('refuses %s', async (_what, spec, message) => {
    expect(await refused(change(spec))).toMatch(message);
  });

  it('leaves nothing when it ends, also while nobody looks', async () => {
    await plane.stopOperator();
    await ada.client.delete(resources.accessBindings, { namespace, name });
    plane.startOperator();
    for (const resource of [resources.roleBindings, resources.clusterRoleBindings, resources.clusterRoles]) await eventually(async () => (await plane.api.client.list(resource, ours)).items.length === 0);
  }, 60_000);
}
