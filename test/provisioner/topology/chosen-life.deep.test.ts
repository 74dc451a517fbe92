/**
 * A cluster that says more than it must (volumes, strict groups, routes, who may reach the bastion), by the real Cluster API and
 * CAPO from its creation to its end. On the clouds of life.deep.test.ts: what is asked here is asked of the cloud's own API.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bastionGroupName, ownershipTag } from '../../../provisioner/api/names.ts';
import { resources } from '../../../provisioner/kube/index.ts';
import { BlockStorage, Network } from '../../../provisioner/openstack/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { type CloudUnderTest, type Held, lab, labClouds, Life, namespace, simulated } from './life.ts';
import { until, wholePlaneNeeds } from './management-plane.ts';

const minutes = 60_000;
const [vpn, office] = [{ destination: '172.16.0.0/12', nextHop: '10.20.0.9' }, { destination: '192.0.2.0/24', nextHop: '10.20.0.10' }];
const chosen: Readonly<Record<string, Record<string, unknown>>> = {
  network: { routes: [vpn] },
  controlPlane: { serverGroup: 'anti-affinity', rootVolume: { sizeGiB: 20, type: 'standard', zone: 'server' }, etcdVolume: { sizeGiB: 10 }, volumes: [{ name: 'audit', sizeGiB: 11, mountPath: '/var/log/kubernetes' }] },
  worker: { serverGroup: 'none' },
  bastion: { allowedCidrs: ['203.0.113.0/24'], zone: 'az2' },
};

describeWith(wholePlaneNeeds, 'a cluster that chooses', () => {
  describe('on the simulated cloud', () => {
    let running: Running;
    wholeLife(async () => {
      running = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 } });
      return simulated(running);
    });
    afterAll(() => running?.stop());
  });

  describeWith({ files: [labClouds] }, 'on the real OpenStack of the lab', () => wholeLife(() => Promise.resolve(lab())));
});

function wholeLife(open: () => Promise<CloudUnderTest>): void {
  let life: Life;
  let network: Network;
  let before: string[];
  let tag: string;
  let bastionId: string;

  beforeAll(async () => {
    life = await Life.start(await open());
    network = new Network(life.session);
    before = await life.listing();
    await life.putSecret();
  }, 10 * minutes);
  afterAll(() => life?.stop(), minutes);

  const choose = ({ spec }: Held, name: string, fields: Record<string, unknown>): void => {
    const known = spec.topology.variables.find((one) => one.name === name);
    if (known) Object.assign(known.value, fields);
    else spec.topology.variables.push({ name, value: fields });
  };
  const change = async (name: string, fields: Record<string, unknown>): Promise<void> => {
    const { spec } = (await life.get())!;
    choose({ spec } as Held, name, fields);
    await life.change({ spec: { topology: { variables: spec.topology.variables } } });
  };
  const says = (type: string, reason: string): Promise<true> => until(`${type} ${reason}`, async () => ((await life.condition(`keelson.dev/${type}`))?.reason === reason ? true : undefined), 4);
  const routes = async (): Promise<string[]> => (await network.routers({ tags: tag })).flatMap((router) => router.routes.map(({ destination, nexthop }) => `${destination} ${nexthop}`));
  const group = async () => (await network.securityGroups({ name: bastionGroupName(tag) }))[0];
  const ranges = async (): Promise<string[]> => ((await group())?.security_group_rules ?? []).filter(({ direction }) => direction === 'ingress').map((rule) => `${rule.protocol} ${rule.port_range_min} ${rule.remote_ip_prefix}`).sort();

  test('its servers are ACTIVE, in the zone and on the volumes that it names', async () => {
    const { metadata } = await life.plane.client.create(resources.clusters, life.cluster((cluster) => { for (const [name, fields] of Object.entries(chosen)) choose(cluster, name, fields); }));
    tag = ownershipTag(metadata.uid ?? '');
    await life.whenTrue('InfrastructureReady');
    const servers = await life.whenActive(tag, 2, 5);
    const bastion = servers.find(({ name }) => name === 'demo-bastion')!;
    const controlPlane = servers.find(({ name }) => name !== 'demo-bastion')!;
    bastionId = bastion.id;
    expect(bastion).toMatchObject({ 'OS-EXT-AZ:availability_zone': 'az2' });
    const zone = controlPlane['OS-EXT-AZ:availability_zone'];
    const volumes = (await new BlockStorage(life.session).volumes()).filter(({ name }) => name?.startsWith(controlPlane.name));
    const said = volumes.map(({ name, size, status, attachments, ...more }) => [name!.slice(controlPlane.name.length), size, status, (attachments[0] as { server_id: string }).server_id === controlPlane.id, more['bootable'], more['availability_zone']]);
    expect(said.sort()).toEqual([['-audit', 11, 'in-use', true, 'false', expect.any(String)], ['-etcd', 10, 'in-use', true, 'false', expect.any(String)], ['-root', 20, 'in-use', true, 'true', zone]]);
    const groups = (await life.serverGroups()).filter(({ name }) => name.startsWith(tag));
    expect(groups.map(({ name, policy, members }) => [name.slice(tag.length + 1), policy, members])).toEqual([['control-plane-anti-affinity', 'anti-affinity', [controlPlane.id]]]);
  }, 8 * minutes);

  test('its router has its routes, its bastion lets in the ranges alone', async () => {
    await says('RoutesSet', 'Set');
    expect(await routes()).toEqual(['172.16.0.0/12 10.20.0.9']);
    await says('BastionRestricted', 'Restricted');
    const ports = await network.ports({ device_id: bastionId });
    expect(ports.map((port) => port.security_groups)).toEqual([[(await group())?.id]]);
    expect(await ranges()).toEqual(['tcp 22 203.0.113.0/24']);
  }, 5 * minutes);

  test('other routes and other ranges make no server anew', async () => {
    await change('network', { routes: [vpn, office] });
    await change('bastion', { allowedCidrs: ['192.0.2.0/25', '198.18.0.0/15'] });
    await until('both routes', async () => ((await routes()).length === 2 ? true : undefined));
    await until('the other ranges', async () => ((await ranges()).join() === 'tcp 22 192.0.2.0/25,tcp 22 198.18.0.0/15' ? true : undefined));
    expect((await life.servers()).map(({ id }) => id)).toContain(bastionId);
  }, 5 * minutes);

  test('without a bastion its server, its address and its group are gone, its routes stay', async () => {
    await change('bastion', { enabled: false });
    await until('the end of the bastion', async () => ((await life.servers()).every(({ id }) => id !== bastionId) ? true : undefined), 4);
    await until('the end of its group', async () => ((await group()) === undefined ? true : undefined), 4);
    expect((await network.floatingIps({ tags: tag })).length).toBe(1);
    expect(await routes()).toHaveLength(2);
  }, 9 * minutes);

  test('deleted, the project is as it was before', async () => {
    await life.plane.client.delete(resources.clusters, { namespace, name: 'demo' });
    await life.whenGone(9);
    expect(await life.listing()).toEqual(before);
  }, 11 * minutes);
}
