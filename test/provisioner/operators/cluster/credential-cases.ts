/** What a cluster of the running operator has to reach its cloud: a credential of its own, that may little and is renewed. */
import { type Condition, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { parseClouds, type ServiceType, Session } from '../../../../provisioner/openstack/index.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';
import type { Running } from '../../../sandbox/openstack/fixture.ts';
import { namespace } from '../fleet.ts';
import { eventually, type TestContext } from '../surroundings.ts';

export interface ClusterAndCloud {
  readonly management: ApiServer;
  readonly cloud: Running;
  readonly context: TestContext;
  /** A Cluster with the Secret of its cloud. */
  create(name: string, o: { readonly secret: string }): Promise<unknown>;
  /** A Secret with clouds.yaml of this entry of the simulated cloud. */
  cloudSecret(name: string, entry: string): Promise<unknown>;
  condition(name: string, type: string): Promise<Condition | undefined>;
  /** Whether Cluster API may begin with it. */
  isLetGo(name: string): Promise<boolean>;
}

/** @param theirs once they run, with the Cluster `fits` */
export function credentialCases(theirs: () => ClusterAndCloud): void {
  const held = async (name: string): Promise<{ id: string; session: Session; text: string }> => {
    const secret = await eventually(() => theirs().management.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, { namespace, name: `${name}-cloud-credential` }));
    const text = Buffer.from(secret.data['clouds.yaml'] ?? '', 'base64').toString();
    const entry = parseClouds(text, 'openstack');
    const session = new Session({ cloud: entry, userAgent: 'test' });
    sessions.push(session);
    return { id: entry.auth.application_credential_id ?? '', session, text };
  };
  const sessions: Session[] = [];
  afterAll(() => { for (const session of sessions) session.close(); });
  const status = async (session: Session, ...[service, method, path, body]: [ServiceType, string, string, object?]): Promise<number> => (await session.exchange(service, method, path, body ? { body } : {})).status;
  /** Wakes the controller without a change that matters. */
  const touch = (name: string, value: string) => theirs().management.client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { spec: { infrastructureRef: { kind: 'OpenStackCluster', name: value } } } });

  it('may do what cloud controller manager and CSI driver do, and nothing else', async () => {
    const { session, text } = await held('fits');
    expect(await Promise.all([status(session, 'compute', 'GET', '/servers/detail'), status(session, 'network', 'GET', '/v2.0/ports'), status(session, 'load-balancer', 'GET', '/v2.0/lbaas/loadbalancers'), status(session, 'volumev3', 'GET', '/volumes/detail')])).toEqual([200, 200, 200, 200]);
    expect(await status(session, 'volumev3', 'POST', '/volumes', { volume: { size: 1 } })).toBe(202);
    const refused = await Promise.all([
      status(session, 'network', 'POST', '/v2.0/networks', { network: {} }), status(session, 'network', 'DELETE', '/v2.0/routers/x'), status(session, 'compute', 'DELETE', '/servers/x'), status(session, 'compute', 'POST', '/servers', { server: {} }),
      status(session, 'image', 'GET', '/v2/images'), status(session, 'identity', 'POST', `/users/${(await session.userId()) ?? ''}/application_credentials`, { application_credential: { name: 'x' } }),
    ]);
    expect(refused.every((code) => code === 401 || code === 403)).toBe(true);
    const { auth } = theirs().cloud.cloud.clouds().clouds['keelson-password'] as { auth: { password: string } };
    expect(text).not.toContain(auth.password);
    expect(await theirs().condition('fits', 'CredentialReady')).toMatchObject({ status: 'True', reason: 'Minted' });
  }, 30_000);

  it('are renewed after a month; the old ones work for a day more', async () => {
    const old = await held('fits');
    theirs().context.turn(31 * 86_400_000);
    await touch('fits', 'fits-y');
    await eventually(async () => (await held('fits')).id !== old.id);
    const next = await held('fits');
    expect([await status(old.session, 'network', 'GET', '/v2.0/ports'), await status(next.session, 'network', 'GET', '/v2.0/ports')]).toEqual([200, 200]);
    theirs().context.turn(90_000_000);
    await touch('fits', 'fits-z');
    await eventually(() => theirs().cloud.cloud.state.keystone.applicationCredentials[old.id] === undefined);
    expect(theirs().cloud.cloud.state.keystone.applicationCredentials[next.id]).toBeDefined();
    theirs().context.turn(-31 * 86_400_000 - 90_000_000);
  }, 60_000);

  it('cannot be made with an application credential that may not: refused, unless somebody allows to share', async () => {
    await theirs().cloudSecret('restricted', 'keelson');
    await theirs().create('sharing', { secret: 'restricted' });
    const refused = await eventually(async () => ((await theirs().condition('sharing', 'PreflightPassed'))?.status === 'False' ? theirs().condition('sharing', 'PreflightPassed') : undefined));
    expect(refused?.message).toMatch(/^spec\.topology\.variables\.cloud\.identity: these credentials cannot make an application credential for the cluster: .* or make Secret sharing-cloud-credential .* keelson\.dev\/workload-credential: shared$/);
    expect(await theirs().condition('sharing', 'CredentialReady')).toMatchObject({ status: 'False', reason: 'CannotMint' });
    await theirs().management.client.patch(resources.clusters, { namespace, name: 'sharing' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/workload-credential': 'shared' } } } });
    await eventually(() => theirs().isLetGo('sharing'));
    expect(await theirs().condition('sharing', 'CredentialReady')).toMatchObject({ status: 'True', reason: 'Shared' });
  }, 60_000);

  it('are never made with all roles of somebody who rules over others', async () => {
    // This Keystone has admin imply member, which others have not: somebody with a role of rule alone.
    const { keystone } = theirs().cloud.cloud.state;
    const admin = Object.values(keystone.users).find(({ name }) => name === 'admin')!.id;
    keystone.assignments = keystone.assignments.filter(({ user_id, role_id }) => user_id !== admin || keystone.roles[role_id]?.name !== 'admin');
    await theirs().cloudSecret('ruler', 'admin');
    await theirs().create('ruled', { secret: 'ruler' });
    const said = await eventually(() => theirs().condition('ruled', 'CredentialReady'));
    expect(said).toMatchObject({ status: 'False', reason: 'CannotMint', message: expect.stringMatching(/they hold the roles load-balancer_admin in their project, and none of those that a cluster may have \(member, load-balancer_member\); give their user the role member/) });
    expect(await theirs().isLetGo('ruled')).toBe(false);
    expect(Object.values(keystone.applicationCredentials).filter(({ description }) => description?.includes('/ruled:'))).toEqual([]);
  }, 30_000);

  it('that a person provides are left as they are', async () => {
    await theirs().cloudSecret('given-cloud-credential', 'keelson');
    await theirs().create('given', { secret: 'restricted' });
    await eventually(() => theirs().isLetGo('given'));
    expect(await theirs().condition('given', 'CredentialReady')).toMatchObject({ status: 'True', reason: 'Provided' });
  }, 60_000);
}
