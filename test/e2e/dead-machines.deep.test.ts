/** Three control planes and three workers from nothing; then a server of each dies and is replaced. Mostly waiting, so it is not among the short tests. */
import { expect, test } from '@jest/globals';
import { describeWith } from '../fixtures/needs.ts';
import { runDocumented } from './documented.ts';
import { holdingsOf, killServer, nothingLeft } from './host-view.ts';
import { Keelson } from './keelson.ts';
import { isControlPlane, serverOf, Workload } from './machines.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'machines that die', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const demo = new Workload(keelson);

  test('up makes three control planes and three workers, one of each in a zone', async () => {
    expect((await keelson.run(['up', '--control-planes', '3', '--workers', '3'], 1_500_000)).code).toBe(0);
    const machines = await demo.settled({ controlPlanes: 3, workers: 3 }, 60_000);
    for (const role of [true, false]) expect(machines.filter((m) => isControlPlane(m) === role).map((m) => m.spec.failureDomain).sort()).toEqual(['az1', 'az2', 'az3']);
  }, 1_600_000);

  test('a worker and a control plane that die are replaced', async () => {
    const before = await demo.machines();
    const dead = [before.find(isControlPlane), before.find((m) => !isControlPlane(m))].map((m) => m!);
    expect(await runDocumented(keelson, 'dead-worker')).toMatchObject({ code: 0 });
    killServer(serverOf(dead[0]!));
    const gone = new Set(dead.map((m) => m.metadata.uid));
    const after = await demo.settled({ controlPlanes: 3, workers: 3 }, 600_000, (m) => !gone.has(m.metadata.uid));
    expect(after.filter((m) => !before.some((b) => b.metadata.uid === m.metadata.uid)).map((m) => m.spec.failureDomain).sort()).toEqual(dead.map((m) => m.spec.failureDomain).sort());
    const { items } = await keelson.json<{ items: { metadata: { name: string } }[] }>('demo', ['get', 'nodes']);
    expect(items.map((node) => node.metadata.name).sort()).toEqual(after.map((m) => m.status?.nodeRef?.name ?? '').sort());
  }, 700_000);

  test('scaled down, two control planes and the worker of the third zone go, with their servers, and etcd keeps its quorum', async () => {
    const before = await demo.machines();
    const holdings = new Map(before.map((m) => [m.metadata.uid, holdingsOf([serverOf(m)])]));
    expect(await runDocumented(keelson, 'scale-down')).toMatchObject({ code: 0 });
    const after = await demo.settled({ controlPlanes: 1, workers: 2 }, 600_000);
    const kept = new Set(after.map((m) => m.metadata.uid));
    expect(after.every((m) => before.some((b) => b.metadata.uid === m.metadata.uid))).toBe(true);
    for (const [uid, held] of holdings) if (!kept.has(uid)) await nothingLeft(held, keelson.state);
  }, 700_000);
});
