/** The cells of "When something is away" in docs/clusters.md, with the real Cluster API and CAPO before the simulated cloud. Servers do not boot there: what a node would say is not part of any cell. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeObject, type Resource, resources } from '../../../provisioner/kube/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { type Held, Life, namespace, simulated } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';
import { oneAddress } from './one-address.ts';

const minutes = 60_000;
const [older, newer] = ['v1.36.2', 'v1.36.3'];
/** What Cluster API says of an extension that does not answer. */
const cannotAsk = /failed to call|failed to create|connection refused|http call failed/;

describeWith(wholePlaneNeeds, 'while something is away', () => {
  let cloud: Running;
  let life: Life;

  beforeAll(async () => {
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
    life = await Life.start(simulated(cloud));
    await life.putSecret();
  }, 5 * minutes);
  afterAll(async () => {
    await life?.stop();
    await cloud?.stop();
  }, 3 * minutes);

  /** Clusters by another name for each test, all in networks of their own. */
  const create = (name: string): Promise<KubeObject> => life.plane.client.create(resources.clusters, life.cluster((cluster) => {
    cluster.metadata.name = name;
    cluster.spec.topology.version = older;
  }));
  const get = (name: string): Promise<Held | undefined> => life.plane.client.get<Held>(resources.clusters, { namespace, name });
  const condition = async (name: string, type: string): Promise<{ status: string; message: string } | undefined> => (await get(name))?.status?.conditions?.find((one) => one.type === type);
  const of = async (name: string, resource: Resource): Promise<KubeObject[]> => (await life.plane.client.list(resource, { namespace, labelSelector: `cluster.x-k8s.io/cluster-name=${name}` })).items;
  const machines = async (name: string, group = 'az1'): Promise<string[]> => (await of(name, resources.machines)).filter(({ metadata }) => metadata.labels?.['topology.cluster.x-k8s.io/deployment-name'] === group).map(({ metadata }) => metadata.name).sort();
  const version = async (name: string): Promise<unknown> => ((await of(name, resources.kubeadmControlPlanes))[0]?.['spec'] as { version?: string } | undefined)?.version;
  const infrastructure = async (name: string): Promise<KubeObject | undefined> => (await of(name, resources.openStackClusters))[0];

  /** With what is said of it last, and by whom that should have acted. */
  const isSo = (what: string, read: () => Promise<boolean>, name: string, within = 4): Promise<true> => until(what, async () => ((await read()) ? true : undefined), within)
    .catch(async (error: unknown) => { throw new Error(`${String(error)}: ${JSON.stringify((await get(name).catch(() => undefined))?.status?.conditions?.filter(({ status }) => status !== 'True'))}\n${life.plane.log()}\n${life.plane.log('infrastructure-openstack')}`); });
  const isMade = (name: string): Promise<true> => isSo(`infrastructure, control plane and workers of ${name}`, async () => (await condition(name, 'InfrastructureReady'))?.status === 'True' && (await machines(name)).length === 1 && (await condition(name, 'TopologyReconciled'))?.status === 'True', name);
  const has = (name: string, count: number): Promise<true> => isSo(`${count} machines of ${name}`, async () => (await machines(name)).length === count, name);
  const says = (name: string, type: string, text: RegExp): Promise<true> => isSo(`${type} of ${name} with ${String(text)}`, async () => text.test((await condition(name, type))?.message ?? ''), name);
  const isUpgraded = (name: string): Promise<true> => isSo(`${newer} in the control plane of ${name}`, async () => (await version(name)) === newer, name);
  const isGoing = (name: string): Promise<true> => isSo(`the end of ${name} begun`, async () => (await infrastructure(name))?.metadata.deletionTimestamp !== undefined || (await get(name)) === undefined, name);
  const isGone = (name: string): Promise<true> => isSo(`the end of ${name}`, async () => (await get(name)) === undefined, name, 6);

  const patch = (name: string, path: string, value: unknown): Promise<unknown> => life.plane.client.patch(resources.clusters, { namespace, name }, { type: 'json', body: [{ op: 'replace', path, value }] });
  const scale = (name: string, replicas: number): Promise<unknown> => patch(name, '/spec/topology/workers/machineDeployments/0/replicas', replicas);
  const upgrade = (name: string): Promise<unknown> => patch(name, '/spec/topology/version', newer);
  const remove = (name: string): Promise<unknown> => life.plane.client.delete(resources.clusters, { namespace, name });
  /** Cluster API's pauses have grown meanwhile; a change of the Cluster, whichever, has it look at once. */
  const nudge = async (...clusters: readonly string[]): Promise<void> => {
    for (const name of clusters) await life.plane.client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { annotations: { look: String(Date.now()) } } } });
  };
  /** Long enough for several rounds of whoever would have acted. */
  const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 6_000));
  /** A person gives a machine up: what a health check does when its node is silent. */
  async function remediate(name: string): Promise<string> {
    const [machine = ''] = await machines(name);
    await life.plane.client.patch(resources.machines, { namespace, name: machine }, { type: 'merge', body: { metadata: { annotations: { 'cluster.x-k8s.io/remediate-machine': '' } } } });
    return machine;
  }
  const isReplaced = (name: string, machine: string): Promise<true> => isSo(`another machine than ${machine}`, async () => {
    const now = await machines(name);
    return now.length > 0 && !now.includes(machine);
  }, name);
  const controlPlane = async (name: string): Promise<KubeObject[]> => (await of(name, resources.machines)).filter(({ metadata }) => 'cluster.x-k8s.io/control-plane' in (metadata.labels ?? {}));
  /** The same for the only control plane machine, which has a server. */
  async function remediateControlPlane(name: string): Promise<string> {
    const machine = (await until(`the control plane machine of ${name}`, async () => (await controlPlane(name))[0])).metadata.name;
    await life.plane.client.patch(resources.machines, { namespace, name: machine }, { type: 'merge', body: { metadata: { annotations: { 'cluster.x-k8s.io/remediate-machine': '' } } } });
    return machine;
  }
  const isControlPlaneReplaced = (name: string, machine: string): Promise<true> => isSo(`another control plane machine than ${machine}`, async () => {
    const now = (await controlPlane(name)).map(({ metadata }) => metadata.name);
    return now.length > 0 && !now.includes(machine);
  }, name).catch((error: unknown) => { throw new Error(`${String(error)}\n${life.plane.log('control-plane-kubeadm')}`); });
  /** What the project has, by id; what changes by itself (a status) is not in it. */
  const cloudIds = (): string[] => {
    const { neutron, nova, octavia, cinder } = cloud.cloud.state;
    return [neutron.networks, neutron.ports, neutron.floatingIps, neutron.securityGroups, nova.servers, octavia.loadBalancers, cinder.volumes].flatMap((table) => Object.keys(table)).sort();
  };

  describe('the extension', () => {
    afterEach(() => life.plane.startExtensionAgain().catch(() => undefined));

    test('create, scale and upgrade wait, and the Clusters say so; remediate goes on; all of it when it is back', async () => {
      await create('ext');
      await isMade('ext');
      await life.plane.killExtension();
      await create('ext-new');
      await says('ext-new', 'TopologyReconciled', cannotAsk);
      await isReplaced('ext', await remediate('ext'));
      await isControlPlaneReplaced('ext', await remediateControlPlane('ext'));
      await scale('ext', 2);
      await says('ext', 'TopologyReconciled', cannotAsk);
      await aWhile();
      expect(await infrastructure('ext-new')).toBeUndefined();
      expect(await machines('ext')).toHaveLength(1);
      await life.plane.startExtensionAgain();
      await nudge('ext', 'ext-new');
      await isMade('ext-new');
      await has('ext', 2);
      // Apart from the scaling: Cluster API keeps a worker group as it is while the control plane before it is upgraded.
      await life.plane.killExtension();
      await upgrade('ext');
      await says('ext', 'TopologyReconciled', cannotAsk);
      await aWhile();
      expect(await version('ext')).toBe(older);
      await life.plane.startExtensionAgain();
      await nudge('ext');
      await isUpgraded('ext');
    }, 12 * minutes);

    test('delete waits before it begins; once begun it goes on', async () => {
      await life.plane.killExtension();
      await remove('ext');
      await aWhile();
      expect((await infrastructure('ext'))?.metadata.deletionTimestamp).toBeUndefined();
      await life.plane.startExtensionAgain();
      await nudge('ext');
      await isGone('ext');
      await remove('ext-new');
      await isGoing('ext-new');
      await life.plane.killExtension();
      await isGone('ext-new');
    }, 14 * minutes);
  });

  describe('the certificate of the extension, or one of its two replicas', () => {
    const server = (notAfter?: Date) => life.plane.api.ca.issue({ commonName: 'localhost', dnsNames: ['localhost'], addresses: ['127.0.0.1'], usage: 'server', ...(notAfter ? { notAfter } : {}) });
    afterEach(async () => {
      await life.plane.giveExtension(await server());
      await life.plane.startExtensionAgain().catch(() => undefined);
    });

    test('expired, it is as away, and the Clusters say why; renewed, it needs no restart', async () => {
      await create('cert');
      await isMade('cert');
      await life.plane.giveExtension(await server(new Date(Date.now() - 60_000)));
      // Connections that are open go on; a restart closes them.
      await life.plane.killExtension();
      await life.plane.startExtensionAgain();
      await create('cert-new');
      await scale('cert', 2);
      await says('cert-new', 'TopologyReconciled', /certificate has expired/);
      await says('cert', 'TopologyReconciled', /certificate has expired/);
      await isReplaced('cert', await remediate('cert'));
      expect(await infrastructure('cert-new')).toBeUndefined();
      expect(await machines('cert')).toHaveLength(1);
      await life.plane.giveExtension(await server());
      await nudge('cert', 'cert-new');
      await isMade('cert-new');
      await has('cert', 2);
      await remove('cert-new');
      await isGone('cert-new');
    }, 14 * minutes);

    test('restarted one after the other, nothing waits and nothing says so', async () => {
      const address = await oneAddress();
      const replicas = [await life.plane.anotherExtension(3_000), await life.plane.anotherExtension(3_000)];
      for (const replica of replicas) address.add(replica);
      const before = (await life.plane.client.get<KubeObject & { spec: { clientConfig: { url: string } } }>(resources.extensionConfigs, { name: 'keelson' }))!.spec.clientConfig.url;
      const point = (url: string): Promise<unknown> => life.plane.client.patch(resources.extensionConfigs, { name: 'keelson' }, { type: 'merge', body: { spec: { clientConfig: { url } } } });
      const said: string[] = [];
      try {
        await point(`https://127.0.0.1:${address.port}`);
        await life.plane.killExtension();
        await scale('cert', 1);
        await has('cert', 1);
        for (const [i, old] of replicas.entries()) {
          const stopped = old.stop();
          // Asked all the while, by a change of the Cluster each half second.
          for (let round = 0; round < 8; round++) {
            await nudge('cert');
            await new Promise((resolve) => setTimeout(resolve, 500));
            const { status, message } = (await condition('cert', 'TopologyReconciled'))!;
            if (status !== 'True' && cannotAsk.test(message)) said.push(message);
          }
          await stopped;
          address.remove(old);
          replicas[i] = await life.plane.anotherExtension(3_000);
          address.add(replicas[i]);
        }
        await scale('cert', 2);
        await has('cert', 2);
        expect(said).toEqual([]);
        expect(address.unanswered()).toBe(0);
      } finally {
        await life.plane.startExtensionAgain();
        await point(before);
        await Promise.all(replicas.map((replica) => replica.stop()));
        await address.stop();
      }
      await remove('cert');
      await isGone('cert');
    }, 14 * minutes);
  });

  describe('the operator', () => {
    afterEach(() => { if (!life.hasOperator) life.startOperator(); });

    test('create and upgrade wait for its check; scale and remediate go on', async () => {
      await create('op');
      await isMade('op');
      await life.killOperator();
      await create('op-new');
      await says('op-new', 'TopologyReconciled', /waiting for the check of the cloud by the operator/);
      await scale('op', 2);
      await has('op', 2);
      await scale('op', 1);
      await has('op', 1);
      await isReplaced('op', await remediate('op'));
      await upgrade('op');
      await says('op', 'TopologyReconciled', /waiting for the check of the cloud by the operator/);
      await aWhile();
      expect([await version('op'), await infrastructure('op-new')]).toEqual([older, undefined]);
      life.startOperator();
      await isMade('op-new');
      await isUpgraded('op');
    }, 12 * minutes);

    test('delete waits before it begins; once begun, at its finalizer', async () => {
      await life.killOperator();
      await remove('op');
      await aWhile();
      expect((await infrastructure('op'))?.metadata.deletionTimestamp).toBeUndefined();
      life.startOperator();
      await isGone('op');
      await remove('op-new');
      await isGoing('op-new');
      await life.killOperator();
      await isSo('nothing left but the Cluster', async () => (await infrastructure('op-new')) === undefined, 'op-new');
      await aWhile();
      expect((await get('op-new'))?.metadata.finalizers).toContain('keelson.dev/cluster');
      life.startOperator();
      await isGone('op-new');
    }, 14 * minutes);
  });

  describe('the API of the management cluster', () => {
    /** @returns when it is back and whoever ended without it runs again */
    async function whileAway(): Promise<void> {
      await life.plane.api.kill();
      await aWhile();
      const during = cloudIds();
      await aWhile();
      expect(cloudIds()).toEqual(during);
      await life.plane.api.start();
      await life.plane.reviveManagers();
    }

    test('create, scale, upgrade and remediate stand still in the cloud, and go on when it is back', async () => {
      await create('api');
      await until('a network', async () => (Object.values(cloud.cloud.state.neutron.networks).some(({ name }) => name.endsWith('org-demo-api')) ? true : undefined));
      await whileAway();
      await isMade('api');
      const given = await remediate('api');
      await scale('api', 2);
      await whileAway();
      await isReplaced('api', given);
      await has('api', 2);
      await upgrade('api');
      await whileAway();
      await isUpgraded('api');
    }, 14 * minutes);

    test('delete too', async () => {
      await remove('api');
      await isGoing('api');
      await whileAway();
      await isGone('api');
    }, 10 * minutes);
  });

  describe('the cloud', () => {
    afterEach(() => { cloud.cloud.faults.heal(); });
    const away = (): unknown => cloud.cloud.faults.add({ name: 'away', effect: { kind: 'status', status: 503 } });
    const isThere = (name: string): boolean => Object.values(cloud.cloud.state.neutron.networks).some((network) => network.name.endsWith(`org-demo-${name}`));

    test('create and upgrade wait, and say so; scale and remediate wait in CAPO, machine by machine', async () => {
      await create('sky');
      await isMade('sky');
      away();
      await create('sky-new');
      await says('sky-new', 'keelson.dev/PreflightPassed', /503|does not answer|unavailable/i);
      await scale('sky', 2);
      await has('sky', 2);
      const given = await remediate('sky');
      // Cluster API remediates no worker while an upgrade is pending (MachineSet preflight checks).
      await isSo(`${given} on its way out`, async () => (await of('sky', resources.machines)).some(({ metadata }) => metadata.name === given && metadata.deletionTimestamp !== undefined), 'sky');
      await upgrade('sky');
      await says('sky', 'keelson.dev/PreflightPassed', /503|does not answer|unavailable/i);
      await aWhile();
      expect([await version('sky'), isThere('sky-new')]).toEqual([older, false]);
      cloud.cloud.faults.heal();
      await isMade('sky-new');
      await isReplaced('sky', given);
      await isUpgraded('sky');
    }, 14 * minutes);

    test('delete waits, forgets nothing, and ends when it is back', async () => {
      away();
      await remove('sky');
      await says('sky', 'keelson.dev/CloudCleaned', /./);
      await aWhile();
      expect(await get('sky')).toBeDefined();
      expect(isThere('sky')).toBe(true);
      cloud.cloud.faults.heal();
      await isGone('sky');
      expect(isThere('sky')).toBe(false);
      await remove('sky-new');
      await isGone('sky-new');
    }, 14 * minutes);
  });
});
