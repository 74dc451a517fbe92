/** Volumes for pods by the real Cinder CSI, with the commands of docs/sandbox.md: claimed, moved to another node, grown, snapshotted and restored, gone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { clusterCredentialReady } from '../../provisioner/api/conditions.ts';
import { listAll } from '../../provisioner/openstack/collection.ts';
import { parseClouds, Session } from '../../provisioner/openstack/index.ts';
import { cloudName, localCloudsFile } from '../../sandbox/fleet/cloud.ts';
import { WorldClient } from '../../sandbox/world/client.ts';
import { describeWith } from '../fixtures/needs.ts';
import { runDocumented, type Shell } from './documented.ts';
import { eventually, Keelson, type Ran } from './keelson.ts';
import { serverOf, Workload } from './machines.ts';
import { onUntouchedMachine } from './untouched-machine.ts';

interface CinderVolume { id: string; status: string; size: number; availability_zone: string; metadata: Record<string, string>; attachments: { server_id: string }[] }
interface CsiNode { spec: { drivers: { name: string; nodeID: string; topologyKeys: string[] }[] } }
interface Pod { metadata: { uid: string }; spec: { nodeName: string }; status: { containerStatuses: { restartCount: number }[] } }

const driver = 'cinder.csi.openstack.org';

describeWith({ root: true, commands: ['ip', 'nft', 'unshare'] }, 'volumes', () => {
  const keelson = new Keelson();
  onUntouchedMachine(keelson);
  const demo = new Workload(keelson);
  const shell: Shell = { tools: keelson.tools, kubeconfig: join(keelson.state, 'kubeconfig-demo') };

  const inCluster = async (block: string): Promise<Ran> => {
    const ran = await runDocumented(shell, block);
    if (ran.code === 0) return ran;
    const { stdout: events } = await keelson.kubectl('demo', ['get', 'events', '-A', '--sort-by', '.lastTimestamp']);
    throw new Error(`${block}: ${ran.stderr}\n${events.split('\n').slice(-30).join('\n')}`);
  };
  const inCinder = async <T>(name: 'volumes' | 'snapshots'): Promise<T[]> => {
    const session = new Session({ cloud: parseClouds(await readFile(localCloudsFile(keelson.state), 'utf8'), cloudName), userAgent: 'keelson-test' });
    try {
      return await listAll(session, 'volumev3', { path: `/${name}/detail`, name }) as T[];
    } finally {
      session.close();
    }
  };
  const pod = (): Promise<Pod> => keelson.json<Pod>('demo', ['get', 'pod', 'notes-0']);
  const theVolume = async (): Promise<CinderVolume> => {
    const [volume, ...others] = await inCinder<CinderVolume>('volumes');
    if (!volume || others.length > 0) throw new Error(`${others.length + (volume ? 1 : 0)} volumes in place of one`);
    return volume;
  };
  const serverBelow = async ({ spec: { nodeName } }: Pod): Promise<string> => serverOf((await demo.machines()).find(({ status }) => status?.nodeRef?.name === nodeName)!);

  test('up has the driver on every node, and a second worker in a zone gets it too', async () => {
    expect((await keelson.run(['up', '--volumes'], 5_400_000)).code).toBe(0);
    expect(await runDocumented(keelson, 'volume-node')).toMatchObject({ code: 0 });
    const machines = await demo.settled({ controlPlanes: 1, workers: 3 }, 600_000);
    await eventually('the driver on every node', 120_000, async () => {
      const { items } = await keelson.json<{ items: CsiNode[] }>('demo', ['get', 'csinodes']);
      const announced = items.flatMap(({ spec }) => spec.drivers.filter(({ name }) => name === driver));
      return announced.map(({ nodeID }) => nodeID).sort().join() === machines.map(serverOf).sort().join() && announced.every(({ topologyKeys }) => topologyKeys.includes(`topology.${driver}/zone`)) ? true : undefined;
    });
  }, 6_000_000);

  test('it has the credential of its cluster and no other', async () => {
    const { stdout: condition } = await keelson.kubectl('management', ['-n', 'org-demo', 'get', 'clusters.cluster.x-k8s.io', 'demo', '-o', `jsonpath={.status.conditions[?(@.type=="${clusterCredentialReady.type}")].reason}`]);
    expect(condition).toBe('Minted');
  });

  test('a claim becomes a volume in the zone of its pod, with the tag of the cluster, in use by the server below', async () => {
    await inCluster('volume-claim');
    const { tag } = await demo.owner();
    expect(await theVolume()).toMatchObject({ status: 'in-use', size: 1, availability_zone: 'az1', metadata: { [`${driver}/cluster`]: tag }, attachments: [{ server_id: await serverBelow(await pod()) }] });
  }, 600_000);

  test('on another node the pod finds what it wrote', async () => {
    const before = await pod();
    expect((await inCluster('volume-move')).stdout).toMatch(/^first$/m);
    const after = await pod();
    expect(after.spec.nodeName).not.toBe(before.spec.nodeName);
    expect((await theVolume()).attachments).toMatchObject([{ server_id: await serverBelow(after) }]);
  }, 600_000);

  test('a volume grows below a pod that goes on', async () => {
    const before = await pod();
    await inCluster('volume-grow');
    expect(await theVolume()).toMatchObject({ status: 'in-use', size: 2 });
    expect(await pod()).toMatchObject({ metadata: { uid: before.metadata.uid }, status: { containerStatuses: [{ restartCount: 0 }] } });
  }, 600_000);

  test('a snapshot of a volume in use becomes a second volume that holds what was there then', async () => {
    expect((await inCluster('volume-snapshot')).stdout).toMatch(/^first$/m);
    expect((await keelson.kubectl('demo', ['exec', 'notes-0', '--', 'cat', '/data/note'])).stdout).toBe('second\n');
    expect(await inCinder('snapshots')).toHaveLength(1);
    expect(await inCinder('volumes')).toHaveLength(2);
  }, 600_000);

  test('what is deleted leaves nothing in the cloud', async () => {
    await inCluster('volume-end');
    await eventually('nothing in Cinder', 120_000, async () => ([...await inCinder('volumes'), ...await inCinder('snapshots')].length === 0 ? true : undefined));
  }, 900_000);

  test('nothing of it was refused for want of rights', async () => {
    const calls = (await new WorldClient(keelson.state).calls()).filter(({ userAgent }) => userAgent === 'cinder-csi-plugin');
    expect(calls.map(({ service, method }) => `${method} ${service}`)).toEqual(expect.arrayContaining(['POST volumev3', 'DELETE volumev3', 'POST compute', 'DELETE compute']));
    expect(calls.filter(({ status }) => status === 401 || status === 403)).toEqual([]);
  });
});
