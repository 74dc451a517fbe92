/** The cells of "When something is away" in docs/clusters.md, with the real Cluster API and CAPO before the simulated cloud. Servers do not boot there: what needs a cluster that runs is seen on a fleet (test/e2e). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { type KubeObject, type Resource, resources } from '../../../provisioner/kube/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { type Held, Life, namespace } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';

const minutes = 60_000;

describeWith(wholePlaneNeeds, 'while something is away', () => {
  let cloud: Running;
  let life: Life;

  beforeAll(async () => {
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
    life = await Life.start({ cloudsYaml: stringify(cloud.cloud.clouds()), entry: 'keelson-password', flavor: 'k.medium', image: 'keelson-node-v1.36.3' });
    await life.putSecret();
  }, 5 * minutes);
  afterAll(async () => {
    await life?.stop();
    await cloud?.stop();
  }, minutes);

  /** Clusters by another name for each test, all in networks of their own. */
  const named = (name: string, change: (cluster: Held) => void = () => undefined): Held => life.cluster((cluster) => {
    cluster.metadata.name = name;
    change(cluster);
  });
  const create = (name: string): Promise<KubeObject> => life.plane.client.create(resources.clusters, named(name));
  const get = (name: string): Promise<Held | undefined> => life.plane.client.get<Held>(resources.clusters, { namespace, name });
  const condition = async (name: string, type: string): Promise<{ status: string; message: string } | undefined> => (await get(name))?.status?.conditions?.find((one) => one.type === type);
  const of = async (name: string, resource: Resource): Promise<KubeObject[]> => (await life.plane.client.list(resource, { namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${name}` })).items;
  const machines = async (name: string, group: string): Promise<string[]> => (await of(name, resources.machines)).filter(({ metadata }) => metadata.labels?.['topology.cluster.x-k8s.io/deployment-name'] === group).map(({ metadata }) => metadata.name).sort();
  const isMade = (name: string): Promise<true> => until(`infrastructure of ${name}`, async () => ((await condition(name, 'InfrastructureReady'))?.status === 'True' && (await machines(name, 'az1')).length === 1 ? true : undefined));
  const says = (name: string, type: string, text: RegExp): Promise<true> => until(`${type} of ${name} with ${String(text)}`, async () => (text.test((await condition(name, type))?.message ?? '') ? true : undefined));
  const scale = (name: string, replicas: number): Promise<unknown> => life.plane.client.patch(resources.clusters, { namespace, name }, { type: 'json', body: [{ op: 'replace', path: '/spec/topology/workers/machineDeployments/0/replicas', value: replicas }] });
  const remove = (name: string): Promise<unknown> => life.plane.client.delete(resources.clusters, { namespace, name });
  const isGone = (name: string): Promise<true> => until(`the end of ${name}`, async () => ((await get(name)) === undefined ? true : undefined), 4);
  /** Long enough for several rounds of whoever would have acted. */
  const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 6_000));
  /** A person gives a machine up: what a health check does when its node is silent. */
  async function remediate(name: string): Promise<string> {
    const [machine = ''] = await machines(name, 'az1');
    await life.plane.client.patch(resources.machines, { namespace, name: machine }, { type: 'merge', body: { metadata: { annotations: { 'cluster.x-k8s.io/remediate-machine': '' } } } });
    return machine;
  }
  const isReplaced = (name: string, machine: string): Promise<true> => until(`another machine than ${machine}`, async () => {
    const now = await machines(name, 'az1');
    return now.length > 0 && !now.includes(machine) ? true : undefined;
  });

  describe('the extension', () => {
    afterEach(() => life.plane.startExtensionAgain().catch(() => undefined));

    test('create waits and the Cluster says so; scale waits; remediate goes on; delete waits before it begins; all of it when it is back', async () => {
      await create('ext');
      await isMade('ext');
      await life.plane.killExtension();
      await create('ext-new');
      await says('ext-new', 'TopologyReconciled', /failed to call|failed to create|connection refused|http call failed/);
      await scale('ext', 2);
      await aWhile();
      expect(await of('ext-new', resources.openStackClusters)).toEqual([]);
      expect(await machines('ext', 'az1')).toHaveLength(1);
      await isReplaced('ext', await remediate('ext'));
      await remove('ext');
      await aWhile();
      expect((await of('ext', resources.openStackClusters))[0]?.metadata.deletionTimestamp).toBeUndefined();
      await life.plane.startExtensionAgain();
      await isMade('ext-new');
      await isGone('ext');
    }, 8 * minutes);
  });

  describe('the operator', () => {
    afterEach(() => { if (!life.hasOperator) life.startOperator(); });

    test('create waits for its check; scale and remediate go on; delete waits before it begins', async () => {
      await create('op');
      await isMade('op');
      await life.killOperator();
      await create('op-new');
      await says('op-new', 'TopologyReconciled', /waiting for the check of the cloud by the operator/);
      await scale('op', 2);
      await until('a second machine', async () => ((await machines('op', 'az1')).length === 2 ? true : undefined));
      await scale('op', 1);
      await until('one machine', async () => ((await machines('op', 'az1')).length === 1 ? true : undefined));
      await isReplaced('op', await remediate('op'));
      await remove('op');
      await aWhile();
      expect((await of('op', resources.openStackClusters))[0]?.metadata.deletionTimestamp).toBeUndefined();
      expect(await of('op-new', resources.openStackClusters)).toEqual([]);
      life.startOperator();
      await isMade('op-new');
      await isGone('op');
    }, 8 * minutes);
  });

  test('the API of the management cluster: nothing in the cloud changes, and what was under way goes on when it is back', async () => {
    await create('api');
    await until('a network', async () => (Object.values(cloud.cloud.state.neutron.networks).some(({ name }) => name.includes('org-demo-api')) ? true : undefined));
    await life.plane.api.kill();
    await aWhile();
    const during = Object.keys(cloud.cloud.state.neutron.networks).sort();
    await aWhile();
    expect(Object.keys(cloud.cloud.state.neutron.networks).sort()).toEqual(during);
    await life.plane.api.start();
    await life.plane.reviveManagers();
    await isMade('api');
  }, 8 * minutes);

  test('the cloud: create waits; scale makes a machine that waits in CAPO; delete waits, forgets nothing, and ends when it is back', async () => {
    await create('cloud');
    await isMade('cloud');
    cloud.cloud.faults.add({ name: 'away', effect: { kind: 'status', status: 503 } });
    await create('cloud-new');
    await says('cloud-new', 'keelson.dev/PreflightPassed', /503|does not answer|unavailable/i);
    await scale('cloud', 2);
    await until('a second machine', async () => ((await machines('cloud', 'az1')).length === 2 ? true : undefined));
    await remove('cloud');
    await says('cloud', 'keelson.dev/CloudCleaned', /./);
    await aWhile();
    expect(await get('cloud')).toBeDefined();
    expect(Object.values(cloud.cloud.state.neutron.networks).some(({ name }) => name.endsWith('org-demo-cloud'))).toBe(true);
    cloud.cloud.faults.remove('away');
    await isGone('cloud');
    expect(Object.values(cloud.cloud.state.neutron.networks).some(({ name }) => name.endsWith('org-demo-cloud'))).toBe(false);
    await isMade('cloud-new');
  }, 12 * minutes);
});
