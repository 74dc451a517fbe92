/** What a person does to a running cluster: more machines, and the end. The commands are those of docs/sandbox.md. */
import { expect, test } from '@jest/globals';
import type { FleetStatus } from '../../sandbox/fleet/fleet-status.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { hardened } from './cis/run.ts';
import { belongingTo, cloudListing, doubled } from './cloud-listing.ts';
import { runDocumented } from './documented.ts';
import { holdingsOf, killProgram, nothingLeft } from './host-view.ts';
import { eventually, type Keelson } from './keelson.ts';
import { isControlPlane, serverOf, Workload } from './machines.ts';

/** Registers the tests; they begin with `demo` of 1 + 2 and end without it. */
export function topologyChanges(keelson: Keelson): void {
  const demo = new Workload(keelson);
  /** It may just be between two lives. */
  const killInManagement = (program: string): Promise<boolean> => eventually(`${program} to kill`, 60_000, async () => {
    const { servers } = await new WorldClient(keelson.state).status();
    return killProgram(servers.find(({ name }) => name === 'management-1')?.id ?? '', program).length === 1 || undefined;
  });

  test('three control planes and a worker in the third zone, and a manager killed meanwhile: every zone has one of each, nothing twice', async () => {
    for (const block of ['three-control-planes', 'scale-workers']) expect(await runDocumented(keelson, block)).toMatchObject({ code: 0 });
    await eventually('a second control plane', 120_000, async () => ((await demo.machines('control plane')).length > 1 ? true : undefined));
    await killInManagement('capo-manager');
    const machines = await demo.settled({ controlPlanes: 3, workers: 3 }, 600_000);
    for (const role of [true, false]) expect(machines.filter((m) => isControlPlane(m) === role).map((m) => m.spec.failureDomain).sort()).toEqual(['az1', 'az2', 'az3']);
    expect(doubled(await cloudListing(keelson.state))).toEqual([]);
    // A node is Ready before the pods of the DaemonSets are on it.
    await eventually('kube-proxy on every node', 60_000, async () => ((await keelson.json<{ status: { numberReady: number } }>('demo', ['-n', 'kube-system', 'get', 'daemonset', 'kube-proxy'])).status.numberReady === 6 ? true : undefined));
    // Those that joined are as hardened as the first.
    await hardened(keelson, 250);
    await eventually('all of it in the status', 60_000, async () => (/demo +workload +v1\.36\.3 +yes +6\/6 +6\/6/.test((await keelson.run(['status'])).stdout) ? true : undefined));
  }, 700_000);

  test('a cluster that is deleted leaves nothing, in the cloud and on the host, though a manager is killed meanwhile', async () => {
    const listed = await cloudListing(keelson.state);
    const ofDemo = belongingTo(await demo.owner(), listed);
    expect(ofDemo.length).toBeGreaterThan(20);
    const holdings = holdingsOf((await demo.machines()).map(serverOf));
    expect(holdings.namespaces.size).toBeGreaterThanOrEqual(6 * holdings.servers.length);
    const deletion = runDocumented(keelson, 'delete-cluster');
    await eventually('the first machine on its way out', 120_000, async () => ((await demo.machines()).length < 6 ? true : undefined));
    await killInManagement('capi-core-manager');
    expect(await deletion).toMatchObject({ code: 0 });
    expect(await cloudListing(keelson.state)).toEqual(listed.filter(({ id }) => !ofDemo.some((one) => one.id === id)));
    await nothingLeft(holdings, keelson.state);
    expect((JSON.parse((await keelson.run(['status', '--output', 'json'])).stdout) as FleetStatus).clusters.map(({ name }) => name)).toEqual(['management']);
  }, 700_000);
}
