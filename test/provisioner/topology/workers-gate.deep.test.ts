/**
 * The gate between control plane and workers of an upgrade, as the real Cluster API meets it: what holds the workers stands in
 * the Cluster, and they follow when it is mended. Servers do not boot before the simulated cloud: the test says that the control
 * plane is done, as its provider would, and the management API server is the cluster's own too.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { type Held, Life, namespace, simulated } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';

const minutes = 60_000;
const [older, newer] = ['v1.36.2', 'v1.36.3'];
const budgets = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true };

describeWith(wholePlaneNeeds, 'an upgrade whose workers are held', () => {
  let cloud: Running;
  let life: Life;

  beforeAll(async () => {
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
    life = await Life.start(simulated(cloud), { isItsOwnWorkload: true });
    await life.putSecret();
  }, 5 * minutes);
  afterAll(async () => {
    await life?.stop();
    await cloud?.stop();
  }, minutes);

  const topology = async (): Promise<string> => (await life.condition('TopologyReconciled'))?.message ?? '';
  const isHeldBy = (text: RegExp): Promise<true> => until(`workers held by ${String(text)}`, async () => (text.test(await topology()) ? true : undefined), 2)
    .catch(async (error: unknown) => { throw new Error(`${String(error)}: ${await topology()}\n${(await life.get())?.metadata.annotations?.['keelson.dev/workers-gate'] ?? ''}\n${life.plane.log()}`); });
  const versionsOfWorkers = async (): Promise<unknown[]> => [...new Set((await life.list(resources.machineDeployments)).map(({ spec }) => (spec as { template: { spec: { version: string } } }).template.spec.version))];
  const node = (kubeletVersion: string): Promise<unknown> => life.plane.client.patch(resources.nodes, { name: 'demo-cp-1' }, { type: 'merge', body: { status: { nodeInfo: { kubeletVersion }, conditions: [{ type: 'Ready', status: 'True', reason: 'x', message: '', lastHeartbeatTime: null, lastTransitionTime: null }] } }, subresource: 'status' });
  const allow = (disruptionsAllowed: number): Promise<unknown> => life.plane.client.patch(budgets, { namespace: 'default', name: 'shop' }, { type: 'merge', body: { status: { disruptionsAllowed, expectedPods: 1, currentHealthy: 1, desiredHealthy: 1, observedGeneration: 1 } }, subresource: 'status' });
  const controlPlaneMachine = async (): Promise<KubeObject | undefined> => (await life.list(resources.machines)).find(({ metadata }) => 'cluster.x-k8s.io/control-plane' in (metadata.labels ?? {}));

  test('the control plane goes first, and the workers wait for its nodes, for budgets and for room in the cloud, each named', async () => {
    const { client } = life.plane;
    await client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'demo-cp-1', labels: { 'node-role.kubernetes.io/control-plane': '' } } });
    await node(older);
    await client.create(budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'shop', namespace: 'default' }, spec: { minAvailable: 1, selector: {} } });
    await allow(1);
    await client.create<Held>(resources.clusters, life.cluster(({ spec }) => { spec.topology.version = older; }));
    await life.whenTrue('InfrastructureReady');
    await life.whenTrue('TopologyReconciled');
    await until('a control plane that says its version', async () => ((await life.list(resources.kubeadmControlPlanes))[0]?.['status'] as { version?: string } | undefined)?.version);

    await client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'json', body: [{ op: 'replace', path: '/spec/topology/version', value: newer }] });
    await until('the new version in the control plane', async () => (((await life.list(resources.kubeadmControlPlanes))[0]?.['spec'] as { version: string }).version === newer ? true : undefined));
    expect(await versionsOfWorkers()).toEqual([older]);

    // The control plane says that it is done: its machines have the version. Its node lags behind.
    await client.patch(resources.machines, { namespace, name: (await controlPlaneMachine())?.metadata.name ?? '' }, { type: 'merge', body: { spec: { version: newer } } });
    await allow(0);
    await isHeldBy(/workers wait before they go to v1\.36\.3: control plane node demo-cp-1 runs v1\.36\.2; PodDisruptionBudget default\/shop lets no pod go/);
    await node(newer);
    await isHeldBy(/v1\.36\.3: PodDisruptionBudget default\/shop/);
    cloud.cloud.state.nova.quotas[(await cloud.member.projectId())!] = { instances: 0 };
    await allow(1);
    await isHeldBy(/v1\.36\.3: the whole cluster needs \d+ servers/);
    expect(await versionsOfWorkers()).toEqual([older]);
  }, 12 * minutes);

  test('they follow when the last of it is mended', async () => {
    cloud.cloud.state.nova.quotas[(await cloud.member.projectId())!] = {};
    await until('the new version in a worker group', async () => ((await versionsOfWorkers()).includes(newer) ? true : undefined))
      .catch(async (error: unknown) => { throw new Error(`${String(error)}: ${await topology()}`); });
    const said = life.context.said.join('\n');
    expect(said).toMatch(/event Warning WorkersHeld Cluster demo: workers wait before they go to v1\.36\.3: PodDisruptionBudget default\/shop/);
    expect(said).toMatch(/event Normal WorkersMayRoll Cluster demo: workers may go to v1\.36\.3/);
  }, 5 * minutes);
});
