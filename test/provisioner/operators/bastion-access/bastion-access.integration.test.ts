/** Against the simulated cloud and a real API server; the test is CAPO. */
import { stringify } from 'yaml';
import { finalizers } from '../../../../provisioner/api/labels.ts';
import { bastionGroupName, clusterTag } from '../../../../provisioner/api/names.ts';
import { type Condition, findCondition, type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import { bastionAccessController } from '../../../../provisioner/operators/bastion-access/controller.ts';
import { nodeRule } from '../../../../provisioner/operators/bastion-access/wanted.ts';
import type { Cluster, OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { home } from '../cluster/project.ts';
import { cluster, installKinds, namespace } from '../fleet.ts';
import { eventually, startControllers, testContext } from '../surroundings.ts';

const server = 'server-of-the-bastion';
const infrastructure = { namespace, name: 'demo-x1' };

describeWith(apiServerNeeds, 'a bastion that not everybody may reach', () => {
  let management: ApiServer;
  let cloud: Running;
  let metadata: KubeObject['metadata'];
  let port: string;
  const stop = new AbortController();
  let stopController: () => Promise<void>;

  const variables = (allowedCidrs: readonly string[]): object[] => [
    { name: 'cloud', value: { identity: { name: 'cloud' } } }, { name: 'controlPlane', value: { flavor: 'a', image: 'b' } }, { name: 'bastion', value: { allowedCidrs } },
  ];
  const allow = (...ranges: string[]): Promise<unknown> => management.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', body: { spec: { topology: { variables: variables(ranges) } } } });
  const condition = async (): Promise<Condition | undefined> => findCondition((await management.client.get<Cluster>(resources.clusters, { namespace, name: 'demo' }))?.status?.conditions, 'keelson.dev/BastionRestricted');
  const says = (reason: string): Promise<Condition> => eventually(async () => {
    const found = await condition();
    return found?.reason === reason && found;
  });
  const groups = () => Object.values(cloud.cloud.state.neutron.securityGroups).filter(({ name }) => name === bastionGroupName(clusterTag(metadata)));
  /** Who is let in, by everything that a rule can say. */
  const letIn = () => Object.values(cloud.cloud.state.neutron.securityGroupRules).filter((rule) => rule.security_group_id === groups()[0]?.id && rule.direction === 'ingress')
    .map((rule) => `${rule.protocol ?? 'all'} ${rule.port_range_min}-${rule.port_range_max} ${rule.remote_ip_prefix ?? rule.remote_group_id}`).sort();
  const nodeRules = async (): Promise<unknown> => ((await management.client.get(resources.openStackClusters, infrastructure))?.['spec'] as { managedSecurityGroups?: { allNodesSecurityGroupRules?: unknown } } | undefined)?.managedSecurityGroups?.allNodesSecurityGroupRules;
  const putPortIn = (ids: readonly string[]): Promise<unknown> => cloud.member.call('network', 'PUT', `/v2.0/ports/${port}`, { body: { port: { security_groups: ids } } });

  beforeAll(async () => {
    [management, cloud] = await Promise.all([startApiServer(), start(recorded())]);
    const { client } = management;
    await installKinds(management);
    await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson'] } }) } } as KubeObject);
    const wanted = cluster('demo', { topology: { classRef: { name: 'openstack-v1', namespace: 'keelson-system' }, version: 'v1.36.3', variables: variables(['203.0.113.0/24']) } });
    ({ metadata } = await client.create(resources.clusters, { ...wanted, metadata: { ...wanted.metadata, finalizers: [finalizers.cluster] } }));
    await client.create(resources.openStackClusters, { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: infrastructure, spec: {} });
    const openStackClusters = new Reflector<OpenStackCluster>({ client, resource: resources.openStackClusters });
    openStackClusters.start(stop.signal);
    await openStackClusters.whenSynced();
    stopController = startControllers([bastionAccessController({ context: testContext(client), clusters: new Reflector<Cluster>({ client, resource: resources.clusters }), openStackClusters, soonMs: 100 })]);
  }, 150_000);
  afterAll(async () => {
    await stopController?.();
    stop.abort();
    await cloud?.stop();
    await management?.stop();
  });

  test('its group lets in SSH from the ranges alone, and the nodes let the group in', async () => {
    expect((await says('WaitingForBastion')).status).toBe('Unknown');
    expect(groups()).toEqual([expect.objectContaining({ tags: [clusterTag(metadata)] })]);
    expect(letIn()).toEqual(['tcp 22-22 203.0.113.0/24']);
    expect(await nodeRules()).toEqual([nodeRule(groups()[0]?.id ?? '')]);
  }, 40_000);

  test('it is restricted when its ports are in this group and in no other', async () => {
    const { networkId } = await home(cloud, clusterTag(metadata), '10.20.0.0/24');
    const other = await cloud.member.call('network', 'POST', '/v2.0/security-groups', { body: { security_group: { name: 'lets everybody in' } } }) as { security_group: { id: string } };
    const made = await cloud.member.call('network', 'POST', '/v2.0/ports', { body: { port: { network_id: networkId, device_id: server, security_groups: [groups()[0]?.id, other.security_group.id] } } }) as { port: { id: string } };
    port = made.port.id;
    await management.client.patch(resources.openStackClusters, infrastructure, { type: 'merge', subresource: 'status', body: { status: { bastion: { id: server } } } });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect((await condition())?.reason).toBe('WaitingForBastion');
    await putPortIn([groups()[0]?.id ?? '']);
    expect((await says('Restricted')).status).toBe('True');
  }, 40_000);

  test('other ranges change rules alone, and what a person opened is closed with them', async () => {
    const [{ id } = { id: '' }] = groups();
    await cloud.member.call('network', 'POST', '/v2.0/security-group-rules', { body: { security_group_rule: { security_group_id: id, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 22, port_range_max: 22 } } });
    await allow('192.0.2.0/25', '198.18.0.0/15');
    await eventually(() => letIn().length === 2 && !letIn().some((rule) => rule.includes('203.0.113')));
    expect(letIn()).toEqual(['tcp 22-22 192.0.2.0/25', 'tcp 22-22 198.18.0.0/15']);
    expect(groups().map((group) => group.id)).toEqual([id]);
  }, 40_000);

  test('without ranges the group goes, when nothing is in it any more', async () => {
    await allow();
    expect((await says('Releasing')).status).toBe('Unknown');
    expect(await nodeRules()).toBeUndefined();
    expect(groups()).toHaveLength(1);
    await putPortIn([]);
    expect((await says('Unrestricted')).status).toBe('False');
    expect(groups()).toEqual([]);
  }, 40_000);
});
