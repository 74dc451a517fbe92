/**
 * A living Cluster moves to another version of its class, under the real Cluster API and CAPO with both versions published and
 * one extension for them: what the versions make differently rolls, and nothing else. Servers do not boot before the simulated
 * cloud: workers may go before their followers are Ready here, and of the control plane, which waits for its first node, its
 * specification is seen to change or to stay.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plan } from '../../../provisioner/cluster-plan/plan.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import type { PreflightCluster } from '../../../provisioner/preflight/cluster.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { withLaterClasses } from './later-classes.ts';
import { Life, namespace, simulated } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';

const minutes = 60_000;

describeWith(wholePlaneNeeds, 'a Cluster that moves to another version of its class', () => {
  let cloud: Running;
  let life: Life;

  beforeAll(async () => {
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
    life = await Life.start(simulated(cloud), { versions: withLaterClasses });
    await life.putSecret();
    await life.plane.client.create(resources.clusters, life.cluster(({ spec }) => {
      for (const group of spec.topology.workers.machineDeployments) Object.assign(group, { rollout: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } });
    }));
    await life.whenTrue('InfrastructureReady');
    await life.whenTrue('TopologyReconciled');
    await until('the machines of control plane and workers', async () => ((await machines()).length === 3 && (await servers()).length === 2 ? true : undefined));
  }, 8 * minutes);
  afterAll(async () => {
    await life?.stop();
    await cloud?.stop();
  }, minutes);

  const isControlPlane = ({ metadata }: KubeObject): boolean => 'cluster.x-k8s.io/control-plane' in (metadata.labels ?? {});
  const machines = async (): Promise<string[]> => (await life.list(resources.machines)).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name).sort();
  const workers = async (): Promise<string[]> => (await life.list(resources.machines)).filter((machine) => !isControlPlane(machine)).map(({ metadata }) => metadata.name).sort();
  const servers = (): Promise<string[]> => Promise.resolve(Object.values(cloud.cloud.state.nova.servers).map(({ id }) => id).sort());
  const generations = async (): Promise<Record<string, unknown>> => ({
    infrastructure: (await life.list(resources.openStackClusters))[0]?.metadata.generation,
    controlPlane: (await life.list(resources.kubeadmControlPlanes))[0]?.metadata.generation,
    groups: (await life.list(resources.machineDeployments)).map(({ metadata }) => metadata.generation),
    controlPlaneMachine: (await life.list(resources.machines)).find(isControlPlane)?.metadata.uid,
    servers: await servers(),
  });
  const planned = (name: string, before: PreflightCluster): Promise<string[]> =>
    life.plane.client.patch<KubeObject>(resources.clusters, { namespace, name: 'demo' }, { type: 'json', body: [{ op: 'replace', path: '/spec/topology/classRef/name', value: name }], dryRun: true })
      .then((after) => plan({ before, after: after as PreflightCluster, versions: withLaterClasses }).map(({ part, action }) => `${part}: ${action}`));
  const moveTo = (name: string): Promise<void> => life.change({ spec: { topology: { classRef: { name } } } });
  const settled = async (): Promise<void> => {
    await life.whenTrue('TopologyReconciled');
    // Two more rounds of every controller: what would be replaced would be replaced now.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
  };

  test('to one whose workers differ: the plan says so, the workers of every group go one by one, all else stays', async () => {
    const before = (await life.get()) as PreflightCluster;
    expect(await planned('openstack-v2', before)).toEqual(['cluster: keep', 'control plane: keep', 'workers az1: roll', 'workers az2: roll', 'workers az3: keep']);
    const [old, was] = [await workers(), await generations()];
    await moveTo('openstack-v2');
    await until('other workers alone', async () => {
      const now = await workers();
      return now.length === old.length && now.every((name) => !old.includes(name)) ? true : undefined;
    }, 4).catch(async (error: unknown) => { throw new Error(`${String(error)}: ${old.join()} ${(await workers()).join()}\n${life.plane.log()}`); });
    await settled();
    expect(await workers()).toHaveLength(old.length);
    const { groups, ...is } = await generations();
    const { groups: groupsBefore, ...rest } = was;
    expect(is).toEqual(rest);
    expect(groups).not.toEqual(groupsBefore);
  }, 8 * minutes);

  test('to one whose control plane differs too: no worker goes', async () => {
    const before = (await life.get()) as PreflightCluster;
    expect(await planned('openstack-v3', before)).toEqual(['cluster: keep', 'control plane: roll', 'workers az1: keep', 'workers az2: keep', 'workers az3: keep']);
    const [old, was] = [await workers(), await generations()];
    await moveTo('openstack-v3');
    await until('another specification of the control plane', async () => ((await generations())['controlPlane'] === was['controlPlane'] ? undefined : true));
    await settled();
    expect(await workers()).toEqual(old);
    const now = await generations();
    expect([now['infrastructure'], now['groups']]).toEqual([was['infrastructure'], was['groups']]);
    const machine = (await life.list(resources.machines)).find(isControlPlane);
    expect((machine?.['status'] as { conditions: { type: string; status: string }[] }).conditions).toContainEqual(expect.objectContaining({ type: 'UpToDate', status: 'False' }));
  }, 6 * minutes);

  test('what may not change may not change on the way either, nobody leaves the class, and a version that is not there is refused', async () => {
    const refused = (topology: object): Promise<unknown> => life.change({ spec: { topology } }).then(() => 'taken', String);
    const { spec } = (await life.get())!;
    const variables = spec.topology.variables.map((one) => (one.name === 'network' ? { ...one, value: { ...one.value, nodeCidr: '10.99.0.0/24' } } : one));
    expect(await refused({ classRef: { name: 'openstack-v2' }, variables })).toMatch(/the subnet of the nodes cannot be changed/);
    expect(await refused({ classRef: { name: 'quick-start' } })).toMatch(/a Cluster moves between versions of the class alone/);
    expect(await refused({ classRef: { namespace } })).toMatch(/a Cluster moves between versions of the class alone/);
    expect(await refused({ classRef: { name: 'openstack-v9' } })).toMatch(/openstack-v9/);
    expect((await life.get())?.spec.topology.classRef.name).toBe('openstack-v3');
  }, minutes);

  test('deleted, nothing is left', async () => {
    await life.plane.client.delete(resources.clusters, { namespace, name: 'demo' });
    await until('the end of the Cluster', async () => ((await life.get()) === undefined ? true : undefined), 6);
    expect(await servers()).toEqual([]);
  }, 8 * minutes);
});
