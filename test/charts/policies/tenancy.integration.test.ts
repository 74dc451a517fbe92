/** The chart makes what policies/tenancy says, the API server takes it, and it holds. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { namespaceObjects, type NamespaceSettings } from '../../../policies/tenancy/namespace-objects.ts';
import { resources } from '../../../provisioner/kube/index.ts';
import { startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { helm, chartPath, template, type Manifest } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';

const namespaces: readonly NamespaceSettings[] = [
  { namespace: 'team-a', class: 'tenant' },
  { namespace: 'team-b', class: 'tenant', quota: { pods: 50, 'services.loadbalancers': 5, 'requests.cpu': '2500m', 'count/secrets': 'unlimited', 'fast.storageclass.storage.k8s.io/requests.storage': '1Ti' } },
  { namespace: 'team-c', class: 'tenant', quota: { 'services.nodeports': 0 } },
  { namespace: 'monitoring', class: 'observability', quota: { pods: 500 } },
  { namespace: 'platform', class: 'system' },
];
const values = (list: readonly NamespaceSettings[]): string => `tenancy.namespaces=${JSON.stringify(list.map(({ namespace, ...rest }) => ({ name: namespace, ...rest })))}`;

describeWith({ tools: ['helm', 'etcd', 'kube-apiserver'] }, 'chart policies, tenancy', () => {
  let manifests: Manifest[];
  beforeAll(async () => {
    manifests = await template('policies', 'keelson-system', ['--set-json', values(namespaces), '--set', 'pods.enabled=false']);
  }, 60_000);

  test.each(namespaces)('$namespace gets what the sources make', (settings) => {
    const own = manifests.filter(({ metadata }) => metadata.namespace === settings.namespace).map(({ kind, metadata: { name }, ...rest }) => ({ kind, name, spec: rest['spec'] }));
    const wanted = namespaceObjects(settings).map(({ kind, metadata: { name }, ...rest }) => ({ kind, name, spec: rest['spec'] }));
    expect(own).toEqual(expect.arrayContaining(wanted));
    expect(own).toHaveLength(wanted.length);
  });

  test('lint, strict', async () => {
    await helm(['lint', chartPath('policies'), '--strict', '--set-json', values(namespaces)]);
  });

  test.each([
    ['a class that is none', { namespace: 'x', class: 'guest' as 'tenant' }, /tenancy.*class/],
    ['a name that is none', { namespace: 'X_', class: 'tenant' as const }, /tenancy.*name/],
    ['a negative amount', { namespace: 'x', class: 'tenant' as const, quota: { pods: -1 } }, /tenancy.*quota/],
    ['a quota for a class that has none', { namespace: 'x', class: 'system' as const, quota: { pods: 1 } }, /x is of class system, which has no quota to change/],
  ])('%s is refused', async (_, settings, message) => {
    await expect(template('policies', 'keelson-system', ['--set-json', values([settings])])).rejects.toThrow(message);
  });

  test('all parts can be switched off', async () => {
    expect(await template('policies', 'keelson-system', ['--set', 'pods.enabled=false,tenancy.priorityClasses=false,tenancy.roles=false'])).toEqual([]);
  });

  describe('in a real API server', () => {
    let api: ApiServer;
    const plurals: Readonly<Record<string, string>> = { ValidatingAdmissionPolicy: 'validatingadmissionpolicies', PriorityClass: 'priorityclasses' };
    const post = async ({ apiVersion, kind, metadata, ...rest }: Manifest): Promise<{ status: number; message: string }> => {
      const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
      const path = `${base}/${metadata.namespace ? `namespaces/${metadata.namespace}/` : ''}${plurals[kind] ?? `${kind.toLowerCase()}s`}`;
      const { status, body } = await api.client.request({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion, kind, metadata, ...rest }) });
      return { status, message: (JSON.parse(body.toString()) as { message?: string }).message ?? '' };
    };
    beforeAll(async () => {
      api = await startApiServer();
      for (const { namespace } of namespaces) await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      for (const manifest of manifests) expect(await post(manifest)).toEqual({ status: 201, message: '' });
    }, 120_000);
    afterAll(() => api?.stop());

    const service = (namespace: string, type: string) => post({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace }, spec: { type, ports: [{ port: 80 }] } });
    test('a Service of type NodePort is refused to tenants, and nobody else', async () => {
      // The API server takes a new policy up within some seconds.
      let answer = await service('team-a', 'NodePort');
      for (const end = Date.now() + 30_000; answer.status === 201 && Date.now() < end; answer = await service('team-a', 'NodePort')) {
        await api.client.request({ method: 'DELETE', path: '/api/v1/namespaces/team-a/services/s' });
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      expect(answer).toEqual({ status: 403, message: expect.stringContaining('write type: LoadBalancer') });
      expect((await service('platform', 'NodePort')).status).toBe(201);
      expect((await service('team-a', 'ClusterIP')).status).toBe(201);
    }, 60_000);
  });
});
