/** A real API server with Cilium's own CRDs accepts every policy that is generated, and keeps each field of it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { moduleFolder } from '../../../charts/render/upstream/modules.ts';
import { catalogue } from '../../../policies/network/contracts/catalogue.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import { type KubeObject, type Resource, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';

const cilium = (kind: string, namespaced: boolean): Resource => ({ group: 'cilium.io', version: 'v2', plural: kind.toLowerCase().replace(/y$/, 'ies'), kind, namespaced });
const kinds: Readonly<Record<string, Resource>> = {
  CiliumNetworkPolicy: cilium('CiliumNetworkPolicy', true),
  CiliumClusterwideNetworkPolicy: cilium('CiliumClusterwideNetworkPolicy', false),
  NetworkPolicy: resources.networkPolicies,
};

describeWith(apiServerNeeds, 'generated policies at the API server', () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await startApiServer();
    const folder = join(await moduleFolder('github.com/cilium/cilium', process.env), 'pkg/k8s/apis/cilium.io/client/crds/v2');
    for (const name of ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies']) {
      await api.client.create(resources.customResourceDefinitions, load(await readFile(join(folder, `${name}.yaml`), 'utf8')) as KubeObject);
    }
    await eventually(() => api.client.list(kinds['CiliumClusterwideNetworkPolicy']!));
    const namespaces = new Set([...catalogue({ cluster: 'workload' }).managedNamespaces, ...catalogue({ cluster: 'management' }).managedNamespaces, 'org-demo']);
    for (const name of namespaces) await api.client.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'test', force: true });
  }, 150_000);

  afterAll(() => api?.stop());

  const options = [{ kind: 'cilium', hosts: 'audit' }, { kind: 'cilium', hosts: 'enforce' }, { kind: 'kubernetes', nodeCidrs: ['10.20.0.0/24'] }] as const;
  test.each(options.flatMap((one) => (['workload', 'management'] as const).map((cluster) => ({ ...one, cluster }))))('%j: each is accepted and kept as it is', async ({ cluster, ...one }) => {
    const { policies } = generate(catalogue({ cluster }), { ...one, tenants: ['org-demo'] });
    expect(policies.length).toBeGreaterThan(20);
    for (const policy of policies) {
      const kept = await api.client.create(kinds[policy.kind]!, policy as unknown as KubeObject, { dryRun: true });
      expect([policy.metadata.name, kept['spec']]).toEqual([policy.metadata.name, policy.spec]);
    }
  }, 120_000);

  test('a policy that the CRD forbids is refused here: the judge judges', async () => {
    const wrong = { apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'wrong', namespace: 'org-demo' }, spec: { endpointSelector: {}, ingress: [{ fromEntities: ['moon'] }] } };
    await expect(api.client.create(kinds['CiliumNetworkPolicy']!, wrong as unknown as KubeObject, { dryRun: true })).rejects.toMatchObject({ code: 'KUBE_INVALID' });
  });
});
