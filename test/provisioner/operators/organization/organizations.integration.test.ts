/** Organizations on a real API server with the chart's own rights, policies and webhooks: what members get, what they cannot get, and what is left when the operator is killed. */
import { jest } from '@jest/globals';
import { stringify } from 'yaml';
import { roleNames } from '../../../../policies/tenancy/roles.ts';
import { type Condition, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { rightsOfAccounts, unusedRights, usesIn } from '../../../fixtures/rights-use.ts';
import { apiServerNeeds } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { eventually } from '../surroundings.ts';
import { chainCases } from './chains/cases.ts';
import { defaultsCases } from './defaults-cases.ts';
import { escapeCases } from './escape-cases.ts';
import { clusterOf, organizationOf, type OrganizationOptions } from './objects.ts';
import { foreignKinds, startManagement, type Caller, type Management, type Operator } from './management.ts';
import { rightsTable } from './rights.ts';
import { expectGolden } from './golden.ts';

/** A dozen requests each: on a machine that has much else to do they take their time. */
jest.setTimeout(60_000);

type Held = KubeObject & { status?: { conditions?: Condition[]; used?: Record<string, unknown>; flavors?: { name: string }[] } };

describeWith({ tools: [...apiServerNeeds.tools, 'helm', 'kube-controller-manager'] }, 'organizations', () => {
  let management: Management;
  let operator: Operator;
  let cloud: Running;
  let project: string;
  const groups = (role: string, organization = 'acme'): string[] => [`oidc:${organization}-${role}`];
  const member = (role: string, organization?: string): Caller => management.as(`oidc:${role}`, groups(role, organization));
  const get = (name: string): Promise<Held | undefined> => management.client.get<Held>(resources.organizations, { name });
  const condition = async (name: string, type: string): Promise<Condition | undefined> => (await get(name))?.status?.conditions?.find((one) => one.type === type);
  const isReady = (name: string) => eventually(async () => (await condition(name, 'Ready'))?.status === 'True');
  const make = (name: string, o: OrganizationOptions = {}) => management.client.create(resources.organizations, organizationOf(name, o));
  const tenant = (role = 'editor') => member(role);

  beforeAll(async () => {
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 } });
    project = (await cloud.member.projectId())!;
    management = await startManagement();
    operator = management.startOperator();
    await make('acme', { project, quota: { clusters: 3, machines: 10, cores: 24, memory: '64Gi' } });
    await make('other');
    await isReady('acme');
    await isReady('other');
    await management.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace: 'org-acme' }, stringData: { 'clouds.yaml': stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson'] } }) } } as KubeObject);
    await eventually(() => member('reader').may('list', 'clusters.cluster.x-k8s.io', { namespace: 'org-acme' }));
    // The Secret came after the Organization: a change of that makes the operator look again at once.
    await management.client.patch(resources.organizations, { name: 'acme' }, { type: 'merge', body: { spec: { identities: [{ type: 'Secret', name: 'cloud', cloudName: 'openstack', project, authUrl: (cloud.cloud.clouds().clouds['keelson'] as { auth: { auth_url: string } }).auth.auth_url }] } } });
    await eventually(async () => (await condition('acme', 'IdentitiesReady'))?.status === 'True');
  }, 150_000);
  afterAll(async () => {
    await management?.stop();
    await cloud?.stop();
  });

  describe('the namespace', () => {
    it('has bounds, rights and a service account, and keeps what others put on it', async () => {
      const { client } = management;
      await client.patch(resources.namespaces, { name: 'org-acme' }, { type: 'merge', body: { metadata: { labels: { 'team.example/cost': '42' }, annotations: { note: 'ours' } } } });
      await client.patch(resources.organizations, { name: 'acme' }, { type: 'merge', body: { spec: { displayName: 'Acme' } } });
      await eventually(async () => (await client.get(resources.namespaces, { name: 'org-acme' }))?.metadata.annotations?.['keelson.dev/description']?.includes('Acme'));
      const namespace = await client.get(resources.namespaces, { name: 'org-acme' });
      expect(namespace?.metadata.labels).toMatchObject({ 'team.example/cost': '42', 'keelson.dev/organization': 'acme', 'pod-security.kubernetes.io/enforce': 'restricted' });
      expect(namespace?.metadata.annotations).toMatchObject({ note: 'ours', 'keelson.dev/allowed-classes': 'keelson-system/openstack-v1', 'keelson.dev/identities': 'Secret/cloud' });
      const names = async (resource: Parameters<typeof client.list>[0]): Promise<string[]> => (await client.list(resource, { namespace: 'org-acme' })).items.map(({ metadata }) => metadata.name).sort();
      expect(await names(resources.resourceQuotas)).toEqual(['keelson', 'keelson-priorities']);
      expect(await names(resources.limitRanges)).toEqual(['keelson']);
      expect(await names(resources.networkPolicies)).toEqual(['keelson-default-deny']);
      expect(await names(resources.serviceAccounts)).toContain('automation');
      expect(await names(resources.roleBindings)).toEqual(roleNames.map((role) => `keelson-organization-${role}`).sort());
    });

    it('gets back a label and a binding that somebody took away', async () => {
      const { client } = management;
      await client.delete(resources.roleBindings, { namespace: 'org-acme', name: 'keelson-organization-reader' });
      await client.patch(resources.namespaces, { name: 'org-acme' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/allowed-classes': 'evil/class' } } } });
      await eventually(() => client.get(resources.roleBindings, { namespace: 'org-acme', name: 'keelson-organization-reader' }));
      await eventually(async () => (await client.get(resources.namespaces, { name: 'org-acme' }))?.metadata.annotations?.['keelson.dev/allowed-classes'] === 'keelson-system/openstack-v1');
    });

    it('is nobody\'s to take: one that is there already is refused at admission, and given by its label', async () => {
      const { client } = management;
      await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'org-squat' } });
      await expect(make('squat')).rejects.toThrow(/namespace org-squat is there and not this organization's: label it keelson\.dev\/organization=squat/);
      await client.patch(resources.namespaces, { name: 'org-squat' }, { type: 'merge', body: { metadata: { labels: { 'keelson.dev/organization': 'squat' } } } });
      await make('squat');
      await isReady('squat');
    });

    it('takes rights away with the member', async () => {
      const { client } = management;
      const may = () => management.as('oidc:temp').may('create', 'clusters.cluster.x-k8s.io', { namespace: 'org-other' });
      const { members } = (await get('other'))!['spec'] as { members: { role: string }[] };
      const write = (wanted: readonly object[]) => client.patch(resources.organizations, { name: 'other' }, { type: 'merge', body: { spec: { members: wanted } } });
      const withoutEditors = members.filter(({ role }) => role !== 'editor');
      await write([...withoutEditors, { kind: 'User', name: 'oidc:temp', role: 'editor' }]);
      await eventually(may);
      await write(withoutEditors);
      await eventually(async () => !(await may()) && (await client.get(resources.roleBindings, { namespace: 'org-other', name: 'keelson-organization-editor' })) === undefined);
      await write(members);
      await eventually(() => member('editor', 'other').may('create', 'clusters.cluster.x-k8s.io', { namespace: 'org-other' }));
    });
  });

  describe('names and members that cannot be', () => {
    it.each([
      ['a name that would be cut', 'a'.repeat(60), { members: [] }, /at most 59 characters/],
      ['a name with a dot', 'a.b', {}, /has no dots/],
      ['a bare group', 'x', { members: [{ kind: 'Group', name: 'platform', role: 'admin' }] }, /a group needs the prefix of its identity provider/],
      ['a group of Kubernetes', 'x', { members: [{ kind: 'Group', name: 'system:masters', role: 'admin' }] }, /users and groups of Kubernetes itself/],
      ['the default service account', 'x', { members: [{ kind: 'ServiceAccount', name: 'default', role: 'admin' }] }, /make one of its own/],
      ['an unknown role', 'x', { members: [{ kind: 'User', name: 'oidc:a', role: 'owner' }] }, /Unsupported value: "owner"/],
      ['a project of another organization', 'x', { project: 'TAKEN' }, /belongs to organization acme/],
    ] as const)('%s', async (_, name, o, message) => {
      const options = 'project' in o ? { project } : (o as OrganizationOptions);
      await expect(make(name, options)).rejects.toThrow(message);
    });
  });

  it('the rights of every role, asked of the API server, are those of the table', async () => {
    const rbac = 'rbac.authorization.k8s.io';
    await management.client.create(resources.clusterRoleBindings, { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: 'owners' }, roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'keelson-fleet-owner' }, subjects: [{ apiGroup: rbac, kind: 'Group', name: 'oidc:owners' }] } as KubeObject);
    await eventually(() => management.as('oidc:olga', ['oidc:owners']).may('create', 'clusteraccesses.keelson.dev', { namespace: 'org-acme' }));
    expectGolden('rights.md', await rightsTable(management, { roles: [...roleNames, 'fleet-owner'], groups: (role) => (role === 'fleet-owner' ? ['oidc:owners'] : groups(role)) }));
    await management.client.delete(resources.clusterRoleBindings, { name: 'owners' });
  });

  describe('the only door', () => {
    it('takes a Cluster of an allowed class', async () => {
      expect(await tenant().create(resources.clusters, clusterOf('fine', 'org-acme'))).toMatchObject({ message: '', status: 201 });
    });

    // Bound to cluster-admin's rights in the namespace by mistake, so that admission alone decides.
    it.each(foreignKinds.map((kind) => [kind.kind, kind] as const))('refuses %s even from somebody whom RBAC lets', async (_, kind) => {
      await bindAll('oidc:careless');
      const answer = await management.as('oidc:careless').create(kind, { apiVersion: '', kind: '', metadata: { name: 'raw', namespace: 'org-acme' }, spec: {} });
      expect(answer).toMatchObject({ status: 403, message: expect.stringMatching(/write a Cluster with spec\.topology/) });
      expect(await tenant().create(kind, { apiVersion: '', kind: '', metadata: { name: 'raw', namespace: 'org-acme' }, spec: {} })).toMatchObject({ status: 403, message: expect.stringMatching(/cannot create resource/) });
    });

    const cases: readonly (readonly [string, (cluster: ReturnType<typeof clusterOf>) => KubeObject, RegExp])[] = [
      ['a Cluster without topology', (cluster) => ({ ...cluster, spec: { clusterNetwork: { serviceDomain: 'x.local' } } }), /has spec\.topology/],
      ['a class that is not allowed', (cluster) => change(cluster, { classRef: { name: 'other-class', namespace: 'keelson-system' } }), /this ClusterClass is not allowed here/],
      ['a class of its own in its namespace', (cluster) => change(cluster, { classRef: { name: 'openstack-v1' } }), /this ClusterClass is not allowed here/],
      ['credentials of its own (auth_url of its own)', (cluster) => change(cluster, { variables: [...cluster.spec.topology.variables, { name: 'cloud', value: { identity: { name: 'mine' } } }] }), /credentials that are not this organization's/],
      ['somebody else\'s ClusterIdentity', (cluster) => change(cluster, { variables: [...cluster.spec.topology.variables, { name: 'cloud', value: { identity: { type: 'ClusterIdentity', name: 'cloud' } } }] }), /credentials that are not this organization's/],
      ['credentials in an override', (cluster) => change(cluster, { workers: { machineDeployments: [{ class: 'worker', name: 'a', replicas: 1, variables: { overrides: [{ name: 'cloud', value: { identity: { name: 'mine' } } }] } }] } }), /cannot be overridden/],
      ['a forged label', (cluster) => ({ ...cluster, metadata: { ...cluster.metadata, labels: { 'keelson.dev/organization': 'other' } } }), /names the organization of the namespace/],
      ['a forged verdict', (cluster) => ({ ...cluster, metadata: { ...cluster.metadata, annotations: { 'keelson.dev/preflight': '{"result":"passed"}' } } }), /keelson\.dev\/preflight is the operator's to write/],
      ['a forged end of workloads', (cluster) => ({ ...cluster, metadata: { ...cluster.metadata, annotations: { 'keelson.dev/workloads-removed': 'now' } } }), /is the operator's to write/],
      ['infrastructure of its own', (cluster) => ({ ...cluster, spec: { ...cluster.spec, infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'OpenStackCluster', name: 'x' } } }), /Cluster API's to write/],
      ['a name that would be cut', (cluster) => ({ ...cluster, metadata: { ...cluster.metadata, name: 'a-name-that-is-too-long' } }), /at most 20 characters/],
    ];
    it.each(cases)('refuses %s', async (_, changed, message) => {
      expect(await tenant('admin').create(resources.clusters, changed(clusterOf('bad', 'org-acme')))).toMatchObject({ status: 403, message: expect.stringMatching(message) });
    });

    it('lets those who provision do all of it', async () => {
      const answer = await management.as('system:serviceaccount:capi-system:capi-manager', ['system:serviceaccounts:capi-system', 'oidc:acme-admin']).may('provision', 'organizations.keelson.dev');
      expect(answer).toBe(true);
      await expect(management.client.create(resources.machines, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Machine', metadata: { name: 'made', namespace: 'org-acme' } })).resolves.toBeDefined();
    });
  });

  describe('the quota', () => {
    it('counts machines, cores and memory by the flavors of the project, and names what is too much', async () => {
      expect((await get('acme'))?.status?.flavors?.map(({ name }) => name)).toEqual(['k.large', 'k.medium', 'k.small']);
      const big = clusterOf('big', 'org-acme', { workers: 4, flavor: 'k.large' });
      expect(await tenant().create(resources.clusters, big)).toMatchObject({ status: 403, message: expect.stringMatching(/organization acme would have \d+ cores of 24, .*Gi memory of 64Gi|would have \d+ cores of 24/) });
      expect(await tenant().create(resources.clusters, clusterOf('big', 'org-acme', { workers: 12 }))).toMatchObject({ status: 403, message: expect.stringMatching(/machines of 10/) });
      expect(await tenant().create(resources.clusters, clusterOf('big', 'org-acme', { flavor: 'k.none' }))).toMatchObject({ status: 403, message: expect.stringMatching(/has the flavor k\.none/) });
    });

    it('is not passed by many who ask at once', async () => {
      // Four cores each beside the four of `fine`, of 24: the third Cluster is the last that the API server counts.
      const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => tenant().create(resources.clusters, clusterOf(`rush-${i}`, 'org-acme', { workers: 2 }))));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
      expect((await management.client.list(resources.clusters, { namespace: 'org-acme' })).items).toHaveLength(3);
    });

    it('is checked again where machines are scaled past the door', async () => {
      await eventually(async () => (await condition('acme', 'WithinQuota'))?.status === 'True');
      await eventually(async () => (await get('acme'))?.status?.used?.['clusters'] === 3);
      const scaled = (name: string, replicas: number, group = 'a') => management.client.create(resources.machineDeployments, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'MachineDeployment', metadata: { name, namespace: 'org-acme', labels: { 'cluster.x-k8s.io/cluster-name': 'fine', 'topology.cluster.x-k8s.io/deployment-name': group } }, spec: { replicas } });
      const statusWrites = (): number => management.audited().filter(({ user, verb, objectRef }) => user.username.endsWith(':keelson-operator') && verb === 'patch' && objectRef?.subresource === 'status' && objectRef.name === 'acme').length;
      const before = statusWrites();
      // Of a group that the Cluster does not have: looked at, and nothing is written.
      await scaled('fine-idle', 1, 'idle');
      await new Promise((resolve) => setTimeout(resolve, 300));
      await scaled('fine-a', 30);
      expect(await eventually(async () => { const now = await condition('acme', 'WithinQuota'); return now?.status === 'False' ? now : undefined; })).toMatchObject({ reason: 'Exceeded', message: expect.stringMatching(/machines where 10 machines are allowed/) });
      expect(statusWrites() - before).toBe(1);
      for (const name of ['fine-a', 'fine-idle']) await management.client.delete(resources.machineDeployments, { namespace: 'org-acme', name });
      await eventually(async () => (await condition('acme', 'WithinQuota'))?.status === 'True');
      await management.client.create(resources.kubeadmControlPlanes, { apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2', kind: 'KubeadmControlPlane', metadata: { name: 'fine', namespace: 'org-acme', labels: { 'cluster.x-k8s.io/cluster-name': 'fine' } }, spec: { replicas: 31 } });
      expect(await eventually(async () => { const now = await condition('acme', 'WithinQuota'); return now?.status === 'False' ? now : undefined; })).toMatchObject({ message: expect.stringMatching(/there are 3\d machines where 10 machines are allowed/) });
      await management.client.delete(resources.kubeadmControlPlanes, { namespace: 'org-acme', name: 'fine' });
      await eventually(async () => (await condition('acme', 'WithinQuota'))?.status === 'True');
    });

    it('lets a Cluster shrink although there is too much', async () => {
      await management.client.patch(resources.organizations, { name: 'acme' }, { type: 'merge', body: { spec: { quota: { machines: 1 } } } });
      const scaled = (replicas: number) => management.api.client.patch(resources.clusters, { namespace: 'org-acme', name: 'fine' }, { type: 'json', body: [{ op: 'replace', path: '/spec/topology/workers/machineDeployments/0/replicas', value: replicas }] });
      await expect(scaled(2)).rejects.toThrow(/machines of 1/);
      await expect(scaled(0)).resolves.toBeDefined();
      await management.client.patch(resources.organizations, { name: 'acme' }, { type: 'merge', body: { spec: { quota: { machines: 10 } } } });
    });
  });

  describe('escapes in two steps', () => escapeCases(() => management, member));

  describe('defaults', () => defaultsCases(() => management));

  describe('chains of two steps', () => chainCases(() => management));

  describe('the way out', () => {
    it('is refused while clusters live, and goes with them once it is confirmed', async () => {
      const { client } = management;
      await make('leaving');
      await isReady('leaving');
      await eventually(async () => (await client.create(resources.clusters, { ...clusterOf('last', 'org-leaving'), metadata: { name: 'last', namespace: 'org-leaving', finalizers: ['test.example/hold'] } })) !== undefined);
      await expect(client.delete(resources.organizations, { name: 'leaving' })).rejects.toThrow(/organization leaving has the cluster last: delete them first, or confirm/);
      await expect(client.delete(resources.namespaces, { name: 'org-leaving' })).rejects.toThrow(/this namespace goes with its Organization/);
      await client.patch(resources.organizations, { name: 'leaving' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/confirm-deletion': 'leaving' } } } });
      await client.delete(resources.organizations, { name: 'leaving' });
      expect(await eventually(async () => { const now = await condition('leaving', 'Ready'); return now?.reason === 'DeletingClusters' ? now : undefined; })).toMatchObject({ message: 'last' });
      await client.patch(resources.clusters, { namespace: 'org-leaving', name: 'last' }, { type: 'merge', body: { metadata: { finalizers: null } } });
      await eventually(async () => (await get('leaving')) === undefined);
      expect(await client.get(resources.namespaces, { name: 'org-leaving' })).toBeUndefined();
    }, 60_000);
  });

  it('killed while it gives rights to many, the operator ends with exactly those', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `many-${i}`);
    await Promise.all(names.map((name) => make(name)));
    await eventually(() => management.client.get(resources.namespaces, { name: 'org-many-0' }));
    await operator.kill();
    await Promise.all(names.slice(0, 3).map((name) => management.client.patch(resources.organizations, { name }, { type: 'merge', body: { spec: { members: [{ kind: 'User', name: 'oidc:only', role: 'reader' }] } } })));
    operator = management.startOperator();
    for (const name of names) await eventually(async () => { const now = await get(name); return now?.status?.conditions?.some(({ type, status, observedGeneration }) => type === 'Ready' && status === 'True' && observedGeneration === now.metadata.generation); }, 60_000);
    for (const [i, name] of names.entries()) {
      const { items } = await management.client.list<KubeObject & { subjects: { name: string }[] }>(resources.roleBindings, { namespace: `org-${name}` });
      const found = items.map(({ metadata, subjects }) => `${metadata.name}: ${subjects.map((subject) => subject.name).join(' ')}`).sort();
      expect(found).toEqual(i < 3
        ? ['keelson-organization-automation: automation', 'keelson-organization-reader: oidc:only']
        : ['keelson-organization-admin: oidc:' + name + '-admin', `keelson-organization-automation: automation oidc:${name}-automation`, `keelson-organization-editor: oidc:${name}-editor`, `keelson-organization-reader: oidc:${name}-reader`]);
    }
  }, 90_000);

  it('no right of the operator for organizations, or of the extension, is never used, and nothing was forbidden', async () => {
    const rights = await rightsOfAccounts(management.client);
    const ours = ['ClusterRole keelson-operator-organizations', 'ClusterRole keelson-topology-extension'];
    // Seen with all the rights of the same account: two roles that give the same are told, too.
    expect(rights.filter(({ role }) => ours.includes(role)).length).toBeGreaterThan(20);
    expect(unusedRights(rights, usesIn(management.audited())).filter((line) => ours.some((role) => line.includes(`(${role})`)))).toEqual([]);
    const refused = management.audited().filter(({ objectRef, responseStatus }) => responseStatus?.code === 403 && ['organizations', 'namespaces', 'rolebindings', 'resourcequotas', 'limitranges', 'networkpolicies', 'serviceaccounts'].includes(objectRef?.resource ?? ''));
    expect(refused).toEqual([]);
    // Counting reads the cache; only an Organization on its way out asks what is still there.
    const listed = management.audited().filter(({ user, verb, objectRef }) => user.username.endsWith(':keelson-operator') && verb === 'list' && objectRef?.resource === 'clusters' && objectRef.namespace !== undefined);
    expect([...new Set(listed.map(({ objectRef }) => objectRef?.namespace))]).toEqual(['org-leaving']);
  });

  it('no Secret\'s content is in a log of any operator that ran, in an event or in a status', async () => {
    const { auth } = cloud.cloud.clouds().clouds['keelson'] as { auth: Record<string, string> };
    const contents = Object.entries(auth).filter(([key]) => /password|secret|token/.test(key)).map(([, value]) => value);
    expect(contents.length).toBeGreaterThan(0);
    const [events, coreEvents, organizations] = await Promise.all([resources.events, resources.coreEvents, resources.organizations].map(async (resource) => JSON.stringify((await management.client.list(resource)).items)));
    expect(events).toMatch(/Verified/);
    expect(management.logs()).toMatch(/Verified/);
    for (const content of [...contents, 'the-key-of-a-test', 'hidden-in-a-test']) {
      for (const form of [content, Buffer.from(content).toString('base64')]) {
        for (const said of [management.logs(), events!, coreEvents!, organizations!]) expect(said.includes(form) ? said.slice(Math.max(0, said.indexOf(form) - 200), said.indexOf(form)) : '').toBe('');
      }
    }
  });

  async function bindAll(user: string): Promise<void> {
    const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'careless', namespace: 'org-acme' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'careless' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }] };
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'careless' }, rules: [{ apiGroups: foreignKinds.map(({ group }) => group), resources: ['*'], verbs: ['create', 'update', 'patch', 'delete', 'get', 'list'] }] };
    await management.client.apply(resources.clusterRoles, role, { fieldManager: 'test', force: true });
    await management.client.apply(resources.roleBindings, object, { fieldManager: 'test', force: true });
    await eventually(() => management.as(user).may('create', 'machines.cluster.x-k8s.io', { namespace: 'org-acme' }));
  }
});

function change(cluster: ReturnType<typeof clusterOf>, topology: object): KubeObject {
  return { ...cluster, spec: { ...cluster.spec, topology: { ...cluster.spec.topology, ...topology } } };
}
