/** A login that is open does not outlive the role by which it was taken. */
import { beforeAll, expect, it } from '@jest/globals';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { accessOf, ask, loginOf, may, type Person, type Plane, teamNamespace, whenReason } from './plane.ts';

export function lostRoleCases(theirs: () => Plane): void {
  let plane: Plane;
  beforeAll(() => {
    plane = theirs();
  });
  const create = (who: Person, name: string, spec: object) => who.client.create<KubeObject>(resources.clusterAccesses, ask(name, spec));

  it('ends a login that is open when its requester loses the role, and no other one', async () => {
    const members = ['oidc:lena', 'oidc:lars'];
    const rbac = 'rbac.authorization.k8s.io';
    const people = await Promise.all(members.map((name) => plane.person(name, { groups: ['oidc:lost'] })));
    const binding = (names: readonly string[]): KubeObject => ({
      apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'lost', namespace },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'keelson-organization-editor' }, subjects: names.map((name) => ({ apiGroup: rbac, kind: 'User', name })),
    });
    await plane.api.client.create(resources.roleBindings, binding(members));
    for (const [i, who] of people.entries()) await eventually(() => create(who, `lost-${i}`, { role: 'editor' }));
    // Without a role of its own it has what AccessBindings give, while its requester has any role.
    await create(people[0]!, 'lost-groups', { groups: ['oidc:lost'] });
    for (const name of ['lost-0', 'lost-1', 'lost-groups']) await whenReason(plane.api, name, 'Issued');
    const [gone, kept] = await Promise.all(people.map((who, i) => loginOf(who, `lost-${i}`)));
    for (const login of [gone!, kept!]) await eventually(() => may(login, 'create', 'pods', teamNamespace));
    await plane.api.client.replace(resources.roleBindings, binding(members.slice(1)));
    const access = await whenReason(plane.api, 'lost-0', 'RoleRefused');
    await whenReason(plane.api, 'lost-groups', 'RoleRefused');
    expect(access.status).toMatchObject({ conditions: [{ status: 'False', message: 'oidc:lena no longer has the role editor in org-demo: the login to cluster demo has ended' }] });
    expect(access.status?.secretName).toBeUndefined();
    await eventually(async () => !(await may(gone!, 'create', 'pods', teamNamespace)));
    for (const resource of [resources.secrets, resources.roles, resources.roleBindings]) expect(await plane.api.client.get(resource, { namespace, name: 'keelson-access-lost-0' })).toBeUndefined();
    expect(plane.context.said).toContainEqual(expect.stringMatching(/^event Warning RoleRefused ClusterAccess lost-0: /));
    expect(await may(kept!, 'create', 'pods', teamNamespace)).toBe(true);
    expect(await accessOf(plane.api, 'lost-1').then((one) => one?.status?.secretName)).toBe('keelson-access-lost-1');
    gone!.close();
    kept!.close();
  }, 60_000);

  it('ends a login whose role was lost while no operator ran', async () => {
    const who = await plane.person('oidc:nora', { role: 'keelson-organization-editor' });
    await eventually(() => create(who, 'nora-1', { role: 'editor' }));
    await whenReason(plane.api, 'nora-1', 'Issued');
    await plane.stopOperator();
    await plane.api.client.delete(resources.roleBindings, { namespace, name: 'keelson-organization-editor-oidc-nora' });
    await eventually(async () => !(await may(who.client, 'assume', 'workloadroles', namespace, 'keelson.dev')));
    plane.startOperator();
    await whenReason(plane.api, 'nora-1', 'RoleRefused');
  }, 60_000);
}
