/** The reconciler against the simulated cloud, over real sockets. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { ownershipTag } from '../../../../provisioner/api/names.ts';
import type { Cluster, OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import { ClusterRoutesReconciler } from '../../../../provisioner/operators/cluster-routes/reconciler.ts';
import type { OperatorContext } from '../../../../provisioner/operators/context.ts';
import { silentLog } from '../../../../provisioner/kube/log.ts';
import { made, recorded, shown, start, type Running } from '../../../sandbox/openstack/fixture.ts';

const uid = '7a0c1c3e-0b52-4a8e-9b9a-1f9a3d4a5b6c';
const deletionTimestamp = '2026-11-26T00:00:00Z';
let cloud: Running;
let routerId: string;
let subnetId: string;
let networkId: string;

beforeEach(async () => {
  cloud = await start(recorded());
  const external = (await cloud.member.call('network', 'GET', '/v2.0/networks?router%3Aexternal=true') as { networks: { id: string }[] }).networks[0]!.id;
  networkId = String((await made(cloud.member, 'network', '/v2.0/networks', 'network', { name: 'nodes' }))['id']);
  subnetId = String((await made(cloud.member, 'network', '/v2.0/subnets', 'subnet', { network_id: networkId, ip_version: 4, cidr: '10.20.0.0/24' }))['id']);
  routerId = String((await made(cloud.member, 'network', '/v2.0/routers', 'router', { name: 'r', external_gateway_info: { network_id: external } }))['id']);
  await cloud.member.call('network', 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { body: { subnet_id: subnetId } });
  await cloud.member.call('network', 'PUT', `/v2.0/routers/${routerId}`, { body: { router: { routes: [{ destination: '10.120.1.0/24', nexthop: '10.20.0.9' }] } } });
  await tag(ownershipTag(uid));
});
afterEach(() => cloud.stop());

const tag = (name: string) => cloud.member.call('network', 'PUT', `/v2.0/routers/${routerId}/tags`, { body: { tags: [name] } });
const routes = async () => (await shown(cloud.member, 'network', `/v2.0/routers/${routerId}`, 'router'))['routes'] as unknown as object[];
const takeApart = () => cloud.member.exchange('network', 'PUT', `/v2.0/routers/${routerId}/remove_router_interface`, { body: { subnet_id: subnetId } });

async function reconcile(o: { cluster?: object; openStackCluster?: object; className?: string; clouds?: string } = {}): Promise<unknown> {
  const metadata = { name: 'demo', namespace: 'org-demo', uid, deletionTimestamp };
  const cluster = {
    apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { ...metadata, ...o.cluster },
    spec: { infrastructureRef: { kind: 'OpenStackCluster', name: 'demo' }, topology: { classRef: { name: o.className ?? 'openstack-v1' } } },
  } as Cluster;
  const openStackCluster = {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: { ...metadata, ...o.openStackCluster },
    spec: { identityRef: { name: 'cloud', cloudName: 'openstack' } },
    status: { network: { id: networkId, name: 'nodes', subnets: [{ id: subnetId, cidr: '10.20.0.0/24' }] }, router: { id: routerId } },
  } as OpenStackCluster;
  const clouds = o.clouds ?? stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson'] } });
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace: 'org-demo' }, data: { 'clouds.yaml': Buffer.from(clouds).toString('base64') } };
  const context = { client: { get: async () => secret }, log: silentLog } as unknown as OperatorContext;
  const reconciler = new ClusterRoutesReconciler({ context, clusters: { get: () => cluster }, openStackClusters: { get: () => openStackCluster } });
  return reconciler.reconcile({ namespace: 'org-demo', name: 'demo' }, AbortSignal.timeout(10_000));
}

test('routes that keep a router from being taken apart are gone afterwards', async () => {
  expect((await takeApart()).status).toBe(409);
  expect(await reconcile()).toEqual({ requeueAfterMs: 10_000 });
  expect(await routes()).toEqual([]);
  expect((await takeApart()).status).toBe(200);
  expect(await reconcile()).toEqual({ requeueAfterMs: 10_000 });
});

test.each([
  ['a cluster that lives', { cluster: { deletionTimestamp: undefined } }],
  ['a cluster whose machines are still there', { openStackCluster: { deletionTimestamp: undefined } }],
  ['a cluster of another class', { className: 'theirs' }],
])('%s keeps its routes', async (_, o) => {
  expect(await reconcile(o)).toBeUndefined();
  expect(await routes()).toHaveLength(1);
});

test('a router without the cluster\'s tag is not touched', async () => {
  await tag('keelson-0000000000000000');
  await reconcile();
  expect(await routes()).toHaveLength(1);
});

test('credentials that cannot be read are an error that says so', async () => {
  await expect(reconcile({ clouds: 'clouds: {}' })).rejects.toMatchObject({ code: expect.stringMatching(/^CLOUD_/) });
  expect(await routes()).toHaveLength(1);
});
