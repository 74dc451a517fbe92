/** Logins to a workload cluster: who gets one, what it may do, who reads it, and that nothing is left. The order matters: the last ones turn the clock and break the policies. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { keelson } from './keelson.ts';
import { accessOf, admissionKinds, ask, loginOf, may, type Person, type Plane, refused, teamNamespace, whenReason } from './plane.ts';

export function clusterAccessCases(theirs: () => Plane): void {
  let plane: Plane;
  let [rita, bob, edda, adam, olga] = [] as unknown as [Person, Person, Person, Person, Person];

  beforeAll(async () => {
    plane = theirs();
    rita = await plane.person('oidc:rita', { groups: ['oidc:team-a'], role: 'keelson-organization-reader' });
    bob = await plane.person('oidc:bob', { role: 'keelson-organization-reader' });
    edda = await plane.person('oidc:edda', { role: 'keelson-organization-editor' });
    adam = await plane.person('oidc:adam', { role: 'keelson-organization-admin' });
    olga = await plane.person('oidc:olga', { role: 'keelson-fleet-owner' });
    // Policies and aggregated roles take effect a moment after they were written.
    await eventually(() => refused(rita.client.create(resources.clusterAccesses, ask('probe', { role: 'editor' }), { dryRun: true })));
    await eventually(() => rita.client.create(resources.clusterAccesses, ask('probe', { role: 'reader' }), { dryRun: true }));
    await eventually(() => adam.client.create(resources.clusterAccesses, ask('probe', { role: 'admin' }), { dryRun: true }));
  }, 180_000);

  const create = (who: Person, name: string, spec: object) => who.client.create<KubeObject>(resources.clusterAccesses, ask(name, spec));

  it('gives a reader a certificate that reads the namespaces of teams, no Secret and nothing of the platform', async () => {
    const made = await create(rita, 'rita-1', { role: 'reader', groups: ['oidc:team-a'], reason: 'look at pods' });
    expect((made['spec'] as { requester: unknown }).requester).toEqual({ username: 'oidc:rita', groups: ['oidc:team-a', 'system:authenticated'] });
    await whenReason(plane.api, 'rita-1', 'Issued');
    const login = await loginOf(rita, 'rita-1');
    await eventually(() => may(login, 'list', 'pods', teamNamespace));
    expect(await may(login, 'get', 'secrets', teamNamespace)).toBe(false);
    expect(await may(login, 'create', 'pods', teamNamespace)).toBe(false);
    expect(await may(login, 'list', 'pods', 'kube-system')).toBe(false);
    expect(await may(login, 'list', 'pods')).toBe(false);
    login.close();
  }, 60_000);

  it('has it signed for a user and a group that only this login has', async () => {
    const secret = await rita.client.get<KubeObject & { data: { kubeconfig: string } }>(resources.secrets, { namespace, name: 'keelson-access-rita-1' });
    const { users } = parse(Buffer.from(secret!.data.kubeconfig, 'base64').toString()) as { users: { user: { 'client-certificate-data': string } }[] };
    const certificate = new X509Certificate(Buffer.from(users[0]!.user['client-certificate-data'], 'base64'));
    const { metadata, status } = (await accessOf(plane.api, 'rita-1'))!;
    expect(certificate.subject.split(/\n| \+ /).sort()).toEqual(['CN=keelson:oidc:rita', `O=keelson:access:${metadata.uid}`, 'O=keelson:oidc:team-a']);
    expect(certificate.serialNumber.toLowerCase()).toBe(status?.serialNumber);
    expect(Math.abs(certificate.validToDate.getTime() - Date.parse(status!.expiresAt!))).toBeLessThan(10_000);
  });

  it('lets nobody but the requester read the Secret, and the requester no other one', async () => {
    for (const { client } of [bob, edda, adam]) expect(await refused(client.get(resources.secrets, { namespace, name: 'keelson-access-rita-1' }))).toMatch(/oidc:(bob|edda|adam)/);
    for (const name of ['demo-kubeconfig', 'demo-ca', 'keelson-access-bob-1']) expect(await refused(rita.client.get(resources.secrets, { namespace, name }))).toContain('oidc:rita');
    expect(await refused(rita.client.list(resources.secrets, { namespace }))).toContain('oidc:rita');
    const { ownerReferences } = (await plane.api.client.get(resources.secrets, { namespace, name: 'keelson-access-rita-1' }))!.metadata;
    expect(ownerReferences).toMatchObject([{ kind: 'ClusterAccess', name: 'rita-1' }]);
  });

  it('lets nobody but the operator write the kubeconfig that somebody will use', async () => {
    const kubeconfig = Buffer.from(JSON.stringify({ kind: 'Config', users: [{ name: 'x', user: { exec: { command: 'sh' } } }] })).toString('base64');
    const forged = (name: string, type = 'Opaque'): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', type, metadata: { name, namespace }, data: { kubeconfig } });
    const { type, metadata } = (await plane.api.client.get<KubeObject>(resources.secrets, { namespace, name: 'keelson-access-rita-1' }))!;
    for (const { client } of [edda, adam]) {
      expect(await refused(client.replace(resources.secrets, { ...forged(metadata.name, String(type)), metadata: { name: metadata.name, namespace } }))).toMatch(/forbidden|denied/i);
      expect(await refused(client.create(resources.secrets, forged('keelson-access-next')))).toMatch(/forbidden|denied/i);
      expect(await refused(client.create(resources.secrets, forged('other', 'keelson.dev/cluster-access')))).toMatch(/forbidden|denied/i);
    }
    await edda.client.create(resources.secrets, forged('their-own'));
  });

  it('writes who asks into the request, whatever stood there', async () => {
    const made = await create(rita, 'forged', { role: 'reader', requester: { username: 'oidc:adam', groups: ['system:masters'] } });
    expect((made['spec'] as { requester: { username: string } }).requester.username).toBe('oidc:rita');
  });

  it.each([
    ['a role wider than the own', () => rita, { role: 'editor' }, /editor is wider than what oidc:rita has/],
    ['cluster-admin, by an admin of the organization', () => adam, { role: 'cluster-admin', clusterWide: true, reason: 'because I want to' }, /cluster-admin is wider/],
    ['the namespaces of the platform, by an editor', () => edda, { role: 'editor', namespaces: ['kube-system'] }, /only the fleet's owners/],
    ['the whole cluster, by an admin', () => adam, { role: 'admin', clusterWide: true }, /only the fleet's owners/],
    ['groups of others', () => rita, { role: 'reader', groups: ['oidc:team-b'] }, /only groups that you are in/],
    ["Kubernetes' groups", () => rita, { role: 'reader', groups: ['system:authenticated'] }, /system:/],
    ['a day', () => rita, { role: 'reader', ttl: '24h' }, /between 10m and 12h/],
    ['a minute', () => rita, { role: 'reader', ttl: '1m' }, /between 10m and 12h/],
    ['cluster-admin without a reason', () => olga, { role: 'cluster-admin', clusterWide: true }, /needs a reason/],
    ['cluster-admin for two hours', () => olga, { role: 'cluster-admin', clusterWide: true, reason: 'a long repair', ttl: '2h' }, /1h at most/],
    ['nothing', () => rita, {}, /give a role/],
  ] as const)('refuses %s', async (_what, who, spec, message) => {
    expect(await refused(create(who(), 'too-wide', spec))).toMatch(message);
  });

  it('refuses changes', async () => {
    const edit = { type: 'merge', body: { spec: { role: 'admin' } } } as const;
    expect(await refused(plane.api.client.patch(resources.clusterAccesses, { namespace, name: 'rita-1' }, edit))).toMatch(/cannot be changed/);
    expect(await refused(rita.client.patch(resources.clusterAccesses, { namespace, name: 'rita-1' }, { ...edit, subresource: 'status' }))).toMatch(/oidc:rita/);
  });

  it('ends the rights of a certificate that still lives when the request is deleted', async () => {
    await create(edda, 'edda-1', { role: 'editor', namespaces: [teamNamespace] });
    await whenReason(plane.api, 'edda-1', 'Issued');
    const login = await loginOf(edda, 'edda-1');
    await eventually(() => may(login, 'create', 'pods', teamNamespace));
    expect(await may(login, 'create', 'pods', 'default')).toBe(false);
    await edda.client.delete(resources.clusterAccesses, { namespace, name: 'edda-1' });
    await eventually(async () => !(await may(login, 'create', 'pods', teamNamespace)));
    await eventually(async () => (await plane.api.client.get(resources.secrets, { namespace, name: 'keelson-access-edda-1' })) === undefined);
    login.close();
  }, 60_000);

  it('is told by the command line: whose login it is that may do something, and what logins somebody has', async () => {
    await create(edda, 'asked', { role: 'editor', namespaces: [teamNamespace] });
    const { status } = await whenReason(plane.api, 'asked', 'Issued');
    const ask = async (...args: string[]): Promise<string> => (await keelson({ kubeconfig: plane.api.kubeconfig }, ['access', ...args])).out;
    const byLogin = `ClusterAccess asked until ${status?.expiresAt ?? ''}`;
    const row = new RegExp(`^User +oidc:edda +${teamNamespace} +ClusterRole keelson-access-editor +${byLogin}$`, 'm');
    expect(await ask('who-can', 'create', 'pods', '-n', teamNamespace, '--cluster', 'org-demo/demo')).toMatch(row);
    expect(JSON.parse(await ask('who-can', 'create', 'pods', '-n', teamNamespace, '--cluster', 'org-demo/demo', '-o', 'json')))
      .toContainEqual(expect.objectContaining({ login: { access: 'ClusterAccess asked', cluster: 'org-demo/demo', requester: 'oidc:edda', role: 'editor', expiresAt: status?.expiresAt } }));
    expect(await ask('of', 'oidc:edda', '--cluster', 'org-demo/demo')).toMatch(new RegExp(`^${teamNamespace} +ClusterRole keelson-access-editor +${byLogin} `, 'm'));
    expect(await ask('of', 'oidc:edda')).toMatch(new RegExp(`^cluster org-demo/demo +editor +${byLogin} +see --cluster org-demo/demo$`, 'm'));
    expect(await ask('of', 'oidc:rita', '--cluster', 'org-demo/demo')).not.toContain('ClusterAccess asked');
    await edda.client.delete(resources.clusterAccesses, { namespace, name: 'asked' });
    await eventually(async () => !(await ask('of', 'oidc:edda')).includes('ClusterAccess asked'));
  }, 60_000);

  it('gives the same name, asked for again, other rights: the old certificate has none', async () => {
    await create(edda, 'again', { role: 'editor' });
    await whenReason(plane.api, 'again', 'Issued');
    const old = await loginOf(edda, 'again');
    await edda.client.delete(resources.clusterAccesses, { namespace, name: 'again' });
    await eventually(() => create(edda, 'again', { role: 'reader' }));
    await whenReason(plane.api, 'again', 'Issued');
    await eventually(async () => !(await may(old, 'list', 'pods', teamNamespace)));
    const now = await eventually(async () => {
      const login = await loginOf(edda, 'again');
      return (await may(login, 'list', 'pods', teamNamespace)) && login;
    });
    expect(await may(now, 'create', 'pods', teamNamespace)).toBe(false);
    old.close();
    now.close();
  }, 60_000);

  it('refuses the eleventh that one person has open, and lets others in', async () => {
    for (let i = 1; i <= 12; i++) await create(bob, `bob-${i}`, { role: 'reader' });
    const reasons = await eventually(async () => {
      const all = await Promise.all(Array.from({ length: 12 }, (_, i) => accessOf(plane.api, `bob-${i + 1}`)));
      const said = all.map((access) => access?.status?.conditions?.[0]?.reason ?? '');
      return said.every((reason) => reason === 'Issued' || reason === 'TooManyOpen') && said;
    });
    expect(reasons.filter((reason) => reason === 'Issued')).toHaveLength(10);
    await create(adam, 'adam-1', { role: 'admin' });
    await whenReason(plane.api, 'adam-1', 'Issued');
  }, 60_000);

  it('refuses a cluster that is not there, and a role that is no longer had', async () => {
    await create(rita, 'nowhere', { cluster: 'gone', role: 'reader' });
    await whenReason(plane.api, 'nowhere', 'ClusterNotFound');
    await plane.stopOperator();
    const carl = await plane.person('oidc:carl', { role: 'keelson-organization-editor' });
    await eventually(() => create(carl, 'carl-1', { role: 'editor' }));
    await plane.api.client.delete(resources.roleBindings, { namespace, name: 'keelson-organization-editor-oidc-carl' });
    await eventually(async () => !(await may(carl.client, 'assume', 'workloadroles', namespace, 'keelson.dev')));
    plane.startOperator();
    await whenReason(plane.api, 'carl-1', 'RoleRefused');
    expect(await plane.api.client.get(resources.secrets, { namespace, name: 'keelson-access-carl-1' })).toBeUndefined();
  }, 60_000);

  it('logs a fleet owner in as cluster-admin by one command, with an event, and says so in metrics', async () => {
    const { out, code } = await keelson(olga, ['cluster', 'kubeconfig', 'demo', '-n', namespace, '--admin', '--reason', 'etcd is full, ticket 4711']);
    expect(code).toBe(0);
    expect(parse(out)).toMatchObject({ kind: 'Config', 'current-context': 'org-demo-demo' });
    expect(plane.context.said.filter((line) => line.startsWith('event Warning ClusterAdminAccess Cluster demo'))).toEqual([expect.stringMatching(/oidc:olga has role cluster-admin in the whole cluster of cluster demo until .*: etcd is full, ticket 4711/)]);
    expect(await plane.registry.metrics()).toContain('keelson_cluster_access_open{cluster_namespace="org-demo",cluster="demo",role="cluster-admin"} 1');
  }, 60_000);

  it('logs a reader in with the widest role there is for them, and tells why one is refused', async () => {
    const { out } = await keelson(edda, ['cluster', 'kubeconfig', 'demo', '-n', namespace]);
    expect(parse(out)).toMatchObject({ kind: 'Config' });
    const cases: [Person, string[], RegExp][] = [
      [rita, ['--role', 'editor'], /editor is wider than what oidc:rita has/],
      [rita, ['--admin', '--reason', 'just to see it'], /cluster-admin is wider/],
      [rita, ['--ttl', '2d'], /--ttl 2d: from 10m to 12h/],
      [olga, ['--admin'], /--admin needs --reason/],
    ];
    for (const [who, args, message] of cases) await expect(keelson(who, ['cluster', 'kubeconfig', 'demo', '-n', namespace, ...args])).rejects.toThrow(message);
    await expect(keelson(rita, ['cluster', 'kubeconfig', 'nowhere', '-n', namespace])).rejects.toThrow('there is no Cluster org-demo/nowhere');
  }, 60_000);

  it('prints a kubeconfig without secrets where the cluster takes tokens, by the certificate authority that only the operator tells', async () => {
    const variables = [{ name: 'api', value: { authentication: { issuers: [{ url: 'https://dex.example.com', audiences: ['keelson'] }] } } }];
    const at = { namespace, name: 'demo' };
    await plane.api.client.patch(resources.clusters, at, { type: 'merge', body: { spec: { topology: { variables } } } });
    const { out } = await keelson(rita, ['cluster', 'kubeconfig', 'demo', '-n', namespace]);
    expect(parse(out)).toMatchObject({ clusters: [{ cluster: { server: plane.api.url } }], users: [{ user: { exec: { args: ['access', 'token', '--issuer-url=https://dex.example.com', '--client-id=keelson'] } } }] });
    const forged = { type: 'merge', body: { data: { 'ca.crt': 'mine' } } } as const;
    expect(await refused(edda.client.patch(resources.configMaps, { namespace, name: 'demo-connection' }, forged))).toMatch(/only the operator says/);
    await edda.client.delete(resources.configMaps, { namespace, name: 'demo-connection' });
    await edda.client.create(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'demo-connection', namespace }, data: { server: 'https://evil.example.com', 'ca.crt': 'mine' } });
    await expect(keelson(rita, ['cluster', 'kubeconfig', 'demo', '-n', namespace])).rejects.toThrow(/not the operator's/);
    await plane.api.client.patch(resources.clusters, at, { type: 'merge', body: { spec: { topology: { variables: null } } } });
  }, 60_000);

  it('takes everything away when the time is over', async () => {
    const login = await loginOf(rita, 'rita-1');
    await plane.stopOperator();
    plane.context.turn(2 * 3_600_000);
    plane.startOperator();
    await eventually(async () => (await plane.api.client.list(resources.clusterAccesses)).items.length === 0);
    await eventually(async () => !(await may(login, 'list', 'pods', teamNamespace)));
    for (const resource of [resources.secrets, resources.roles, resources.roleBindings]) {
      await nothingIs(async () => (await plane.api.client.list(resource)).items.filter(({ metadata: { name } }) => name.startsWith('keelson-access-') || name.startsWith('keelson:')));
    }
    await nothingIs(async () => (await plane.api.client.list(resources.clusterRoleBindings, { labelSelector: 'keelson.dev/access' })).items);
    login.close();
  }, 60_000);

  it('refuses every request while the policy that writes down who asks is missing', async () => {
    await plane.api.client.delete(admissionKinds['MutatingAdmissionPolicyBinding']!, { name: 'keelson-cluster-access-requester' });
    const spec = { role: 'reader', requester: { username: 'oidc:adam', groups: [] } };
    await eventually(async () => (await refused(create(rita, 'unfilled', spec))).includes('must be who writes the request'));
  }, 60_000);

  it('had every right that it needed from the chart', () => {
    expect(plane.context.said.filter((line) => /forbidden|KUBE_FORBIDDEN/i.test(line))).toEqual([]);
  });

  it('told no key, certificate or token', () => {
    const said = plane.context.said.join('\n');
    expect(said).toMatch(/Issued/);
    expect(said).not.toMatch(/PRIVATE KEY|BEGIN|LS0tLS1|eyJ[A-Za-z0-9_-]{10,}\./);
  });
}

/** Rights go on an event of their own, a moment after the object. */
async function nothingIs(list: () => Promise<readonly KubeObject[]>): Promise<void> {
  await eventually(async () => {
    const left = (await list()).map(({ metadata }) => metadata.name);
    if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`);
    return true;
  });
}
