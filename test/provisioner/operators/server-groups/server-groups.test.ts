/** Server groups in the simulated cloud, over real sockets. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { finalizers } from '../../../../provisioner/api/labels.ts';
import { ownershipTag } from '../../../../provisioner/api/names.ts';
import { type Change, type KubeClient, type Resource, resources } from '../../../../provisioner/kube/index.ts';
import { silentLog } from '../../../../provisioner/kube/log.ts';
import type { WholeCluster } from '../../../../provisioner/operators/cluster/whole-cluster.ts';
import type { OperatorContext } from '../../../../provisioner/operators/context.ts';
import { makeGroups, serverGroupsController, type ServerGroupsOptions } from '../../../../provisioner/operators/server-groups/controller.ts';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { eventually, startControllers, testContext } from '../surroundings.ts';

const uid = '7a0c1c3e-0b52-4a8e-9b9a-1f9a3d4a5b6c';
let cloud: Running;
beforeEach(async () => {
  cloud = await start(recorded());
});
afterEach(() => cloud.stop());

const cluster = (variables: Record<string, object> = {}): WholeCluster => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'demo', namespace: 'org-demo', uid },
  spec: {
    topology: {
      workers: { machineDeployments: [{ name: 'az1' }, { name: 'az2', variables: { overrides: [{ name: 'worker', value: { serverGroup: 'anti-affinity' } }] } }] },
      variables: Object.entries({ controlPlane: { flavor: 'a', image: 'b', serverGroup: 'soft-anti-affinity' }, ...variables }).map(([name, value]) => ({ name, value })),
    },
  },
});

async function make(of: WholeCluster): Promise<string[]> {
  await makeGroups({ client: clientOf(of), log: silentLog } as unknown as OperatorContext, of, AbortSignal.timeout(10_000));
  return (await groups()).map(({ name, policy }) => `${name.replace(ownershipTag(uid), 'TAG')} ${policy}`).sort();
}

/** An API server with this Cluster and the credential of its cloud. */
function clientOf(of: WholeCluster): KubeClient {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace: 'org-demo' }, data: { 'clouds.yaml': Buffer.from(stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson'] } })).toString('base64') } };
  return { get: async (resource: Resource) => (resource === resources.clusters ? of : secret) } as unknown as KubeClient;
}

async function groups(): Promise<{ id: string; name: string; policy: string }[]> {
  return ((await cloud.member.call('compute', 'GET', '/os-server-groups', { headers: { 'openstack-api-version': 'compute 2.64' } })) as { server_groups: { id: string; name: string; policy: string }[] }).server_groups;
}

test('control plane and each worker group get one; a second time nothing is made', async () => {
  const expected = ['TAG-az1-soft-anti-affinity soft-anti-affinity', 'TAG-az2-anti-affinity anti-affinity', 'TAG-control-plane-soft-anti-affinity soft-anti-affinity'];
  expect(await make(cluster())).toEqual(expected);
  expect(await make(cluster())).toEqual(expected);
});

test('another policy is another group: Nova changes none', async () => {
  await make(cluster());
  expect(await make(cluster({ controlPlane: { flavor: 'a', image: 'b', serverGroup: 'anti-affinity' } }))).toContain('TAG-control-plane-anti-affinity anti-affinity');
});

test('who wants none gets none', async () => {
  const none = cluster({ controlPlane: { flavor: 'a', image: 'b', serverGroup: 'none' }, worker: { serverGroup: 'none' } });
  expect(await make({ ...none, spec: { topology: { ...none.spec?.topology, workers: { machineDeployments: [{ name: 'az1' }] } } } })).toEqual([]);
});

test('one that somebody deletes is made again after a while', async () => {
  const of = cluster();
  const here = { ...of, spec: { topology: { ...of.spec?.topology, classRef: { name: 'openstack-v1' } } }, metadata: { ...of.metadata, finalizers: [finalizers.cluster] } };
  const clusters = {
    get: () => here, start: () => undefined, whenSynced: () => Promise.resolve(), whenStopped: () => Promise.resolve(), isSynced: true, status: () => ({}),
    onChange: (listener: (change: Change) => void) => (listener({ type: 'added', object: here }), () => undefined),
  } as unknown as ServerGroupsOptions['clusters'];
  const stop = startControllers([serverGroupsController({ context: testContext(clientOf(here)), clusters, resyncMs: 100 })]);
  const [first] = await eventually(async () => ((await groups()).length === 3 ? groups() : undefined));
  await cloud.member.call('compute', 'DELETE', `/os-server-groups/${first!.id}`);
  const again = await eventually(async () => (await groups()).find(({ name }) => name === first!.name));
  expect(again.id).not.toBe(first!.id);
  await stop();
});
