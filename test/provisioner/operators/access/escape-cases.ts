/** Ways to more than a login gives, each tried and refused: a certificate past its end, one that is wider, a kubeconfig that runs a program. */
import { beforeAll, expect, it } from '@jest/globals';
import { KubeClient, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { readersOf } from '../../../../provisioner/operators/access/objects.ts';
import { signerClient } from '../../../../provisioner/operators/access/signer-identity.ts';
import { signLogin } from '../../../../provisioner/operators/access/signing.ts';
import { namespace } from '../fleet.ts';
import { eventually } from '../surroundings.ts';
import { keelson } from './keelson.ts';
import { accessOf, ask, may, type Person, type Plane, refused, teamNamespace, whenReason } from './plane.ts';

export function escapeCases(theirs: () => Plane): void {
  let plane: Plane;
  let eve: Person;

  beforeAll(async () => {
    plane = theirs();
    eve = await plane.person('oidc:eve', { groups: ['oidc:team-e'], role: 'keelson-organization-reader' });
    await eventually(() => eve.client.create(resources.clusterAccesses, ask('eve-1', { role: 'reader', groups: ['oidc:team-e'] })));
    await whenReason(plane.api, 'eve-1', 'Issued');
  }, 60_000);

  it('is over with its certificate: the API server refuses one that has expired, although its rights are still there', async () => {
    const { metadata } = (await accessOf(plane.api, 'eve-1'))!;
    // A cluster signs for ten minutes at least: signed here by its CA, for the same subject.
    const answer = async (notAfter: Date): Promise<number> => {
      const { cert, key } = await plane.api.ca.issue({ commonName: 'keelson:oidc:eve', organizations: [`keelson:access:${metadata.uid}`, 'keelson:oidc:team-e'], usage: 'client', notAfter });
      const client = new KubeClient({ server: plane.api.url, ca: plane.api.ca.cert, cert, key, userAgent: 'keelson-test' });
      return await client.request({ method: 'GET', path: `/api/v1/namespaces/${teamNamespace}/pods` }).then(({ status }) => status).finally(() => client.close());
    };
    expect(await answer(new Date(Date.now() + 60_000))).toBe(200);
    expect(await answer(new Date(Date.now() - 1000))).toBe(401);
  });

  it('has a signer that gets nothing wider: not the masters, by no other signer, and no other right', async () => {
    const { signal } = new AbortController();
    const signer = await signerClient(plane.api.client, { kubeconfig: plane.api.kubeconfig, clock: plane.context.clock, signal });
    const sign = (groups: readonly string[]) => signLogin(signer, { user: 'keelson:oidc:eve', groups }, { lifeMs: 600_000, why: 'a test', clock: plane.context.clock, signal });
    expect((await sign(['keelson:access:any'])).certificate).toMatch(/BEGIN CERTIFICATE/);
    // The API server's own plugin CertificateSubjectRestriction.
    expect(await refused(sign(['system:masters']))).toMatch(/system:masters/);
    const others = ['kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving', 'example.com/mine'];
    const { items } = await plane.api.client.list<KubeObject & { spec: { request: string } }>(resources.certificateSigningRequests);
    for (const [i, signerName] of others.entries()) {
      const name = `other-${i}`;
      await signer.create(resources.certificateSigningRequests, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec: { request: items[0]!.spec.request, signerName, usages: ['digital signature', 'client auth'] } } as KubeObject);
      const approval = { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }] } };
      expect(await refused(signer.patch(resources.certificateSigningRequests, { name }, { type: 'merge', subresource: 'approval', body: approval }))).toMatch(/not permitted to approve/);
    }
    for (const [verb, resource, group] of [['get', 'secrets'], ['create', 'pods'], ['impersonate', 'users'], ['create', 'clusterrolebindings', 'rbac.authorization.k8s.io'], ['update', 'certificatesigningrequests/status', 'certificates.k8s.io'], ['sign', 'signers', 'certificates.k8s.io']] as const) {
      expect([verb, resource, await may(signer, verb, resource, undefined, group ?? '')]).toEqual([verb, resource, false]);
    }
    signer.close();
  }, 60_000);

  it('prints no kubeconfig that names a program, should somebody get one into the Secret', async () => {
    await plane.stopOperator();
    const kubeconfig = JSON.stringify({ kind: 'Config', users: [{ name: 'x', user: { 'client-certificate-data': 'eA==', exec: { command: 'sh', args: ['-c', 'id'] } } }] });
    const asked = keelson(eve, ['cluster', 'kubeconfig', 'demo', '-n', namespace, '--role', 'reader', '--reason', 'who answers?']).then(({ out }) => out, (error: Error) => error);
    // As somebody could who has the operator's rights, and no operator.
    const { metadata } = await eventually(async () => (await plane.api.client.list<KubeObject & { spec: { reason: string } }>(resources.clusterAccesses, { namespace })).items.find(({ spec }) => spec.reason === 'who answers?'));
    const { role, binding } = readersOf((await accessOf(plane.api, metadata.name))!);
    await plane.api.client.create(resources.roles, role);
    await plane.api.client.create(resources.roleBindings, binding);
    await plane.api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'keelson.dev/cluster-access', metadata: { name: role.metadata.name, namespace }, data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') } } as KubeObject);
    await eventually(() => eve.client.get(resources.secrets, { namespace, name: role.metadata.name }));
    const conditions = [{ type: 'Ready', status: 'True', reason: 'Issued', message: '', lastTransitionTime: new Date().toISOString() }];
    await plane.api.client.patch(resources.clusterAccesses, { namespace, name: metadata.name }, { type: 'merge', subresource: 'status', body: { status: { conditions, secretName: role.metadata.name, expiresAt: new Date(Date.now() + 600_000).toISOString() } } });
    expect(await asked).toMatchObject({ code: 'LOGIN_REFUSED', message: expect.stringMatching(/holds exec, which the operator never writes/) });
    await eve.client.delete(resources.clusterAccesses, { namespace, name: metadata.name });
    for (const resource of [resources.secrets, resources.roleBindings, resources.roles]) await plane.api.client.delete(resource, { namespace, name: role.metadata.name });
    plane.startOperator();
  }, 60_000);
}
