import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { ownershipTag } from '../../../provisioner/api/names.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { Condition, KubeObject, Resource } from '../../../provisioner/kube/types.ts';
import { runDocumented } from '../../e2e/documented.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { managementPlaneNeeds, startManagementPlane, until, type ManagementPlane } from './management-plane.ts';
import { goodAuditRules } from './audit-rules.ts';

type Cluster = KubeObject & { spec: { topology: { classRef: { name: string }; variables: { name: string; value: unknown }[]; controlPlane: { replicas: number } }; clusterNetwork: { pods: { cidrBlocks: string[] } } }; status?: { conditions?: Condition[] } };
const example = (): Cluster => load(readFileSync(join(import.meta.dirname, '../../../examples/cluster.yaml'), 'utf8')) as Cluster;

describeWith(managementPlaneNeeds, 'the class under the real Cluster API', () => {
  let plane: ManagementPlane;
  const namespace = 'org-demo';
  const create = (cluster: Cluster): Promise<Cluster> => plane.client.apply(resources.clusters, cluster, { fieldManager: 'test', force: true });
  const named = (name: string, change: (cluster: Cluster) => void = () => undefined): Cluster => {
    const cluster = example();
    cluster.metadata.name = name;
    change(cluster);
    return cluster;
  };
  const setVariable = (cluster: Cluster, name: string, value: unknown): void => {
    cluster.spec.topology.variables = [...cluster.spec.topology.variables.filter((variable) => variable.name !== name), { name, value }];
  };
  const ofCluster = async (resource: Resource, cluster: string): Promise<KubeObject[]> => (await plane.client.list(resource, { namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${cluster}` })).items;
  const condition = async (name: string, type: string): Promise<Condition | undefined> => (await plane.client.get<Cluster>(resources.clusters, { namespace, name }))?.status?.conditions?.find((c) => c.type === type);

  beforeAll(async () => {
    plane = await startManagementPlane();
    await until('VariablesReady of the class', async () => {
      const found = await plane.client.get(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' });
      const conditions = (found?.['status'] as { conditions?: Condition[] } | undefined)?.conditions;
      return conditions?.find(({ type, status }) => type === 'VariablesReady' && status === 'True');
    });
  }, 240_000);
  afterAll(async () => plane?.stop());

  test('discovery finds every handler', async () => {
    const config = await plane.client.get(resources.extensionConfigs, { name: 'keelson' });
    const { handlers } = config?.['status'] as { handlers: { name: string }[] };
    expect(handlers.map(({ name }) => name)).toEqual(expect.arrayContaining(['openstack-v1-variables.keelson', 'openstack-v1-patches.keelson', 'openstack-v1-validate.keelson', 'before-cluster-delete.keelson']));
  });

  test('the example becomes OpenStack and kubeadm objects as its variables say', async () => {
    const cluster = await create(example());
    const [openStackCluster] = await until('the OpenStackCluster', async () => {
      const found = await ofCluster(resources.openStackClusters, 'demo');
      return found.length ? found : undefined;
    });
    expect(openStackCluster!['spec']).toMatchObject({
      identityRef: { type: 'Secret', name: 'cloud', cloudName: 'openstack' },
      managedSubnets: [{ cidr: '10.20.0.0/24' }],
      externalNetwork: { filter: { name: 'external' } },
      apiServerLoadBalancer: { enabled: true, provider: 'ovn' },
      controlPlaneAvailabilityZones: ['az1', 'az2', 'az3'],
      tags: [ownershipTag(cluster.metadata.uid ?? '')],
    });
    const [controlPlane] = await until('the control plane', async () => {
      const found = await ofCluster(resources.kubeadmControlPlanes, 'demo');
      return found.length ? found : undefined;
    });
    expect(controlPlane!['spec']).toMatchObject({
      replicas: 1, version: 'v1.36.3',
      kubeadmConfigSpec: { clusterConfiguration: { apiServer: { certSANs: ['localhost', '127.0.0.1'] }, dns: { imageTag: 'v1.15.0' } }, initConfiguration: { patches: { directory: '/etc/kubernetes/patches' } } },
      rollout: { before: { certificatesExpiryDays: 60 } },
      machineTemplate: { spec: { deletion: { nodeDeletionTimeoutSeconds: 300 } } },
    });
    const templates = (await ofCluster(resources.openStackMachineTemplates, 'demo')).map((object) => (object['spec'] as { template: { spec: { flavor: string; image: unknown; identityRef?: unknown } } }).template.spec);
    expect(templates.map(({ flavor }) => flavor)).toContain('k.small');
    for (const spec of templates) {
      expect(spec.image).toEqual({ filter: { name: 'keelson-node-v1.36.3' } });
      expect(spec.identityRef).toBeUndefined();
    }
    const healthChecks = await until('a health check of each of the four', async () => {
      const found = (await ofCluster(resources.machineHealthChecks, 'demo')).map((object) => object['spec'] as { checks: { unhealthyNodeConditions: { timeoutSeconds: number }[] } });
      return found.length === 4 ? found : undefined;
    });
    for (const { checks } of healthChecks) expect(checks.unhealthyNodeConditions.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([300, 300]);
  }, 150_000);

  test('the edits of docs/sandbox.md change what they say', async () => {
    for (const block of ['three-control-planes', 'scale-workers', 'worker-flavor', 'upgrade']) expect(await runDocumented({ tools: toolsBin, kubeconfig: plane.kubeconfig }, block)).toMatchObject({ code: 0, stderr: '' });
    const changed = await until('three control planes, a worker in the third zone, another flavor', async () => {
      const [controlPlane] = await ofCluster(resources.kubeadmControlPlanes, 'demo');
      const groups = await ofCluster(resources.machineDeployments, 'demo');
      const flavors = (await ofCluster(resources.openStackMachineTemplates, 'demo')).map((object) => (object['spec'] as { template: { spec: { flavor: string } } }).template.spec.flavor);
      const replicas = groups.map((group) => (group['spec'] as { replicas?: number }).replicas);
      return (controlPlane?.['spec'] as { replicas?: number }).replicas === 3 && replicas.every((n) => n === 1) && flavors.includes('k.large') ? groups : undefined;
    });
    expect(changed.map((group) => (group['spec'] as { template: { spec: { failureDomain: string } } }).template.spec.failureDomain).sort()).toEqual(['az1', 'az2', 'az3']);
    expect(await runDocumented({ tools: toolsBin, kubeconfig: plane.kubeconfig }, 'scale-down')).toMatchObject({ code: 0, stderr: '' });
    await until('one control plane and no worker in the third zone', async () => {
      const [controlPlane] = await ofCluster(resources.kubeadmControlPlanes, 'demo');
      const groups = await ofCluster(resources.machineDeployments, 'demo');
      return (controlPlane?.['spec'] as { replicas?: number }).replicas === 1 && groups.map((group) => (group['spec'] as { replicas?: number }).replicas).sort().join(' ') === '0 1 1' ? true : undefined;
    });
  }, 150_000);

  test.each([
    ['a flavor of no load balancer', (cluster: Cluster) => setVariable(cluster, 'api', { loadBalancer: { provider: 'none', flavor: 'ha' } }), /flavor and zone are those of a load balancer/],
    ['two ways to name a network', (cluster: Cluster) => setVariable(cluster, 'network', { externalNetwork: { id: '8d9d8a1e-2b4c-4c9f-8c58-2f2b0a0e1b11', name: 'b' } }), /either the id or the name of the external network/],
    ['a label that no kubelet may set', (cluster: Cluster) => setVariable(cluster, 'worker', { labels: [{ key: 'node-role.kubernetes.io/x' }] }), /NodeRestriction/],
    ['a proxy without an address', (cluster: Cluster) => setVariable(cluster, 'os', { proxy: {} }), /a proxy for http, https or both/],
    ['a level that no audit policy has', (cluster: Cluster) => setVariable(cluster, 'api', { audit: { rules: [{ level: 'Everything' }] } }), /rules.*level.*Everything/],
    ['an audit rule for resources and paths', (cluster: Cluster) => setVariable(cluster, 'api', { audit: { rules: [{ level: 'None', nonResourceURLs: ['/a'], namespaces: ['shop'] }] } }), /for resources or for nonResourceURLs, not for both/],
    ['an audit rule for names of nothing', (cluster: Cluster) => setVariable(cluster, 'api', { audit: { rules: [{ level: 'None', resources: [{ resourceNames: ['a'] }] }] } }), /resourceNames need at least one of resources/],
    ['an audit rule with a slip of the pen', (cluster: Cluster) => setVariable(cluster, 'api', { audit: { rules: [{ level: 'None', user: ['a'] }] } }), /user/],
    ['a missing flavor', (cluster: Cluster) => setVariable(cluster, 'controlPlane', { image: 'x' }), /flavor/],
    ['a range for the bastion that is not by its first address', (cluster: Cluster) => setVariable(cluster, 'bastion', { allowedCidrs: ['203.0.113.7/24'] }), /an IPv4 CIDR by its first address/],
    ['a range of IPv6 for the bastion, which has none', (cluster: Cluster) => setVariable(cluster, 'bastion', { allowedCidrs: ['2001:db8::/64'] }), /an IPv4 CIDR by its first address/],
    ['a range for the bastion twice', (cluster: Cluster) => setVariable(cluster, 'bastion', { allowedCidrs: ['203.0.113.0/24', '203.0.113.0/24'] }), /ranges must not repeat/],
    ['a key that Ignition cannot be told', (cluster: Cluster) => setVariable(cluster, 'os', { format: 'ignition', users: [{ name: 'ops', sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 ops: laptop'] }] }), /a colon or a number sign for Ignition/],
    ['an unknown field', (cluster: Cluster) => setVariable(cluster, 'worker', { flavour: 'k.large' }), /flavour/],
  ])('%s is refused at admission', async (_what, change, message) => {
    await expect(create(named('refused', change))).rejects.toThrow(message);
  }, 30_000);

  test('immutable changes are refused at admission, not when the topology already stands still', async () => {
    await create(named('fixed'));
    const network = { externalNetwork: { name: 'external' }, nodeCidr: '10.20.0.0/24' };
    const changed = (variable: string, value: unknown) => create(named('fixed', (cluster) => setVariable(cluster, variable, value)));
    await expect(changed('network', { ...network, nodeCidr: '10.30.0.0/24' })).rejects.toThrow(/the subnet of the nodes cannot be changed: the network, the load balancer and every server would have to be rebuilt/);
    await expect(changed('network', { nodeCidr: '10.20.0.0/24' })).rejects.toThrow(/network\.externalNetwork: the external network cannot be changed/);
    await expect(changed('network', { ...network, mtu: 1400 })).rejects.toThrow(/network\.mtu: the MTU cannot be changed/);
    await expect(changed('cloud', { region: 'RegionTwo' })).rejects.toThrow(/cloud\.region: the region cannot be changed/);
    await expect(changed('api', { port: 8443 })).rejects.toThrow(/the port of the API server cannot be changed/);
    await expect(create(named('fixed', (cluster) => (cluster.spec.topology.classRef.name = 'quick-start')))).rejects.toThrow(/a Cluster moves between versions of the class alone/);
    await expect(changed('controlPlane', { flavor: 'k.large', image: 'other', zones: ['az1'] })).resolves.toBeDefined();
    await expect(changed('network', { ...network, dnsServers: ['192.0.2.53'] })).resolves.toBeDefined();
  }, 60_000);

  test('every rule that an API server takes is taken', async () => {
    const { metadata } = await create(named('audited', (cluster) => setVariable(cluster, 'api', { audit: { rules: goodAuditRules } })));
    expect(metadata.name).toBe('audited');
  });

  test('ranges that overlap stop the topology with our words in its condition', async () => {
    await create(named('overlap', (cluster) => (cluster.spec.clusterNetwork.pods.cidrBlocks = ['10.20.0.0/16'])));
    const found = await until('TopologyReconciled=False', async () => {
      const current = await condition('overlap', 'TopologyReconciled');
      return current?.status === 'False' && current.message.includes('overlaps') ? current : undefined;
    });
    expect(found.message).toMatch(/network\.nodeCidr 10\.20\.0\.0\/24 overlaps spec\.clusterNetwork\.pods 10\.20\.0\.0\/16/);
  }, 150_000);

  test('the first Cluster of docs/clusters.md is taken as it stands there', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/clusters.md'), 'utf8');
    const cluster = load(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as Cluster;
    expect(await plane.client.create(resources.clusters, { ...cluster, metadata: { ...cluster.metadata, name: 'shortest' } }, { dryRun: true })).toMatchObject({ spec: { topology: { controlPlane: { replicas: 3 } } } });
  });

  test('defaults are written into the Cluster, where people see them', async () => {
    const cluster = await create(named('defaults'));
    expect(cluster.spec.topology.variables).toEqual(expect.arrayContaining([
      { name: 'cloud', value: { identity: { type: 'Secret', name: 'cloud', cloudName: 'openstack' } } },
      { name: 'api', value: expect.objectContaining({ loadBalancer: { provider: 'ovn', allowedCidrs: [] }, encryption: 'secretbox' }) },
      { name: 'bastion', value: { enabled: true, allowedCidrs: [] } },
    ]));
  });
});
