/** Last row of the column "cloud" of the table "When something is away" in docs/clusters.md. */
import { afterEach, expect, test } from '@jest/globals';
import { ownershipTag } from '../../../../provisioner/api/names.ts';
import { resources } from '../../../../provisioner/kube/index.ts';
import { answersWith } from '../../../../sandbox/openstack/index.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { wholePlaneNeeds } from '../management-plane.ts';
import { type ClusterUnderTest, controlPlane } from './cluster-under-test.ts';
import { aWhile, cloudIds, hasNetwork, isUnreachable, minutes, serversThere, surroundings, takeAway } from './surroundings.ts';

describeWith(wholePlaneNeeds, 'a deletion while the cloud is away', () => {
  const around = surroundings();
  const faults = () => around().cloud.cloud.faults;
  afterEach(() => { faults().heal(); });

  /** With a server of its control plane, which CAPO knows. */
  async function made(name: string): Promise<{ readonly cluster: ClusterUnderTest; readonly server: string; readonly tag: string }> {
    const { cloud } = around();
    const cluster = around().cluster(name);
    await cluster.create();
    await cluster.whenMade();
    await cluster.whenSo('the server of its control plane', async () => (await cluster.of(resources.openStackMachines)).some(({ status }) => (status as { ready?: boolean } | undefined)?.ready));
    const [server = ''] = await cluster.machines(controlPlane);
    expect(serversThere(cloud)).toContain(server);
    return { cluster, server, tag: ownershipTag((await cluster.get())?.metadata.uid ?? '') };
  }
  const groups = (tag: string): string[] => Object.values(around().cloud.cloud.state.nova.serverGroups).map(({ name }) => name).filter((name) => name.startsWith(tag));

  test('asked for meanwhile, waits at its machines, forgets nothing, and ends when it is back', async () => {
    const { cloud, life } = around();
    const before = await life.listing();
    const { cluster, server } = await made('sky');
    await takeAway(cloud);
    const whole = cloudIds(cloud);
    await cluster.remove();
    await cluster.whenOnItsWayOut(server);
    await cluster.whenSaid('keelson.dev/CloudCleaned', /^WaitingForMachines: /);
    await aWhile();
    expect((await cluster.infrastructure())?.metadata.deletionTimestamp).toBeUndefined();
    expect([cloudIds(cloud), await cluster.machines(controlPlane)]).toEqual([whole, [server]]);
    faults().heal();
    await cluster.nudge();
    await cluster.whenGone();
    expect(await life.listing()).toEqual(before);
  }, 12 * minutes);

  test('once begun, waits wherever it is: at the machines, at the network, at what is left at last', async () => {
    const { cloud, life } = around();
    const before = await life.listing();
    const { cluster, server, tag } = await made('sky-late');
    /** Lets it come as far as this call and no further, and takes all of the cloud away there. */
    const awayAt = async (path: string, isThere: () => Promise<void>): Promise<void> => {
      faults().heal();
      faults().add({ method: 'DELETE', path, effect: answersWith(503) });
      await cluster.nudge();
      await isThere();
      await takeAway(cloud);
      await aWhile();
    };

    await awayAt('/v2.1/servers/*', async () => {
      await cluster.remove();
      await cluster.whenOnItsWayOut(server);
    });
    expect([await cluster.machines(controlPlane), serversThere(cloud).includes(server)]).toEqual([[server], true]);

    await awayAt('/v2.0/networks/*', () => cluster.whenGoing());
    expect([await cluster.infrastructure(), hasNetwork(cloud, 'sky-late'), serversThere(cloud).includes(server)]).toEqual([expect.anything(), true, false]);

    await awayAt('/v2.1/os-server-groups/*', () => cluster.whenSo('nothing left but the Cluster', async () => (await cluster.infrastructure()) === undefined));
    await cluster.whenSaid('keelson.dev/CloudCleaned', isUnreachable);
    expect((await cluster.get())?.metadata.finalizers).toContain('keelson.dev/cluster');
    expect(groups(tag)).not.toEqual([]);

    faults().heal();
    await cluster.nudge();
    await cluster.whenGone();
    expect(await life.listing()).toEqual(before);
  }, 16 * minutes);
});
