/** Column "extension" of the table "When something is away" in docs/clusters.md. */
import { afterEach, expect, test } from '@jest/globals';
import { describeWith } from '../../../fixtures/needs.ts';
import { wholePlaneNeeds } from '../management-plane.ts';
import { controlPlane, older, workers } from './cluster-under-test.ts';
import { aWhile, cannotAsk, minutes, surroundings } from './surroundings.ts';

describeWith(wholePlaneNeeds, 'while the extension is away', () => {
  const around = surroundings();
  afterEach(() => around().life.plane.startExtensionAgain().catch(() => undefined));

  test('create, scale and upgrade wait, and the Clusters say so; remediate goes on; all of it when it is back', async () => {
    const { life: { plane }, cluster } = around();
    const [ext, extNew] = [cluster('ext'), cluster('ext-new')];
    await ext.create();
    await ext.whenMade();
    await plane.killExtension();
    await extNew.create();
    await extNew.whenSaid('TopologyReconciled', cannotAsk);
    for (const kind of [workers, controlPlane]) await ext.whenReplaced(kind, await ext.giveUp(kind));
    await ext.scale(2);
    await ext.whenSaid('TopologyReconciled', cannotAsk);
    await aWhile();
    expect(await extNew.infrastructure()).toBeUndefined();
    expect(await ext.machines(workers)).toHaveLength(1);
    await plane.startExtensionAgain();
    await ext.nudge();
    await extNew.nudge();
    await extNew.whenMade();
    await ext.whenMachines(2);
    // Apart from the scaling: Cluster API keeps a worker group as it is while the control plane before it is upgraded.
    await plane.killExtension();
    await ext.upgrade();
    await ext.whenSaid('TopologyReconciled', cannotAsk);
    await aWhile();
    expect(await ext.version()).toBe(older);
    await plane.startExtensionAgain();
    await ext.nudge();
    await ext.whenUpgraded();
  }, 12 * minutes);

  test('delete waits before it begins; once begun it goes on', async () => {
    const { life: { plane }, cluster } = around();
    const [ext, extNew] = [cluster('ext'), cluster('ext-new')];
    await plane.killExtension();
    await ext.remove();
    await aWhile();
    expect((await ext.infrastructure())?.metadata.deletionTimestamp).toBeUndefined();
    await plane.startExtensionAgain();
    await ext.nudge();
    await ext.whenGone();
    await extNew.remove();
    await extNew.whenGoing();
    await plane.killExtension();
    await extNew.whenGone();
  }, 14 * minutes);
});
