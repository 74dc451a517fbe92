import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { structural } from '../../provisioner/api/openapi.ts';
import { variableDefinitions } from '../../provisioner/api/variable-definitions.ts';
import { z } from 'zod';
import { KubeError } from '../../provisioner/kube/errors.ts';
import { resources } from '../../provisioner/kube/resources.ts';
import type { Condition, KubeObject, Resource } from '../../provisioner/kube/types.ts';
import { classObjects } from '../../provisioner/topology/class/objects.ts';
import { extensionConfig } from '../../provisioner/topology/extension/extension-config.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../fixtures/api-server.ts';
import { chartPath, helm } from '../fixtures/helm.ts';
import { describeWith } from '../fixtures/needs.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'helm'] }, 'charts cluster-api and keelson in a real API server', () => {
  let api: ApiServer;
  let folder: string;
  const install = (chart: string, namespace: string): Promise<string> =>
    helm(['install', chart, chartPath(chart), '--namespace', namespace, '--create-namespace'], { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder });

  beforeAll(async () => {
    api = await startApiServer();
    folder = await mkdtemp(join(tmpdir(), 'keelson-charts-'));
    await writeFile(join(folder, 'kubeconfig'), api.kubeconfig, { mode: 0o600 });
    await install('keelson', 'keelson-system');
    await install('cluster-api', 'capi-system');
    for (let established = false; !established; ) {
      const { items } = await api.client.list<KubeObject & { status?: { conditions?: Condition[] } }>(resources.customResourceDefinitions);
      established = items.every(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'));
    }
    // No manager answers here; the schemas of the CRDs are what is tested.
    for (const resource of [resources.mutatingWebhookConfigurations, resources.validatingWebhookConfigurations]) {
      for (const { metadata } of (await api.client.list(resource)).items) await api.client.delete(resource, { name: metadata.name });
    }
  }, 180_000);
  afterAll(async () => {
    await api?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  test('a release leaves room in its Secret of 1 MiB', async () => {
    const secrets = await api.client.list<KubeObject & { data: { release: string } }>(resources.secrets, { namespace: 'capi-system', labelSelector: 'owner=helm' });
    const bytes = Buffer.from(secrets.items[0]!.data.release, 'base64').length;
    expect(bytes).toBeLessThan(0.9 * 1024 * 1024);
  });

  test('class, templates and ExtensionConfig hold no field that the CRDs do not know', async () => {
    const byKind = new Map<string, Resource>(Object.values(resources).map((resource) => [resource.kind, resource]));
    for (const object of [...classObjects(), extensionConfig()]) {
      const resource = byKind.get(object.kind) ?? { group: object.apiVersion.split('/')[0]!, version: object.apiVersion.split('/')[1]!, plural: `${object.kind.toLowerCase()}s`, kind: object.kind, namespaced: true };
      const path = `/apis/${object.apiVersion}${resource.namespaced ? `/namespaces/${object.metadata.namespace}` : ''}/${resource.plural}/${object.metadata.name}`;
      const answer = await api.client.request({
        method: 'PATCH', path, query: { fieldManager: 'test', fieldValidation: 'Strict', force: 'true' },
        headers: { 'content-type': 'application/apply-patch+yaml' }, body: JSON.stringify(object),
      });
      expect([object.kind, answer.status, answer.status < 300 ? '' : answer.body.toString()]).toEqual([object.kind, 201, '']);
    }
  });

  describe('the rules of App', () => {
    const app = (name: string, spec: object): KubeObject => ({ apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace: 'default' }, spec: { cluster: 'demo', chart: 'c', namespace: 'kube-system', ...spec } });
    const apply = (object: KubeObject): Promise<KubeObject> => api.client.apply(resources.apps, object, { fieldManager: 'test', force: true });

    test('defaults are filled in and values of any shape are kept', async () => {
      expect((await apply(app('plain', { values: { a: [{ b: 1 }] } })))['spec']).toMatchObject({ dependsOn: [], values: { a: [{ b: 1 }] } });
    });
    test('an App cannot depend on itself', () => expect(apply(app('self', { dependsOn: ['self'] }))).rejects.toThrow(/cannot depend on itself/));
    test.each([['cluster', 'other'], ['namespace', 'other'], ['releaseName', 'other']])('%s cannot be changed', async (field, value) => {
      await apply(app(`fixed-${field.toLowerCase()}`, {}));
      await expect(apply(app(`fixed-${field.toLowerCase()}`, { [field]: value }))).rejects.toThrow(KubeError);
    });
  });

  describe('the rules of the cluster variables', () => {
    const kind: Resource = { group: 'test.keelson.dev', version: 'v1', plural: 'variables', kind: 'Variables', namespaced: true };
    const base = { controlPlane: { flavor: 'a', image: 'b' } };
    const put = (name: string, spec: object): Promise<KubeObject> =>
      api.client.apply(kind, { apiVersion: 'test.keelson.dev/v1', kind: 'Variables', metadata: { name, namespace: 'default' }, spec: { ...base, ...spec } }, { fieldManager: 'test', force: true });

    // Cluster API checks variables with the API server's own code; here the schemas stand in a CRD.
    beforeAll(async () => {
      const properties = Object.fromEntries(variableDefinitions().map(({ name, schema }) => [name, schema.openAPIV3Schema]));
      await api.client.create(resources.customResourceDefinitions, {
        apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'variables.test.keelson.dev' },
        spec: {
          group: kind.group, scope: 'Namespaced', names: { kind: kind.kind, plural: kind.plural },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { ...structural(z.object({})), properties, required: ['controlPlane'] } } } } }],
        },
      });
      for (let i = 0; i < 100; i++) {
        if ((await api.client.request({ method: 'GET', path: '/apis/test.keelson.dev/v1/variables' })).status === 200) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });

    test('everything but the control plane has a default', async () => {
      expect((await put('defaults', {}))['spec']).toMatchObject({
        ...base, controlPlane: { ...base.controlPlane, zones: [] },
        cloud: { identity: { type: 'Secret', name: 'cloud', cloudName: 'openstack' } },
        network: { nodeCidr: '10.6.0.0/24', dnsServers: [] },
        api: { loadBalancer: { provider: 'ovn', allowedCidrs: [] } },
        worker: {},
        bastion: { enabled: true },
      });
    });
    test.each([
      ['a zone of no load balancer', { api: { loadBalancer: { provider: 'none', zone: 'lb-az1' } } }, /flavor and zone are those of a load balancer/],
      ['a CIDR that is none', { api: { loadBalancer: { provider: 'amphora', allowedCidrs: ['203.0.113.0/99'] } } }, /must be a CIDR/],
      ['nodes in a /30', { network: { nodeCidr: '10.0.0.0/30' } }, /\/28 or wider/],
      ['nodes in IPv6', { network: { nodeCidr: 'fd00:1234::/64' } }, /IPv4 CIDR/],
      ['a DNS server by name', { network: { dnsServers: ['dns.example'] } }, /must be an IP address/],
      ['an external network without id and name', { network: { externalNetwork: {} } }, /either the id or the name/],
      ['a zone twice', { controlPlane: { ...base.controlPlane, zones: ['az1', 'az1'] } }, /zones must not repeat/],
    ])('%s is refused', (_what, spec, message) => expect(put('refused', spec)).rejects.toThrow(message));

    test.each([
      ['node CIDR', { network: { nodeCidr: '10.7.0.0/24' } }],
      ['external network', { network: { externalNetwork: { name: 'other' } } }],
      ['region', { cloud: { region: 'RegionTwo' } }],
      ['load balancer provider', { api: { loadBalancer: { provider: 'amphora' } } }],
    ])('the %s cannot be changed later', async (_what, spec) => {
      // A field that is added or taken away is the admission policy's to refuse (test/provisioner/topology/cluster-api).
      await put('fixed', { network: { externalNetwork: { name: 'one' } }, cloud: { region: 'RegionOne' } });
      await expect(put('fixed', { network: { externalNetwork: { name: 'one' } }, cloud: { region: 'RegionOne' }, ...spec })).rejects.toThrow(/cannot be changed/);
    });
    test('zones, DNS servers and who may reach the API can', async () => {
      await put('changing', { api: { loadBalancer: { provider: 'amphora' } } });
      await expect(put('changing', { network: { dnsServers: ['192.0.2.53'] }, controlPlane: { ...base.controlPlane, zones: ['az2'] }, api: { loadBalancer: { provider: 'amphora', allowedCidrs: ['203.0.113.0/24'] } } })).resolves.toBeDefined();
    });
  });
});
