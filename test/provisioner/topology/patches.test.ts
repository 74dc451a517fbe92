import { ownershipTag } from '../../../provisioner/api/names.ts';
import type { TopologyItem, TopologyRequest, Variable } from '../../../provisioner/topology/extension/hooks.ts';
import { generatePatches } from '../../../provisioner/topology/patches/generate.ts';
import { inputsOf } from '../../../provisioner/topology/patches/inputs.ts';

const builtin: Variable = { name: 'builtin', value: { cluster: { name: 'demo', namespace: 'org-demo', uid: 'u-1', topology: { version: 'v1.36.3' } } } };
const controlPlane: Variable = { name: 'controlPlane', value: { flavor: 'k.small', image: 'node' } };

function item(kind: string, holder: string, variables: Variable[] = []): TopologyItem {
  return { uid: kind, holderReference: { apiVersion: 'v1', kind: holder, namespace: 'org-demo', name: 'x', fieldPath: 'spec' }, object: { kind }, variables };
}
function patches(request: TopologyRequest): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    (generatePatches(request).items ?? []).map(({ uid, patch }) => {
      const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as { path: string; value: unknown }[];
      return [uid, Object.fromEntries(operations.map(({ path, value }) => [path.replace('/spec/template/spec/', ''), value]))];
    }),
  );
}

test("an item's builtin adds to the global one", () => {
  const request = { variables: [builtin, controlPlane], items: [item('KubeadmControlPlaneTemplate', 'Cluster', [{ name: 'builtin', value: { controlPlane: { replicas: 3 } } }])] };
  expect(inputsOf(request, request.items[0]).builtin).toMatchObject({ cluster: { name: 'demo' }, controlPlane: { replicas: 3 } });
});

test('a worker group takes what it does not say from the cluster, and then from the control plane', () => {
  const request = {
    variables: [builtin, controlPlane, { name: 'worker', value: { flavor: 'k.medium' } }],
    items: [item('OpenStackMachineTemplate', 'MachineDeployment', [{ name: 'worker', value: { image: 'own' } }])],
  };
  expect(patches(request)['OpenStackMachineTemplate']).toEqual({ flavor: 'k.medium', image: { filter: { name: 'own' } } });
  expect(patches({ ...request, variables: [builtin, controlPlane], items: [item('OpenStackMachineTemplate', 'MachineDeployment')] })['OpenStackMachineTemplate']).toEqual({
    flavor: 'k.small',
    image: { filter: { name: 'node' } },
  });
});

test('an override of a group does not reach the control plane', () => {
  const request = { variables: [builtin, controlPlane, { name: 'worker', value: { flavor: 'k.large' } }], items: [item('OpenStackMachineTemplate', 'KubeadmControlPlane')] };
  expect(patches(request)['OpenStackMachineTemplate']).toMatchObject({ flavor: 'k.small' });
});

test('the cluster carries the ownership tag and only what was asked for', () => {
  const request = { variables: [builtin, controlPlane], items: [item('OpenStackClusterTemplate', 'Cluster')] };
  expect(patches(request)['OpenStackClusterTemplate']).toEqual({
    identityRef: { type: 'Secret', name: 'cloud', cloudName: 'openstack' },
    managedSubnets: [{ cidr: '10.6.0.0/24' }],
    apiServerLoadBalancer: { enabled: true, provider: 'ovn' },
    tags: [ownershipTag('u-1')],
  });
});

test('templates that depend on no variable and templates of others get no patch', () => {
  expect(patches({ variables: [builtin, controlPlane], items: [item('KubeadmConfigTemplate', 'MachineDeployment'), item('DockerClusterTemplate', 'Cluster')] })).toEqual({});
});
