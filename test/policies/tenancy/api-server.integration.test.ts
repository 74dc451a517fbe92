/** What this room says about Kubernetes, asked of Kubernetes: the quota controller's sums, defaulting, admission, RBAC. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultsOf, podAmount } from '../../../policies/tenancy/lint/demand.ts';
import { inventory, type Template } from '../../../policies/tenancy/lint/inventory.ts';
import type { Manifest } from '../../../policies/tenancy/manifest.ts';
import { namespaceObjects } from '../../../policies/tenancy/namespace-objects.ts';
import { priorityClasses } from '../../../policies/tenancy/priority-classes.ts';
import { parseQuantity } from '../../../policies/tenancy/quantity.ts';
import { clusterRolesOf } from '../../../policies/tenancy/cluster-roles.ts';
import { roleNames, type RoleName } from '../../../policies/tenancy/roles.ts';
import { startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';

describeWith({ tools: ['etcd', 'kube-apiserver', 'kube-controller-manager'] }, 'tenancy in a real API server', () => {
  let api: ApiServer;
  const post = async (path: string, body: object): Promise<{ status: number; body: Answer }> => {
    const { status, body: bytes } = await api.client.request({ method: 'POST', path, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
    return { status, body: JSON.parse(bytes.toString()) as Answer };
  };
  const get = async (path: string): Promise<Answer> => JSON.parse((await api.client.request({ method: 'GET', path })).body.toString()) as Answer;
  const put = (object: Manifest): Promise<{ status: number; body: Answer }> => post(pathOf(object), object);
  const makeNamespace = async (name: string, objects: readonly Manifest[]): Promise<void> => {
    expect((await put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })).status).toBe(201);
    for (const object of objects) expect(await put(object)).toMatchObject({ status: 201 });
  };
  const pods = (namespace: string, name: string, spec: object) => post(`/api/v1/namespaces/${namespace}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
  const container = (name: string, resources = {}) => ({ name, image: 'registry.k8s.io/pause:3.10', resources });
  /** Until the controller has counted: `status.hard` is what admission compares with. */
  const quota = async (namespace: string, name: string, isReady: (status: QuotaStatus) => boolean): Promise<QuotaStatus> => {
    for (const end = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const { status } = await get(`/api/v1/namespaces/${namespace}/resourcequotas/${name}`);
      if (status.hard && status.used && isReady(status as QuotaStatus)) return status as QuotaStatus;
      if (Date.now() > end) throw new Error(`quota ${namespace}/${name} after 20 s: ${JSON.stringify(status)}`);
    }
  };

  beforeAll(async () => {
    api = await startApiServer({ controllers: ['resourcequota-controller', 'clusterrole-aggregation-controller'] });
    for (const object of priorityClasses()) expect(await put(object)).toMatchObject({ status: 201 });
  }, 120_000);
  afterAll(() => api?.stop());

  describe('a tenant’s namespace', () => {
    beforeAll(async () => {
      await makeNamespace('team', namespaceObjects({ namespace: 'team', class: 'tenant', quota: { pods: 3 } }));
      await quota('team', 'keelson', ({ hard }) => hard['pods'] === '3');
      await quota('team', 'keelson-priorities', ({ hard }) => hard['pods'] === '0');
    }, 60_000);

    test('gives a container that says nothing requests and a memory limit, and no CPU limit', async () => {
      const { status, body } = await pods('team', 'silent', { containers: [container('a')] });
      expect(status).toBe(201);
      expect(body.spec.containers[0].resources).toEqual({ requests: { cpu: '100m', memory: '128Mi', 'ephemeral-storage': '100Mi' }, limits: { memory: '256Mi', 'ephemeral-storage': '1Gi' } });
      expect(body.spec).toMatchObject({ priorityClassName: 'keelson-tenant', priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    });

    test.each(['keelson-platform-critical', 'keelson-platform', 'system-cluster-critical', 'system-node-critical'])('refuses priority %s', async (priorityClassName) => {
      const { status, body } = await pods('team', 'greedy', { priorityClassName, containers: [container('a')] });
      expect({ status, message: body.message }).toEqual({ status: 403, message: expect.stringContaining('exceeded quota: keelson-priorities') });
    });

    test('takes batch work, and refuses the pod after the last', async () => {
      expect((await pods('team', 'batch', { priorityClassName: 'keelson-batch', containers: [container('a')] })).body.spec).toMatchObject({ priority: -1000, preemptionPolicy: 'Never' });
      expect((await pods('team', 'third', { containers: [container('a')] })).status).toBe(201);
      expect((await pods('team', 'fourth', { containers: [container('a')] })).body.message).toMatch(/exceeded quota: keelson, requested: pods=1, used: pods=3, limited: pods=3/);
    });

    test('takes two load balancers of four ports, and no third', async () => {
      const service = (name: string, ports: number) => post('/api/v1/namespaces/team/services', { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'LoadBalancer', ports: Array.from({ length: ports }, (_, i) => ({ name: `p${i}`, port: 80 + i })) } });
      expect((await service('a', 4)).status).toBe(201);
      expect((await service('b', 4)).status).toBe(201);
      expect((await service('c', 1)).body.message).toMatch(/services\.loadbalancers=2/);
    });

    test('bounds a claim', async () => {
      const claim = (storage: string) => post('/api/v1/namespaces/team/persistentvolumeclaims', { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { generateName: 'c-' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } });
      expect((await claim('500Mi')).body.message).toMatch(/minimum storage usage per PersistentVolumeClaim is 1Gi/);
      expect((await claim('201Gi')).body.message).toMatch(/maximum storage usage per PersistentVolumeClaim is 200Gi/);
      expect((await claim('10Gi')).status).toBe(201);
    });
  });

  test.each(['system', 'observability'] as const)('the objects of class %s are taken', async (name) => {
    await makeNamespace(`of-${name}`, namespaceObjects({ namespace: `of-${name}`, class: name }));
  });

  test('the lint adds up pods as the quota controller does', async () => {
    const limits: Manifest = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l', namespace: 'sums' }, spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '70m' }, default: { memory: '200M' } }] } };
    const counted = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];
    await makeNamespace('sums', [limits, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'sums' }, spec: { hard: Object.fromEntries([...counted.map((name) => [name, '1P']), ['pods', '1000']]) } }]);
    await quota('sums', 'q', ({ hard }) => hard['pods'] !== undefined);
    const amount = fc.integer({ min: 1, max: 4000 });
    const resources = fc.record({ cpu: amount, memory: amount, limits: fc.constantFrom(1, 3) }).map(({ cpu, memory, limits: more }) => ({ requests: { cpu: `${cpu}m`, memory: `${memory}Mi` }, limits: { cpu: `${cpu * more}m`, memory: `${memory * more}Mi` } }));
    const partial = fc.oneof(resources, amount.map((cpu) => ({ limits: { cpu: `${cpu}m` } })).map((some) => ({ limits: { ...some.limits, memory: '300Mi' } })));
    const spec = fc.record({ init: fc.array(fc.record({ isSidecar: fc.boolean(), resources: partial }), { maxLength: 3 }), main: fc.array(partial, { minLength: 1, maxLength: 3 }) });
    const seed = Date.now() % 1_000_000;
    const samples = fc.sample(spec, { numRuns: 60, seed });
    const wanted = new Map(counted.map((name) => [name, 0n]));
    const defaults = defaultsOf(inventory([{ object: limits }]), 'sums');
    for (const [i, { init, main }] of samples.entries()) {
      const podSpec = {
        initContainers: init.map(({ isSidecar, resources: own }, n) => ({ ...container(`i${n}`, own), ...(isSidecar ? { restartPolicy: 'Always' } : {}) })),
        containers: main.map((own, n) => container(`c${n}`, own)),
      };
      expect(await pods('sums', `p${i}`, podSpec)).toMatchObject({ status: 201 });
      const template = inventory([{ object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'sums' }, spec: podSpec } }]).of('Pod')[0]!.spec;
      for (const name of counted) {
        const [which, resource] = name.split('.') as ['requests' | 'limits', string];
        wanted.set(name, wanted.get(name)! + podAmount({ metadata: { labels: {} }, spec: template } as Template, which, resource, defaults));
      }
    }
    const { used } = await quota('sums', 'q', (status) => status.used['pods'] === '60');
    console.log(`seed ${seed}: 60 pods, ${samples.filter(({ init }) => init.some(({ isSidecar }) => isSidecar)).length} with sidecars, ${samples.filter(({ init }) => init.some(({ isSidecar }) => !isSidecar)).length} with init containers`);
    expect(Object.fromEntries(counted.map((name) => [name, parseQuantity(used[name]!)]))).toEqual(Object.fromEntries(wanted));
  }, 60_000);

  describe('roles, bound in a namespace', () => {
    const allowed = async (role: RoleName, verb: string, group: string, resource: string, namespace: string): Promise<boolean> => {
      const [name, subresource] = resource.split('/');
      const { body } = await post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user: `oidc:${role}`, resourceAttributes: { verb, group, resource: name, ...(subresource ? { subresource } : {}), namespace } } });
      return body.status.allowed === true;
    };
    beforeAll(async () => {
      await makeNamespace('rooms', []);
      await makeNamespace('elsewhere', []);
      for (const role of roleNames) {
        for (const object of clusterRolesOf(role, 'workload')) expect(await put(object)).toMatchObject({ status: 201 });
        await put({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: role, namespace: 'rooms' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `keelson-${role}` }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `oidc:${role}` }] });
      }
      for (const end = Date.now() + 20_000; !(await allowed('automation', 'get', '', 'pods', 'rooms')); await new Promise((resolve) => setTimeout(resolve, 100))) if (Date.now() > end) throw new Error('roles were not aggregated within 20 s');
    }, 60_000);

    /** Verb, group, resource → who may. */
    const matrix: readonly (readonly [string, string, string, readonly RoleName[]])[] = [
      ['list', '', 'pods', ['reader', 'editor', 'admin', 'automation']],
      ['get', '', 'pods/log', ['reader', 'editor', 'admin', 'automation']],
      ['create', 'apps', 'deployments', ['editor', 'admin', 'automation']],
      ['delete', '', 'services', ['editor', 'admin', 'automation']],
      ['get', '', 'secrets', ['editor', 'admin']],
      ['list', '', 'secrets', ['editor', 'admin']],
      ['patch', '', 'secrets', ['editor', 'admin']],
      ['create', '', 'secrets', ['editor', 'admin', 'automation']],
      ['create', '', 'pods/exec', ['editor', 'admin']],
      ['create', 'rbac.authorization.k8s.io', 'rolebindings', ['admin']],
      ['bind', 'rbac.authorization.k8s.io', 'clusterroles', []],
      ['escalate', 'rbac.authorization.k8s.io', 'roles', []],
      ['impersonate', '', 'serviceaccounts', []],
      ['create', '', 'serviceaccounts/token', []],
      ['update', '', 'resourcequotas', []],
      ['update', '', 'limitranges', []],
      ['get', '', 'nodes/proxy', []],
      ['deletecollection', '', 'secrets', []],
    ];
    test.each(matrix)('%s %s/%s', async (verb, group, resource, who) => {
      const may = await Promise.all(roleNames.map(async (role) => ((await allowed(role, verb, group, resource, 'rooms')) ? [role] : [])));
      expect(may.flat()).toEqual(who);
    });
    test('nobody has any of it in another namespace', async () => {
      for (const [verb, group, resource] of matrix) for (const role of roleNames) expect(await allowed(role, verb, group, resource, 'elsewhere')).toBe(false);
    });
  });
});

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of many kinds */
type Answer = any;
interface QuotaStatus { readonly hard: Record<string, string>; readonly used: Record<string, string> }

function pathOf({ apiVersion, kind, metadata }: Manifest): string {
  const plural = { PriorityClass: 'priorityclasses', Namespace: 'namespaces', LimitRange: 'limitranges', ResourceQuota: 'resourcequotas', ClusterRole: 'clusterroles', RoleBinding: 'rolebindings' }[kind];
  if (!plural) throw new Error(`no path for ${kind}`);
  const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${base}/${metadata.namespace ? `namespaces/${metadata.namespace}/` : ''}${plural}`;
}
