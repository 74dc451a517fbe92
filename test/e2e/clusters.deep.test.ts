/** A long day of two clusters in one fleet: apart from each other, broken in depth, killed with their world; then one is deleted, and the other does not notice. */
import { expect, test } from '@jest/globals';
import { WorldClient } from '../../sandbox/world/client.ts';
import { describeWith } from '../fixtures/needs.ts';
import { brokenInDepth } from './broken-in-depth.ts';
import { belongingTo, cloudListing, doubled } from './cloud-listing.ts';
import { uncheckedCalls } from './contract-calls.ts';
import { runDocumented } from './documented.ts';
import { holdingsOf, nothingLeft } from './host-view.ts';
import { Keelson } from './keelson.ts';
import { killedWorld } from './killed-world.ts';
import { serverOf, Workload } from './machines.ts';
import { silences } from './silences.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'two clusters', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const [demo, other] = [new Workload(keelson), new Workload(keelson, 'demo-2')];
  const size = { controlPlanes: 1, workers: 2 };

  test('up makes both, each in an organization and a network of its own', async () => {
    expect((await keelson.run(['up', '--clusters', '2'], 3_600_000)).code).toBe(0);
    for (const workload of [demo, other]) await workload.settled(size, 60_000);
    const listing = await cloudListing(keelson.state);
    expect(doubled(listing)).toEqual([]);
    expect(listing.filter(({ kind, text }) => kind === 'networks' && text.includes('org-demo')).map(({ text }) => text.split(' ')[0]).sort()).toEqual(['k8s-clusterapi-cluster-org-demo-2-demo-2', 'k8s-clusterapi-cluster-org-demo-demo']);
    const [first] = await demo.machines('worker');
    const neighbour = await serverAddress((await other.machines('worker'))[0]!);
    const reached = await new WorldClient(keelson.state).exec(serverOf(first!), { argv: ['bash', '-c', `timeout 3 bash -c 'exec 3<>/dev/tcp/${neighbour}/10250' && echo yes`] });
    expect(reached.stdout.trim()).toBe('');
  }, 3_700_000);

  everyCallIsChecked('the birth of two clusters');
  brokenInDepth(keelson);
  killedWorld(keelson, ['management', 'demo', 'demo-2']);

  test('one is deleted, and the other never stops answering and keeps all that it has', async () => {
    const listed = await cloudListing(keelson.state);
    const [ofDemo, ofOther] = [belongingTo(await demo.owner(), listed), belongingTo(await other.owner(), listed)];
    const kept = listed.filter((one) => ofOther.includes(one) || !ofDemo.includes(one));
    expect(ofOther.length).toBeGreaterThan(15);
    expect(listed.length - kept.length).toBeGreaterThan(15);
    const before = (await other.machines()).map(({ metadata }) => metadata.uid).sort();
    const holdings = holdingsOf((await demo.machines()).map(serverOf));
    const isOver = new AbortController();
    const silent = silences(keelson, 'demo-2', isOver.signal);
    expect(await runDocumented(keelson, 'delete-cluster')).toMatchObject({ code: 0 });
    isOver.abort();
    expect(await silent).toEqual([]);
    expect(await cloudListing(keelson.state)).toEqual(kept);
    await nothingLeft(holdings, keelson.state);
    expect((await other.settled(size, 60_000)).map(({ metadata }) => metadata.uid).sort()).toEqual(before);
  }, 1_000_000);

  everyCallIsChecked('the end of a cluster');

  /** Counts of calls begin anew with the world. */
  function everyCallIsChecked(when: string): void {
    test(`every call that Cluster API and the cloud controller managers make is one of the contract suite: ${when}`, async () => {
      expect(uncheckedCalls(await new WorldClient(keelson.state).calls())).toEqual([]);
    }, 60_000);
  }

  async function serverAddress(machine: { readonly metadata: { readonly name: string } }): Promise<string> {
    const { status } = await keelson.json<{ status: { addresses: { type: string; address: string }[] } }>('management', ['-n', other.namespace, 'get', 'machines.cluster.x-k8s.io', machine.metadata.name]);
    return status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
  }
});
