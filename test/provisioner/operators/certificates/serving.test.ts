import type { KubeObject } from '../../../../provisioner/kube/index.ts';
import { type Authority, successor } from '../../../../provisioner/operators/certificates/authority.ts';
import { servingDnsNames, servingPlan, servingSecret } from '../../../../provisioner/operators/certificates/serving.ts';
import { issueCa, issueServing, readCertificate } from '../../../../provisioner/operators/certificates/x509.ts';

const start = new Date('2026-01-01T00:00:00Z');
const day = 24 * 3_600_000;
const after = (ms: number) => new Date(start.getTime() + ms);
const service: KubeObject = {
  apiVersion: 'v1', kind: 'Service',
  metadata: { name: 'hook', namespace: 'team', uid: 'u1', annotations: { 'keelson.dev/serving-cert-secret': 'hook-tls' } },
};

async function issued(authority: Authority, to = service) {
  return servingSecret(to, await issueServing(authority.current, { dnsNames: servingDnsNames(to), now: start }), authority.bundle);
}

let authority: Authority;
beforeAll(async () => {
  authority = successor(undefined, { kind: 'create' }, await issueCa(start), start);
});

describe('the certificate of a Service', () => {
  it('is issued where there is none', () => {
    expect(servingPlan(service, undefined, authority, start)).toMatchObject({ kind: 'issue' });
  });

  it('is for the names clients use, by the CA, for ninety days', async () => {
    const { data } = await issued(authority);
    const certificate = readCertificate(Buffer.from(data?.['tls.crt'] ?? '', 'base64').toString());
    expect(certificate?.subjectAltName).toBe('DNS:hook.team.svc, DNS:hook.team.svc.cluster.local');
    expect(certificate?.validToDate).toEqual(after(90 * day));
    expect(certificate?.verify(readCertificate(authority.current.certificate)!.publicKey)).toBe(true);
    expect(certificate?.ca).toBe(false);
  });

  it('is kept for two thirds of its life and then issued again', async () => {
    const stored = await issued(authority);
    expect(servingPlan(service, stored, authority, after(59 * day))).toMatchObject({ kind: 'keep' });
    expect(servingPlan(service, stored, authority, after(60 * day))).toMatchObject({ kind: 'issue', why: expect.stringContaining('two thirds') as string });
  });

  it('is issued again when it is not valid yet: until then nobody could use it', async () => {
    const stored = await issued(authority);
    expect(servingPlan(service, stored, authority, after(-day))).toMatchObject({ kind: 'issue', why: 'it is not valid yet' });
  });

  it('is issued again when the Service has other names', async () => {
    const stored = await issued(authority, { ...service, metadata: { ...service.metadata, namespace: 'other' } });
    expect(servingPlan(service, stored, authority, start)).toMatchObject({ kind: 'issue', why: 'the names are others' });
  });

  it('is issued again when another CA signs', async () => {
    const other = successor(undefined, { kind: 'create' }, await issueCa(start), start);
    expect(servingPlan(service, await issued(other), authority, start)).toMatchObject({ kind: 'issue', why: 'another CA signs now' });
  });

  it('is issued again when the key in the Secret is another one', async () => {
    const [one, two] = [await issued(authority), await issued(authority)];
    const mixed = { ...one, data: { ...one.data, 'tls.key': two.data!['tls.key']! } };
    expect(servingPlan(service, mixed, authority, start)).toMatchObject({ kind: 'issue', why: 'the key is another one' });
  });

  it('stays while the trusted bundle changes around it', async () => {
    const stored = await issued(authority);
    const grown = successor(authority, { kind: 'addNext' }, await issueCa(start), start);
    expect(servingPlan(service, stored, grown, start)).toEqual({ kind: 'updateBundle' });
  });

  it('never overwrites a Secret of somebody else', async () => {
    const foreign = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hook-tls', namespace: 'team' }, data: { password: 'eA==' } };
    expect(servingPlan(service, foreign, authority, start)).toMatchObject({ kind: 'refuse' });
    const others = await issued(authority, { ...service, metadata: { ...service.metadata, name: 'another' } });
    expect(servingPlan(service, others, authority, start)).toMatchObject({ kind: 'refuse', why: 'it is for the Service another' });
  });

  it('goes with its Service', async () => {
    expect((await issued(authority)).metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Service', name: 'hook', uid: 'u1' }]);
  });

  it('has a valid subject also where the name is longer than a common name may be', async () => {
    const dnsNames = [`${'a'.repeat(63)}.${'b'.repeat(63)}.svc`];
    const { certificate } = await issueServing(authority.current, { dnsNames, now: start });
    expect(readCertificate(certificate)?.subject).toMatch(/^CN=keelson-[0-9a-f]{16}$/);
  });
});
