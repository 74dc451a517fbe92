/** A load balancer that has a floating IP which CAPO forgot, on the simulated cloud. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { clusterTag } from '../../../../provisioner/api/names.ts';
import type { KubeClient } from '../../../../provisioner/kube/index.ts';
import { isStuckOnFloatingIp, releaseLostFloatingIp } from '../../../../provisioner/operators/cluster/lost-floating-ip.ts';
import type { WholeCluster } from '../../../../provisioner/operators/cluster/whole-cluster.ts';
import { made, recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { testContext } from '../surroundings.ts';
import { home, serviceLoadBalancer } from './project.ts';

let cloud: Running;
beforeEach(async () => { cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } }); });
afterEach(() => cloud.stop());

const message = 'failed to reconcile load balancer: … {"NeutronError":{"type":"FloatingIPPortAlreadyAssociated"}}';
const cluster: WholeCluster = {
  apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'dev', namespace: 'org-demo', uid: 'u-1' }, spec: { infrastructureRef: { kind: 'OpenStackCluster', name: 'dev-x' } },
  status: { conditions: [{ type: 'InfrastructureReady', status: 'False', reason: 'x', message, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
};
/** A management cluster with the Secret of the cloud, and what CAPO wrote down. */
const clientThatKnows = (ip: string | undefined): KubeClient => ({
  get: ({ kind }: { kind: string }) => Promise.resolve(kind === 'Secret'
    ? { metadata: {}, data: { 'clouds.yaml': Buffer.from(stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson-password'] } })).toString('base64') } }
    : { metadata: { name: 'dev-x' }, status: { apiServerLoadBalancer: { ip } } }),
}) as unknown as KubeClient;

test('it is deleted, and nothing else: not the one that CAPO knows, not those of load balancers of Services, not that of its bastion', async () => {
  const tag = clusterTag(cluster.metadata);
  const { networkId, subnetId } = await home(cloud, tag, '10.20.0.0/24');
  const service = await serviceLoadBalancer(cloud, { cluster: tag, service: 'shop/web', subnetId, floatingIp: 'made' });
  const api = await made(cloud.member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', { name: 'kubeapi', vip_subnet_id: subnetId, tags: [tag] });
  const { neutron } = cloud.cloud.state;
  const external = Object.values(neutron.networks).find((network) => network['router:external'])!.id;
  const tagged = async (portId?: unknown): Promise<string> => {
    const { id } = await made(cloud.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external, ...(portId === undefined ? {} : { port_id: portId }) });
    await cloud.member.call('network', 'PUT', `/v2.0/floatingips/${String(id)}/tags`, { body: { tags: [tag] } });
    return String(id);
  };
  const port = await made(cloud.member, 'network', '/v2.0/ports', 'port', { network_id: networkId, name: 'bastion' });
  const [lost, known, bastion] = [await tagged(api['vip_port_id']), await tagged(), await tagged(port['id'])];
  const release = (ip: string | undefined): Promise<void> => releaseLostFloatingIp(testContext(clientThatKnows(ip)), cluster, AbortSignal.timeout(10_000));
  await release(undefined);
  await release(neutron.floatingIps[lost]?.floating_ip_address);
  expect(neutron.floatingIps[lost]).toBeDefined();
  await release(neutron.floatingIps[known]?.floating_ip_address);
  expect(Object.keys(neutron.floatingIps).sort()).toEqual([known, bastion, service.floatingIpId].sort());
});

test('only what Neutron says of a second floating IP is this trouble', () => {
  expect(isStuckOnFloatingIp(cluster)).toBe(true);
  expect(isStuckOnFloatingIp({ ...cluster, status: { conditions: [{ ...cluster.status!.conditions![0]!, message: 'quota' }] } })).toBe(false);
  expect(isStuckOnFloatingIp({ ...cluster, status: {} })).toBe(false);
});
