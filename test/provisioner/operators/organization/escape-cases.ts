/** Ways to more than a role gives that begin with something the role may do: each tried by members, each refused. */
import { roleNames } from '../../../../policies/tenancy/roles.ts';
import { type KubeObject, pathOf, resources } from '../../../../provisioner/kube/index.ts';
import { eventually } from '../surroundings.ts';
import type { Caller, Management } from './management.ts';
import { clusterOf, organizationOf } from './objects.ts';

/** @param running organization `acme` is Ready, with the Cluster `fine` @param member of `acme` with a role */
export function escapeCases(running: () => Management, member: (role: string) => Caller): void {
  const secret = (name: string, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'org-acme' }, ...more });
  const secretPath = (name: string): string => pathOf(resources.secrets, { namespace: 'org-acme', name });
  const binding = (roleRef: object, subject: object): KubeObject => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'step', namespace: 'org-acme' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', ...subject }] } as KubeObject);

  beforeAll(async () => {
    await running().client.create(resources.secrets, secret('fine-ca', { type: 'cluster.x-k8s.io/secret', stringData: { 'tls.key': 'the-key-of-a-test' } }));
  });

  it.each(roleNames)('%s does not see the key of a CA: not by reading, nor in the answer to a change or a deletion', async (role) => {
    const who = member(role);
    const answers = [
      await who.request('GET', secretPath('fine-ca')),
      await who.request('GET', pathOf(resources.secrets, { namespace: 'org-acme' })),
      await who.request('DELETE', secretPath('fine-ca'), { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground', dryRun: ['All'] }),
      await who.request('PUT', secretPath('fine-ca'), secret('fine-ca', { type: 'cluster.x-k8s.io/secret' })),
      await who.request('PATCH', secretPath('fine-ca'), {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, expect.any(Number)]);
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain(Buffer.from('the-key-of-a-test').toString('base64'));
  });

  it('a Secret of its own is not shown by its deletion', async () => {
    expect(await member('automation').create(resources.secrets, secret('mine', { stringData: { a: 'hidden-in-a-test' } }))).toMatchObject({ status: 201 });
    const shown = await member('automation').request('DELETE', secretPath('mine'), { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' });
    expect(shown).toMatchObject({ status: 403, message: expect.stringMatching(/propagation policy Background/) });
    const gone = await member('automation').request('DELETE', secretPath('mine'));
    expect(gone.status).toBe(200);
    expect(JSON.stringify(gone)).not.toContain(Buffer.from('hidden-in-a-test').toString('base64'));
  });

  it.each([
    ['a CA of its own for a cluster to come', secret('next-ca', { stringData: { 'tls.key': 'x' } }), /choose another/],
    ['a kubeconfig, with exec or without', secret('fine-kubeconfig', { stringData: { value: 'users: [{user: {exec: {command: sh}}}]' } }), /choose another/],
    ['a Secret of Cluster API\'s type', secret('any', { type: 'cluster.x-k8s.io/secret' }), /are Cluster API's/],
    ['a token that never ends', secret('token', { type: 'kubernetes.io/service-account-token', metadata: { name: 'token', namespace: 'org-acme', annotations: { 'kubernetes.io/service-account.name': 'automation' } } }), /tokens that never end/],
  ])('a Secret: %s', async (_, object, message) => {
    for (const role of ['editor', 'admin', 'automation']) expect(await member(role).create(resources.secrets, object)).toMatchObject({ status: 403, message: expect.stringMatching(message) });
  });

  it('the credentials of the cloud are not its members\' to change', async () => {
    expect(await member('admin').request('PUT', secretPath('cloud'), secret('cloud', { stringData: { 'clouds.yaml': 'auth_url: http://10.0.0.1' } }))).toMatchObject({ status: 403, message: expect.stringMatching(/whoever owns the fleet writes it/) });
  });

  it.each([
    ['cluster-admin', { kind: 'ClusterRole', name: 'cluster-admin' }, { kind: 'User', name: 'oidc:admin' }, /attempting to grant RBAC permissions not currently held/],
    ['view of Secrets by edit', { kind: 'ClusterRole', name: 'edit' }, { kind: 'User', name: 'oidc:admin' }, /not currently held|not found/],
    ['the operator\'s role', { kind: 'ClusterRole', name: 'keelson-operator' }, { kind: 'User', name: 'oidc:admin' }, /not currently held/],
    ['the right to provision', { kind: 'ClusterRole', name: 'keelson-provisioner' }, { kind: 'User', name: 'oidc:admin' }, /not currently held/],
    ['everybody who is logged in', { kind: 'ClusterRole', name: 'keelson-organization-reader' }, { kind: 'Group', name: 'system:authenticated' }, /users and groups of Kubernetes itself/],
    ['anybody', { kind: 'ClusterRole', name: 'keelson-organization-reader' }, { kind: 'User', name: 'system:anonymous' }, /users and groups of Kubernetes itself/],
  ])('a binding: %s', async (_, roleRef, subject, message) => {
    expect(await member('admin').create(resources.roleBindings, binding(roleRef, subject))).toMatchObject({ status: 403, message: expect.stringMatching(message) });
  });

  it('an admin gives roles to others, and takes none of the Organization\'s own away', async () => {
    expect(await member('admin').create(resources.roleBindings, binding({ kind: 'ClusterRole', name: 'keelson-organization-editor' }, { kind: 'User', name: 'oidc:new' }))).toMatchObject({ status: 201 });
    await eventually(() => running().as('oidc:new').may('create', 'clusters.cluster.x-k8s.io', { namespace: 'org-acme' }));
    expect(await member('admin').request('DELETE', pathOf(resources.roleBindings, { namespace: 'org-acme', name: 'keelson-organization-reader' }))).toMatchObject({ status: 403, message: expect.stringMatching(/follows from the members/) });
  });

  it('a Role with what its writer does not have', async () => {
    for (const rule of [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }, { apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { apiGroups: [''], resources: ['pods'], verbs: ['create'] }, { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['bind'] }]) {
      expect(await member('admin').create(resources.roles, { apiVersion: '', kind: '', metadata: { name: 'step', namespace: 'org-acme' }, rules: [rule] } as KubeObject)).toMatchObject({ status: 403 });
    }
  });

  it('an App into the management cluster', async () => {
    const app = { apiVersion: '', kind: '', metadata: { name: 'step', namespace: 'org-acme' }, spec: { target: 'Management', chart: 'metrics-server', namespace: 'org-other' } };
    expect(await member('admin').create(resources.apps, app)).toMatchObject({ status: 403, message: expect.stringMatching(/Apps of an organization are installed in its clusters/) });
  });

  it('an App into the namespace of another organization, beside whose clusters it would stand', async () => {
    const app = (namespace: string): KubeObject => ({ apiVersion: '', kind: '', metadata: { name: 'step', namespace }, spec: { cluster: 'theirs', chart: 'metrics-server', namespace: 'kube-system' } } as KubeObject);
    for (const role of roleNames) expect(await member(role).create(resources.apps, app('org-other'))).toMatchObject({ status: 403, message: expect.stringMatching(/cannot create resource "apps"/) });
    // In its own namespace the name is that of a Cluster beside it: one of others is not found.
    await running().client.create<KubeObject>(resources.clusters, clusterOf('theirs', 'org-other', { className: 'class-of-others' }));
    expect((await member('editor').create(resources.apps, app('org-acme'))).status).toBe(201);
    const ready = await eventually(async () => ((await running().client.get<KubeObject & { status?: { conditions?: { type: string; message: string }[] } }>(resources.apps, { namespace: 'org-acme', name: 'step' }))?.status?.conditions?.find(({ type }) => type === 'Ready')));
    expect(ready.message).toBe('there is no Cluster theirs in this namespace');
    for (const [resource, ref] of [[resources.apps, { namespace: 'org-acme', name: 'step' }], [resources.clusters, { namespace: 'org-other', name: 'theirs' }]] as const) await running().client.delete(resource, ref);
  });

  it('a pod, a webhook, a namespace, its own namespace, another organization', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'org-acme' }, spec: { containers: [{ name: 'c', image: 'x' }] } };
    for (const role of roleNames) {
      const who = member(role);
      expect((await who.create(resources.pods, pod)).status).toBe(403);
      expect((await who.create(resources.validatingWebhookConfigurations, { apiVersion: '', kind: '', metadata: { name: 'w' } })).status).toBe(403);
      expect((await who.create(resources.namespaces, { apiVersion: '', kind: '', metadata: { name: 'org-mine' } })).status).toBe(403);
      expect((await who.request('PATCH', pathOf(resources.namespaces, { name: 'org-acme' }), {})).status).toBe(403);
      expect((await who.create(resources.clusters, clusterOf('theirs', 'org-other'))).status).toBe(403);
      expect((await who.create(resources.organizations, organizationOf('mine'))).status).toBe(403);
    }
  });

  it('a token of the pipeline\'s account brings an admin no more than it has, and nobody else one', async () => {
    const path = `${pathOf(resources.serviceAccounts, { namespace: 'org-acme', name: 'automation' })}/token`;
    const ask = (role: string) => member(role).request('POST', path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
    expect((await ask('admin')).status).toBe(201);
    for (const role of ['reader', 'editor', 'automation']) expect((await ask(role)).status).toBe(403);
    const robot = running().as('system:serviceaccount:org-acme:automation', ['system:serviceaccounts', 'system:serviceaccounts:org-acme']);
    expect(await robot.may('create', 'clusters.cluster.x-k8s.io', { namespace: 'org-acme' })).toBe(true);
    expect(await robot.may('get', 'secrets', { namespace: 'org-acme' })).toBe(false);
  });
}
