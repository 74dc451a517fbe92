/** Column "operator" of the table "When something is away" in docs/clusters.md. */
import { afterEach, expect, test } from '@jest/globals';
import { describeWith } from '../../../fixtures/needs.ts';
import { wholePlaneNeeds } from '../management-plane.ts';
import { controlPlane, older, workers } from './cluster-under-test.ts';
import { aWhile, minutes, surroundings } from './surroundings.ts';

const isAwaited = /waiting for the check of the cloud by the operator/;

describeWith(wholePlaneNeeds, 'while the operator is away', () => {
  const around = surroundings();
  afterEach(() => { if (!around().life.hasOperator) around().life.startOperator(); });

  test('create and upgrade wait for its check; scale and remediate go on, but for what an upgrade that waits holds back', async () => {
    const { life, cluster } = around();
    const [op, opNew] = [cluster('op'), cluster('op-new')];
    await op.create();
    await op.whenMade();
    await life.killOperator();
    await opNew.create();
    await opNew.whenSaid('TopologyReconciled', isAwaited);
    await op.scale(2);
    await op.whenMachines(2);
    await op.scale(1);
    await op.whenMachines(1);
    for (const kind of [workers, controlPlane]) await op.whenReplaced(kind, await op.giveUp(kind));
    await op.upgrade();
    await op.whenSaid('TopologyReconciled', isAwaited);
    const [worker, first] = [await op.giveUp(workers), await op.giveUp(controlPlane)];
    await op.whenSo('workers kept', async () => /has a pending version upgrade to/.test(await op.isKeptBecause(worker)));
    await op.whenSo('the control plane kept', async () => /can't remediate while waiting for a version upgrade/.test(await op.isKeptBecause(first)));
    await aWhile();
    expect([await op.version(), await opNew.infrastructure()]).toEqual([older, undefined]);
    expect([await op.machines(workers), await op.machines(controlPlane)]).toEqual([[worker], [first]]);
    life.startOperator();
    await opNew.whenMade();
    await op.whenUpgraded();
    await op.whenReplaced(controlPlane, first);
  }, 14 * minutes);

  test('delete waits before it begins; once begun, at its finalizer', async () => {
    const { life, cluster } = around();
    const [op, opNew] = [cluster('op'), cluster('op-new')];
    await life.killOperator();
    await op.remove();
    await aWhile();
    expect((await op.infrastructure())?.metadata.deletionTimestamp).toBeUndefined();
    life.startOperator();
    await op.whenGone();
    await opNew.remove();
    await opNew.whenGoing();
    await life.killOperator();
    await opNew.whenSo('nothing left but the Cluster', async () => (await opNew.infrastructure()) === undefined);
    await aWhile();
    expect((await opNew.get())?.metadata.finalizers).toContain('keelson.dev/cluster');
    life.startOperator();
    await opNew.whenGone();
  }, 14 * minutes);
});
