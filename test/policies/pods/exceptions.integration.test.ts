/** Exceptions in a real API server: for whom they count, until when, and where Kyverno's may be. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Exception } from '../../../policies/pods/exception.ts';
import { waivedByAll } from '../../../policies/pods/exception-cel.ts';
import { actionsOf, admissionPolicy, parameters, podBinding } from '../../../policies/pods/render/admission-policy.ts';
import { exceptionGuard } from '../../../policies/pods/render/guard.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { openBox } from '../../provisioner/operators/fleet.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';
import { admissionPolicies, admissionPolicyBindings, createNamespace, denialOf, untilEnforced } from './admission.ts';

const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const yesterday = new Date(Date.now() - 86_400_000).toISOString();
const base = { namespace: 'apps', labels: {}, checks: ['hostNamespaces'], reason: 'a test of exceptions', who: [], owner: 'tests', ticket: 'T-1', expires: tomorrow } as const;
const exceptions = [
  { ...base, kind: 'DaemonSet', name: 'agent', checks: ['hostNamespaces', 'hostPorts'] },
  { ...base, kind: 'Deployment', name: 'api', labels: { team: 'a' } },
  { ...base, kind: 'CronJob', name: 'backup' },
  { ...base, kind: 'Pod', name: 'bare', who: ['alice', 'ops'] },
  { ...base, kind: 'Pod', name: 'late', expires: yesterday },
] as unknown as Exception[];

const daemonSets = 'system:serviceaccount:kube-system:daemon-set-controller';
const jobs = 'system:serviceaccount:kube-system:job-controller';
const replicaSets = 'system:serviceaccount:kube-system:replicaset-controller';

const exceptionVersions = [['kyverno.io', 'v2', 'v2beta1'], ['policies.kyverno.io', 'v1', 'v1beta1', 'v1alpha1'], ['policy.example.org', 'v9']] as const;

function exceptionKind(group: string, versions: readonly string[]): KubeObject {
  const box = openBox({ group, version: 'v0', kind: 'PolicyException', plural: 'policyexceptions' }) as KubeObject & { spec: { versions: object[] } };
  return { ...box, spec: { ...box.spec, versions: versions.map((name, i) => ({ ...box.spec.versions[0], name, storage: i === 0 })) } };
}

describeWith(apiServerNeeds, 'exceptions', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApiServer();
    for (const namespace of ['keelson-system', 'apps', 'others']) await createNamespace(api.client, namespace);
    await api.client.create(admissionPolicies, admissionPolicy({ waived: waivedByAll(exceptions) }) as KubeObject);
    const options = { name: 'all', namespace: 'keelson-system', level: 'baseline', version: 'v1.36' } as const;
    await api.client.create(resources.configMaps, parameters(options) as KubeObject);
    await api.client.create(admissionPolicyBindings, podBinding({ ...options, namespaces: { in: ['apps', 'others'] }, actions: actionsOf.deny }) as KubeObject);
    for (const object of exceptionGuard('["keelson-system"]') as KubeObject[]) await api.client.create(object.kind === 'ValidatingAdmissionPolicy' ? admissionPolicies : admissionPolicyBindings, object);
    for (const [group, ...versions] of exceptionVersions) await api.client.create(resources.customResourceDefinitions, exceptionKind(group, versions));
    await untilEnforced(api.client, 'apps');
    await untilEnforced(api.client, 'others');
  }, 180_000);
  afterAll(() => api?.stop());

  interface Attempt {
    readonly name: string;
    readonly owner?: readonly [kind: string, name: string];
    readonly labels?: Record<string, string>;
    readonly namespace?: string;
    readonly user?: string;
    readonly groups?: readonly string[];
    readonly spec?: object;
  }

  /** Creates (for show) a pod in the host network as someone else. */
  async function attempt({ name, owner, labels, namespace = 'apps', user = 'bob', groups = [], spec }: Attempt): Promise<'admitted' | 'denied'> {
    const ownerReferences = owner ? [{ apiVersion: 'apps/v1', kind: owner[0], name: owner[1], uid: '5f9e5b5c-0000-0000-0000-000000000000', controller: true }] : [];
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels, ownerReferences }, spec: { hostNetwork: true, containers: [{ name: 'a', image: 'a' }], ...spec } };
    const { status, body } = await api.client.request({
      method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: JSON.stringify(pod),
      headers: { 'content-type': 'application/json', 'impersonate-user': user, 'impersonate-group': [...groups, 'system:masters'] as never },
    });
    if (status === 201) return 'admitted';
    if (status === 403 && body.toString().includes('keelson-pod-security')) return 'denied';
    throw new Error(`${status}: ${body.toString()}`);
  }

  test.each<[string, Attempt, 'admitted' | 'denied']>([
    ['a pod of the DaemonSet, from its controller', { name: 'agent-x7x2p', owner: ['DaemonSet', 'agent'], user: daemonSets }, 'admitted'],
    ['a pod that claims to be the DaemonSet\'s', { name: 'agent-evil', owner: ['DaemonSet', 'agent'] }, 'denied'],
    ['the same name in another namespace', { name: 'agent-x7x2p', owner: ['DaemonSet', 'agent'], user: daemonSets, namespace: 'others' }, 'denied'],
    ['another DaemonSet whose name begins so', { name: 'agent-evil-x7x2p', owner: ['DaemonSet', 'agent-evil'], user: daemonSets }, 'denied'],
    ['a pod of the Deployment, by its template hash', { name: 'api-5d4f-abcde', owner: ['ReplicaSet', 'api-5d4f'], labels: { 'pod-template-hash': '5d4f', team: 'a' }, user: replicaSets }, 'admitted'],
    ['a pod of the Deployment without the label', { name: 'api-5d4f-abcde', owner: ['ReplicaSet', 'api-5d4f'], labels: { 'pod-template-hash': '5d4f' }, user: replicaSets }, 'denied'],
    ['a pod of another Deployment whose name begins so', { name: 'api-evil-5d4f-abcde', owner: ['ReplicaSet', 'api-evil-5d4f'], labels: { 'pod-template-hash': '5d4f', team: 'a' }, user: replicaSets }, 'denied'],
    ['a pod of the CronJob\'s Job', { name: 'backup-29401234-q', owner: ['Job', 'backup-29401234'], user: jobs }, 'admitted'],
    ['a pod of a Job of someone else', { name: 'backup-mine-q', owner: ['Job', 'backup-mine'], user: jobs }, 'denied'],
    ['the bare pod, from a user who is named', { name: 'bare', user: 'alice' }, 'admitted'],
    ['the bare pod, from a member of a group that is named', { name: 'bare', user: 'carol', groups: ['ops'] }, 'admitted'],
    ['the bare pod, from anyone else', { name: 'bare' }, 'denied'],
    ['a pod created after the end', { name: 'late' }, 'denied'],
    ['a pod that breaks more than is waived', { name: 'agent-x7x2p', owner: ['DaemonSet', 'agent'], user: daemonSets, spec: { hostPID: true, containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] } }, 'denied'],
  ])('%s is as it should be', async (_, pod, verdict) => {
    expect(await attempt(pod)).toBe(verdict);
  });

  test('one that ends while the API server runs counts before its end and not after', async () => {
    const ends = new Date(Date.now() + 15_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const policy = admissionPolicy({ waived: waivedByAll([{ ...base, kind: 'Pod', name: 'soon', expires: ends } as unknown as Exception]) }) as KubeObject;
    await api.client.apply(admissionPolicies, policy, { fieldManager: 'test', force: true });
    // The API server takes a moment to see the new policy; from then on until the end the pod is let in.
    let admittedMs = await eventually(async () => {
      const askedMs = Date.now();
      return (await attempt({ name: 'soon' })) === 'admitted' && askedMs;
    });
    const deniedMs = await eventually(async () => {
      const askedMs = Date.now();
      if ((await attempt({ name: 'soon' })) === 'denied') return Date.now();
      admittedMs = askedMs;
      return undefined;
    });
    // A creation is in whole seconds, rounded down, and so before an end in whole seconds exactly when it happened before it.
    expect(admittedMs).toBeLessThan(Date.parse(ends));
    expect(deniedMs).toBeGreaterThanOrEqual(Date.parse(ends));
  }, 60_000);

  test.each([
    ['kyverno.io', 'v2'], ['kyverno.io', 'v2beta1'], ['policies.kyverno.io', 'v1alpha1'], ['policies.kyverno.io', 'v1beta1'], ['policies.kyverno.io', 'v1'], ['policy.example.org', 'v9'],
  ])('of %s/%s are kept out of every namespace but the one that may have them', async (group, version) => {
    const resource = { group, version, kind: 'PolicyException', plural: 'policyexceptions', namespaced: true };
    const create = (namespace: string) =>
      api.client.create(resource, { apiVersion: `${group}/${version}`, kind: 'PolicyException', metadata: { name: 'x', namespace }, spec: {} }, { dryRun: true }).then(() => 'admitted', (error: Error) => error.message);
    const refusal = await eventually(async () => {
      const answer = await create('apps');
      return answer.includes('keelson-exception-guard') && answer;
    });
    expect(refusal).toContain('policy exceptions may only be in namespaces keelson-system');
    expect(await create('keelson-system')).toBe('admitted');
  }, 40_000);

  test('do not stop a pod that needs none', async () => {
    expect(await denialOf(api.client, { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [{ name: 'a', image: 'a' }] } }, 'apps')).toBeUndefined();
  });
});
