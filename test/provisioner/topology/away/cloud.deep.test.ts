/** Column "cloud" of the table "When something is away" in docs/clusters.md, but for its last row. */
import { afterEach, expect, test } from '@jest/globals';
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { answersWith } from '../../../../sandbox/openstack/index.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { doubled } from '../../../sandbox/openstack/doubled.ts';
import { namespace } from '../life.ts';
import { wholePlaneNeeds } from '../management-plane.ts';
import { createWorkersWithServers, poolOf, scaleWorkersWithServers, watchHealth } from '../workers-with-servers.ts';
import { type ClusterUnderTest, controlPlane, older } from './cluster-under-test.ts';
import { aWhile, cloudIds, hasNetwork, isUnreachable, minutes, serversThere, surroundings, takeAway } from './surroundings.ts';

type OpenStackServer = KubeObject & { readonly status?: { readonly instanceState?: string; readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[] } };

const pool = 'sky-pool';
const poolWorkers = poolOf(pool);

describeWith(wholePlaneNeeds, 'while the cloud is away', () => {
  const around = surroundings();
  const faults = () => around().cloud.cloud.faults;
  afterEach(() => { faults().heal(); });

  /** The cloud is back, and whoever waits looks at once. */
  const back = async (...clusters: readonly ClusterUnderTest[]): Promise<void> => {
    faults().heal();
    for (const one of clusters) await one.nudge();
  };
  /** Machines of this kind, so many, and their servers, all of which run. */
  const whenServed = (of: ClusterUnderTest, kind: string, count: number): Promise<void> => of.whenSo(`${count} servers of ${kind}`, async () => {
    const [machines, servers] = [await of.machines(kind), serversThere(around().cloud)];
    return machines.length === count && machines.every((name) => servers.includes(name));
  });
  /** What CAPO has been asked to make. */
  const asked = async (of: ClusterUnderTest): Promise<string[]> => (await of.of(resources.openStackServers)).map(({ metadata }) => metadata.name);
  const server = (name: string): Promise<OpenStackServer | undefined> => around().life.plane.client.get<OpenStackServer>(resources.openStackServers, { namespace, name });

  test('create and upgrade wait, and say so; scale and remediate wait in CAPO, machine by machine; all of it when it is back', async () => {
    const { cloud, life, cluster } = around();
    const [sky, skyNew] = [cluster('sky'), cluster('sky-new')];
    await sky.create();
    await sky.whenMade();
    await createWorkersWithServers(life, { cluster: 'sky', name: pool, replicas: 1 });
    await watchHealth(life, { cluster: 'sky', name: pool });
    await whenServed(sky, controlPlane, 1);
    await whenServed(sky, poolWorkers, 1);

    await takeAway(cloud);
    const before = cloudIds(cloud);
    await skyNew.create();
    await skyNew.whenSaid('keelson.dev/PreflightPassed', isUnreachable);
    const worker = await sky.giveUp(poolWorkers);
    await scaleWorkersWithServers(life, pool, 2);
    const first = await sky.giveUp(controlPlane);
    for (const machine of [worker, first]) await sky.whenOnItsWayOut(machine);
    // One more for the scaling; what replaces another comes when that has gone.
    await sky.whenSo('a worker more that CAPO is asked for', async () => (await asked(sky)).filter((name) => name.startsWith(pool)).length === 2);
    await sky.upgrade();
    await sky.whenSaid('keelson.dev/PreflightPassed', isUnreachable);
    await aWhile();
    expect(cloudIds(cloud)).toEqual(before);
    expect([await sky.version(), await sky.machines(controlPlane)]).toEqual([older, [first]]);
    expect(serversThere(cloud)).toEqual(expect.arrayContaining([worker, first]));

    await back(sky, skyNew);
    await skyNew.whenMade();
    await sky.whenReplaced(poolWorkers, worker);
    await whenServed(sky, poolWorkers, 2);
    await sky.whenReplaced(controlPlane, first);
    await whenServed(sky, controlPlane, 1);
    await sky.whenUpgraded();
    expect(serversThere(cloud)).not.toEqual(expect.arrayContaining([worker]));
    expect(serversThere(cloud)).not.toEqual(expect.arrayContaining([first]));
    expect([hasNetwork(cloud, 'sky-new'), doubled(cloud)]).toEqual([true, []]);
  }, 16 * minutes);

  test('the machine that replaces one of the control plane waits in CAPO for its server, and has it when the cloud is back', async () => {
    const { cloud, cluster } = around();
    const skyNew = cluster('sky-new');
    await whenServed(skyNew, controlPlane, 1);
    // Without images CAPO comes no further than to ask what the server is to be made of.
    faults().add({ service: 'image', effect: answersWith(503) });
    await skyNew.whenReplaced(controlPlane, await skyNew.giveUp(controlPlane));
    const [second = ''] = await skyNew.machines(controlPlane);
    await skyNew.whenSo(`${second} asked for`, async () => (await asked(skyNew)).includes(second));
    await takeAway(cloud);
    await aWhile();
    expect((await server(second))?.status?.instanceState).toBeUndefined();
    expect(serversThere(cloud)).not.toContain(second);
    await back(skyNew);
    await whenServed(skyNew, controlPlane, 1);
    expect(await skyNew.machines(controlPlane)).toEqual([second]);
  }, 10 * minutes);

  test('a machine whose server was refused at its very creation stands still when the cloud is back, until its health check gives it up', async () => {
    const { cloud, life, cluster } = around();
    const skyNew = cluster('sky-new');
    faults().add({ service: 'compute', method: 'POST', path: '/v2.1/servers', effect: answersWith(503) });
    await skyNew.whenReplaced(controlPlane, await skyNew.giveUp(controlPlane));
    const [refused = ''] = await skyNew.machines(controlPlane);
    await skyNew.whenSo(`the server of ${refused} refused`, async () => (await server(refused))?.status?.instanceState === 'ERROR');
    await takeAway(cloud);
    await aWhile();
    await back(skyNew);
    await aWhile();
    expect((await server(refused))?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'InstanceReady', status: 'False', reason: 'InstanceCreateFailed' }));
    expect([await skyNew.machines(controlPlane), serversThere(cloud).includes(refused)]).toEqual([[refused], false]);

    // Twenty minutes are the class's; this Cluster has less patience.
    await life.plane.client.patch(resources.clusters, { namespace, name: 'sky-new' }, { type: 'merge', body: { spec: { topology: { controlPlane: { healthCheck: { checks: { nodeStartupTimeoutSeconds: 30 } } } } } } });
    await skyNew.whenReplaced(controlPlane, refused);
    await whenServed(skyNew, controlPlane, 1);
    expect(doubled(cloud)).toEqual([]);
  }, 12 * minutes);

  test('so does a bastion, of which no health check knows, until its OpenStackServer is deleted', async () => {
    const { cloud, life, cluster } = around();
    const [skyLast, bastion] = [cluster('sky-last'), 'sky-last-bastion'];
    faults().add({ service: 'compute', method: 'POST', path: '/v2.1/servers', effect: answersWith(503) });
    await skyLast.create();
    await skyLast.whenSo('the server of the bastion refused', async () => (await server(bastion))?.status?.instanceState === 'ERROR');
    await back(skyLast);
    await skyLast.whenMade();
    await back(skyLast);
    await aWhile();
    expect([(await server(bastion))?.status?.instanceState, serversThere(cloud).includes(bastion)]).toEqual(['ERROR', false]);
    await life.plane.client.delete(resources.openStackServers, { namespace, name: bastion });
    await skyLast.whenSo('a bastion', async () => serversThere(cloud).includes(bastion));
  }, 10 * minutes);
});
