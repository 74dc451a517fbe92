/** Column "management API" of the table "When something is away" in docs/clusters.md. */
import { expect, test } from '@jest/globals';
import { describeWith } from '../../../fixtures/needs.ts';
import { until, wholePlaneNeeds } from '../management-plane.ts';
import { controlPlane, workers } from './cluster-under-test.ts';
import { aWhile, cloudIds, hasNetwork, minutes, serversThere, surroundings } from './surroundings.ts';

describeWith(wholePlaneNeeds, 'while the API of the management cluster is away', () => {
  const around = surroundings();

  /** @returns when it is back and whoever ended without it runs again */
  async function whileAway(): Promise<void> {
    const { cloud, life: { plane } } = around();
    await plane.api.kill();
    await aWhile();
    const during = cloudIds(cloud);
    await aWhile();
    expect(cloudIds(cloud)).toEqual(during);
    await plane.api.start();
    await plane.reviveManagers();
  }

  test('create, scale, upgrade and remediate stand still in the cloud, and go on when it is back', async () => {
    const { cloud, cluster } = around();
    const api = cluster('api');
    await api.create();
    await until('a network', async () => hasNetwork(cloud, 'api') || undefined);
    await whileAway();
    await api.whenMade();
    const worker = await api.giveUp(workers);
    await api.scale(2);
    await whileAway();
    await api.whenReplaced(workers, worker);
    await api.whenMachines(2);
    const first = await api.giveUp(controlPlane);
    await whileAway();
    await api.whenReplaced(controlPlane, first);
    await api.whenSo('the server of the new control plane machine, and not that of the old', async () => {
      const [now = ''] = await api.machines(controlPlane);
      return serversThere(cloud).includes(now) && !serversThere(cloud).includes(first);
    });
    await api.upgrade();
    await whileAway();
    await api.whenUpgraded();
  }, 16 * minutes);

  test('delete too', async () => {
    const { cloud, cluster } = around();
    const api = cluster('api');
    await api.remove();
    await api.whenGoing();
    await whileAway();
    await api.whenGone();
    expect(hasNetwork(cloud, 'api')).toBe(false);
  }, 10 * minutes);
});
