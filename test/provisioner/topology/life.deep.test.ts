/**
 * The class on a cloud, by the real Cluster API and CAPO: from an empty project to InfrastructureReady and back, and its
 * machines adopted by another management cluster. On the simulated cloud always, on the real OpenStack of test/openstack-lab
 * where it runs (LAB_STATE; node test/openstack/main.ts --lab --keep starts it).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownershipTag } from '../../../provisioner/api/names.ts';
import { buildProgram } from '../../../provisioner/cli/program.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { BlockStorage, Network } from '../../../provisioner/openstack/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { type CloudUnderTest, lab, labClouds, Life, namespace, simulated } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';

const minutes = 60_000;

describeWith(wholePlaneNeeds, 'the class from its creation to its end', () => {
  describe('on the simulated cloud', () => {
    let running: Running;
    wholeLife(async () => {
      running = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1 } });
      return simulated(running);
    });
    afterAll(() => running?.stop());
  });

  describeWith({ files: [labClouds] }, 'on the real OpenStack of the lab', () => {
    wholeLife(() => Promise.resolve(lab()));
  });
});

function wholeLife(open: () => Promise<CloudUnderTest>): void {
  let life: Life;
  let folder: string;
  let before: string[];
  let tag: string;
  let made: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-life-'));
    life = await Life.start(await open());
    before = await life.listing();
    await life.putSecret();
  }, 10 * minutes);
  afterAll(async () => {
    await life?.stop();
    await rm(folder, { recursive: true, force: true });
  }, minutes);

  test('an empty project becomes a cluster\'s: network, load balancer, bastion, the first control plane server in its group', async () => {
    const { metadata } = await life.plane.client.create(resources.clusters, life.cluster());
    tag = ownershipTag(metadata.uid ?? '');
    await life.whenTrue('InfrastructureReady');
    const servers = await life.whenActive(tag, 2, 4);
    const controlPlane = servers.find(({ name }) => !name.endsWith('bastion'))!;
    expect(servers.map(({ name }) => name)).toContain('demo-bastion');
    const groups = await until('a group for the control plane and each worker group', async () => {
      const all = (await life.serverGroups()).filter(({ name }) => name.startsWith(tag));
      return all.length === 4 ? all : undefined;
    });
    expect(groups.map(({ name, policy }) => `${name.slice(tag.length + 1)} ${policy}`).sort()).toEqual(['az1', 'az2', 'az3', 'control-plane'].map((group) => `${group}-soft-anti-affinity soft-anti-affinity`));
    expect(groups.find(({ name }) => name.includes('control-plane'))?.members).toEqual([controlPlane.id]);
    const infrastructure = await until('a bastion with its address', async () => {
      const status = (await life.list(resources.openStackClusters))[0]?.['status'] as { ready?: boolean; bastion?: { state?: string; floatingIP?: string }; apiServerLoadBalancer?: { ip?: string } } | undefined;
      return status?.bastion?.state === 'ACTIVE' && status.bastion.floatingIP ? status : undefined;
    });
    expect(infrastructure).toMatchObject({ ready: true, apiServerLoadBalancer: { ip: expect.any(String) } });
    await until('the credential of the cluster', async () => ((await life.listing()).some((line) => line.startsWith('application_credentials') && line.includes(tag)) ? true : undefined));
    made = await life.listing();
  }, 8 * minutes);

  test('another management cluster adopts it from an export: nothing is made, nothing is replaced', async () => {
    const file = join(folder, 'demo.sealed');
    await until('everything that an export wants', async () => ((await life.list(resources.secrets)).some(({ metadata }) => metadata.name === 'demo-kubeconfig') ? true : undefined));
    const machines = await until('the machines of all groups', async () => {
      const now = names(await life.list(resources.machines));
      return now.length === 3 ? now : undefined;
    });
    await keelson(folder, ['cluster', 'export', 'demo', '-n', namespace, '--file', file, '--kubeconfig', life.plane.kubeconfig]);
    const uid = (await life.get())?.metadata.uid;
    const { cloud } = life;
    await life.stop();

    life = await Life.start(cloud);
    await keelson(folder, ['cluster', 'import', file, '--adopt', '--kubeconfig', life.plane.kubeconfig]);
    await life.whenTrue('InfrastructureReady');
    await until('the control plane server is known again', async () => ((await life.list(resources.openStackMachines)).some(({ status }) => (status as { ready?: boolean } | undefined)?.ready) ? true : undefined));
    await life.whenTrue('TopologyReconciled');
    // Two more rounds of every controller: what would be replaced would be replaced now.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    expect((await life.get())?.metadata.uid).not.toBe(uid);
    expect(names(await life.list(resources.machines))).toEqual(machines);
    expect(await life.listing()).toEqual(made);
  }, 10 * minutes);

  test('its Services and its CSI driver made things that nobody else remembers', async () => {
    const { session } = life;
    const [subnet] = await new Network(session).subnets({ tags: tag });
    await session.call('load-balancer', 'POST', '/v2.0/lbaas/loadbalancers', { body: { loadbalancer: { name: `kube_service_${tag}_shop_web`, vip_subnet_id: subnet?.id } } });
    const metadata = { 'cinder.csi.openstack.org/cluster': tag };
    const { volume } = (await session.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1, name: 'pvc-of-it', metadata } } })) as { volume: { id: string } };
    await until('the volume', async () => ((await new BlockStorage(session).volumes()).find(({ id }) => id === volume.id)?.status === 'available' ? true : undefined));
    await session.call('volumev3', 'POST', '/snapshots', { body: { snapshot: { volume_id: volume.id, name: 'snapshot-of-it', metadata } } });
    // Nobody could ask this cluster whether they are to be kept: its servers have no Kubernetes.
    await life.change({ metadata: { annotations: { 'keelson.dev/volumes': 'delete' } } });
    const more = (await life.listing()).filter((line) => !before.includes(line)).map((line) => line.split(' ')[0]);
    expect(more).toEqual(expect.arrayContaining(['application_credentials', 'loadbalancers', 'snapshots', 'volumes', 'server_groups', 'servers', 'floatingips']));
  }, 4 * minutes);

  test('deleted, the project is as it was before', async () => {
    await life.plane.client.delete(resources.clusters, { namespace, name: 'demo' });
    await life.whenGone(9);
    expect(await life.listing()).toEqual(before);
    expect(life.context.said.join('\n')).toMatch(/event Normal Cleaned Cluster demo: nothing is left in the cloud/);
  }, 11 * minutes);
}

const names = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => metadata.name).sort();

async function keelson(folder: string, args: readonly string[]): Promise<void> {
  let out = '';
  const stream = { write: (text: string) => ((out += text), true), isTTY: false, columns: 120 };
  let code = 0;
  const outside = { env: { KEELSON_PASSPHRASE: 'a passphrase that is long enough' }, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () { yield ''; })(), stdout: stream, stderr: stream, setExitCode: (value: number) => { code = value; } };
  await buildProgram(outside as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', ...args]);
  if (code !== 0) throw new Error(out);
}
