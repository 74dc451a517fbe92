/** What admission says of Clusters and Organizations, without an API server. The whole way is in operators/organization. */
import type { Organization } from '../../../provisioner/api/organization.ts';
import type { KubeObject } from '../../../provisioner/kube/index.ts';
import { type Footprint, nothing } from '../../../provisioner/preflight/footprint.ts';
import { quotaRefusal } from '../../../provisioner/topology/quota/cluster-quota.ts';
import { deletionRefusal, identityRefusal, namespaceRefusal, projectRefusal } from '../../../provisioner/topology/quota/organization-rules.ts';
import { Reservations } from '../../../provisioner/topology/quota/reservations.ts';
import { answerTo, readReview } from '../../../provisioner/topology/quota/review.ts';

const organization = (o: { name?: string; quota?: object; projects?: readonly string[]; annotations?: Record<string, string>; status?: object; contact?: object } = {}): Organization => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'Organization', metadata: { name: o.name ?? 'acme', ...(o.annotations ? { annotations: o.annotations } : {}) },
  spec: { members: [], identities: (o.projects ?? []).map((project) => ({ type: 'Secret', name: 'cloud', cloudName: 'openstack', project })), allowedClasses: [], quota: o.quota ?? {}, ...(o.contact ? { contact: o.contact } : {}) },
  ...(o.status ? { status: o.status } : {}),
});
const takes = (o: Partial<Footprint>): Footprint => ({ ...nothing, clusters: 1, ...o });

describe('a Cluster and the quota', () => {
  it('fits where nothing is bounded', () => expect(quotaRefusal({ organization: organization(), wanted: takes({ cores: 1000, unknownFlavors: ['x'] }), others: [] })).toBeUndefined());
  it('fits to the last core, and not beyond', () => {
    const ask = (cores: number) => quotaRefusal({ organization: organization({ quota: { cores: 10 } }), wanted: takes({ cores }), others: [takes({ cores: 6 })] });
    expect(ask(4)).toBeUndefined();
    expect(ask(5)).toBe('organization acme would have 11 cores of 10: ask for less, delete what is not needed, or have the quota of the Organization raised');
  });
  it('says all that is too much, and whom to ask', () => {
    const refusal = quotaRefusal({ organization: organization({ quota: { clusters: 1, memory: '8Gi', loadBalancers: 1 }, contact: { email: 'it@acme.example' } }), wanted: takes({ memory: 10_000, loadBalancers: 1 }), others: [takes({ loadBalancers: 1 })] });
    expect(refusal).toMatch(/2 clusters of 1, 10000Mi memory of 8Gi, 2 load balancers of 1: .* \(its contact is it@acme\.example\)$/);
  });
  it('may shrink or stay where there is too much already, and not grow', () => {
    const ask = (machines: number) => quotaRefusal({ organization: organization({ quota: { machines: 3 } }), wanted: takes({ machines }), before: takes({ machines: 9 }), others: [] });
    expect([ask(8), ask(9)]).toEqual([undefined, undefined]);
    expect(ask(10)).toMatch(/10 machines of 3/);
  });
  it('is refused with a flavor that cannot be counted, if cores are', () => {
    const of = (status?: object, quota: object = { cores: 5 }) => quotaRefusal({ organization: organization({ quota, ...(status ? { status } : {}) }), wanted: takes({ unknownFlavors: ['x'] }), others: [] });
    expect(of()).toMatch(/not known yet: see its condition IdentitiesReady/);
    expect(of({ flavors: [{ name: 'k.small', cores: 2, memoryMiB: 4096 }] })).toMatch(/has the flavor x, .*there are k\.small/);
    expect(of(undefined, { machines: 5 })).toBeUndefined();
  });
});

describe('an Organization beside others', () => {
  const others = [organization({ name: 'first', projects: ['p1'] })];
  it('takes no project of another', () => expect(projectRefusal(organization({ projects: ['p1'] }), undefined, others)).toMatch(/project p1 belongs to organization first/));
  it('keeps what it had, so that it can still be changed', () => expect(projectRefusal(organization({ projects: ['p1'] }), organization({ projects: ['p1'] }), others)).toBeUndefined());
  it('is not its own neighbour', () => expect(projectRefusal(organization({ name: 'first', projects: ['p1'] }), undefined, others)).toBeUndefined());
  it('gets no new clusters while a project is another\'s', () => {
    const of = (reason: string, status = 'False') => identityRefusal(organization({ status: { conditions: [{ type: 'IdentitiesReady', status, reason, message: 'm', lastTransitionTime: '' }] } }));
    expect(of('ProjectTaken')).toBe('organization acme gets no new clusters: m');
    expect([of('CloudUnreachable', 'Unknown'), of('SecretInvalid'), identityRefusal(organization())]).toEqual([undefined, undefined, undefined]);
  });
  it('takes no namespace that it was not given', () => {
    const namespace = (labels?: Record<string, string>): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'org-acme', ...(labels ? { labels } : {}) } });
    expect(namespaceRefusal(organization(), namespace())).toMatch(/label it keelson\.dev\/organization=acme/);
    expect(namespaceRefusal(organization(), namespace({ 'keelson.dev/organization': 'other' }))).toBeDefined();
    expect([namespaceRefusal(organization(), namespace({ 'keelson.dev/organization': 'acme' })), namespaceRefusal(organization(), undefined)]).toEqual([undefined, undefined]);
  });
  it('goes without clusters, or with its own name as confirmation', () => {
    expect(deletionRefusal(organization(), [])).toBeUndefined();
    expect(deletionRefusal(organization(), ['a', 'b'])).toMatch(/has 2 clusters, a, b/);
    expect(deletionRefusal(organization({ annotations: { 'keelson.dev/confirm-deletion': 'other' } }), ['a'])).toMatch(/has the cluster a/);
    expect(deletionRefusal(organization({ annotations: { 'keelson.dev/confirm-deletion': 'acme' } }), ['a'])).toBeUndefined();
  });
});

describe('what was admitted a moment ago', () => {
  it('counts until its time is over', () => {
    let now = 0;
    const reservations = new Reservations(() => now);
    reservations.hold('org-a/x', takes({ cores: 4 }));
    reservations.hold('org-b/y', takes({}));
    expect([...reservations.held('org-a/').keys()]).toEqual(['org-a/x']);
    now = 15_000;
    expect(reservations.held('org-a/').size).toBe(0);
  });
  it('is asked about one at a time, also after a failure', async () => {
    const reservations = new Reservations(() => 0);
    const order: string[] = [];
    const turn = (name: string, fails = false) => reservations.inTurn('a', async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    });
    const results = await Promise.allSettled([turn('1'), turn('2', true), turn('3')]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(order).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  });
});

describe('an AdmissionReview', () => {
  it('is read and answered with its uid', () => {
    const request = readReview({ kind: 'AdmissionReview', request: { uid: 'u', operation: 'CREATE', namespace: 'org-a', object: { metadata: { name: 'x' } }, oldObject: null } });
    expect(request).toMatchObject({ uid: 'u', dryRun: false, name: '', oldObject: undefined });
    expect(answerTo('u', undefined)).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'u', allowed: true } });
    expect(answerTo('u', 'no')).toMatchObject({ response: { allowed: false, status: { code: 403, message: 'no' } } });
  });
  it.each([[undefined], [{}], [{ request: { operation: 'CREATE' } }], [{ request: { uid: 'u', operation: 'EAT' } }]])('that is none is refused: %j', (body) => expect(() => readReview(body)).toThrow(/is no AdmissionReview/));
});
