/** Two clusters and more in one project of the simulated cloud: what is removed for one of them is its own, all of it, and nothing else. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { listCloud } from '../../../../provisioner/operators/cluster/deletion/cloud-listing.ts';
import { type Leftovers, leftovers } from '../../../../provisioner/operators/cluster/deletion/leftovers.ts';
import { removeLeftovers } from '../../../../provisioner/operators/cluster/deletion/remove.ts';
import { made, recorded, start, until, type Running } from '../../../sandbox/openstack/fixture.ts';
import { home, serviceLoadBalancer, volume, type Home } from './project.ts';

let cloud: Running;
let dev: Home;
let dev2: Home;
beforeEach(async () => {
  cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 } });
  dev = await home(cloud, 'dev', '10.20.0.0/24');
  dev2 = await home(cloud, 'dev2', '10.21.0.0/24');
});
afterEach(() => cloud.stop());

const signal = AbortSignal.timeout(60_000);
const found = async (tag: string, knowsRetained = true): Promise<Leftovers> => leftovers(await listCloud(cloud.member, tag, signal), { tag, capoName: `org-${tag}-${tag}`, knowsRetained });
const names = ({ remove }: Leftovers): string[] => remove.map(({ kind, name }) => `${kind} ${name}`).sort();

/** As the operator does it: look, remove, look again. */
async function cleaned(tag: string, knowsRetained = true): Promise<Leftovers> {
  for (let i = 0; i < 100; i += 1) {
    const now = await found(tag, knowsRetained);
    if (now.remove.length === 0) return now;
    await removeLeftovers(cloud.member, now.remove, signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`left: ${names(await found(tag)).join(', ')}`);
}

/** Everything the project has, by id. */
function everything(): string[] {
  const { octavia, neutron, cinder, nova } = cloud.cloud.state;
  return [octavia.loadBalancers, neutron.floatingIps, neutron.ports, neutron.securityGroups, cinder.volumes, cinder.snapshots, nova.serverGroups].flatMap((table) => Object.keys(table)).sort();
}

describe('dev goes, dev2 stays', () => {
  test('load balancers, floating IPs, security groups, volumes, snapshots and server groups', async () => {
    for (const [cluster, { subnetId }] of [['dev2', dev2], ['dev_x', dev2]] as const) await serviceLoadBalancer(cloud, { cluster, service: 'shop/web', subnetId });
    await serviceLoadBalancer(cloud, { cluster: 'dev2', service: 'dev/dev', subnetId: dev2.subnetId, floatingIp: 'made' });
    await volume(cloud, 'dev2', { snapshot: true });
    await made(cloud.member, 'network', '/v2.0/security-groups', 'security_group', { name: 'lb-sg-1', description: 'Security Group for shop/web Service LoadBalancer in cluster dev2' });
    for (const name of ['dev2-bastion', 'dev-bastion-host', 'my-dev-bastion']) await made(cloud.member, 'network', '/v2.0/security-groups', 'security_group', { name });
    for (const name of ['dev2-control-plane', 'development']) await made(cloud.member, 'compute', '/os-server-groups', 'server_group', { name, policies: ['anti-affinity'] });
    const others = everything();

    await serviceLoadBalancer(cloud, { cluster: 'dev', service: 'shop/web', subnetId: dev.subnetId, floatingIp: 'made' });
    await serviceLoadBalancer(cloud, { cluster: 'dev', service: 'dev2/web', subnetId: dev.subnetId });
    await volume(cloud, 'dev', { snapshot: true });
    await made(cloud.member, 'network', '/v2.0/security-groups', 'security_group', { name: 'lb-sg-2', description: 'Security Group for shop/web Service LoadBalancer in cluster dev' });
    await made(cloud.member, 'network', '/v2.0/security-groups', 'security_group', { name: 'dev-bastion' });
    await made(cloud.member, 'compute', '/os-server-groups', 'server_group', { name: 'dev-control-plane', policies: ['anti-affinity'] });

    expect(names(await found('dev'))).toEqual([
      'bastion group dev-bastion', expect.stringMatching(/^floating IP 198\.51\.100\./), 'load balancer kube_service_dev_dev2_web', 'load balancer kube_service_dev_shop_web', 'security group lb-sg-2', 'server group dev-control-plane', 'snapshot s', 'volume pvc',
    ]);
    await cleaned('dev');
    const left = everything().filter((one) => !others.includes(one));
    // The interfaces of the router that the floating IP needed; CAPO takes those apart.
    expect(left.map((one) => cloud.cloud.state.neutron.ports[one]?.device_owner)).toEqual(expect.arrayContaining(['network:router_interface']));
    expect(left.filter((one) => !cloud.cloud.state.neutron.ports[one]?.device_owner.startsWith('network:'))).toEqual([]);
    expect(others.every((one) => everything().includes(one))).toBe(true);
  });

  test('a floating IP that CAPO made and forgot, and none that nobody tagged', async () => {
    const external = Object.values(cloud.cloud.state.neutron.networks).find((network) => network['router:external'])!.id;
    const [forgotten, free, other] = [await made(cloud.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external }), await made(cloud.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external }), await made(cloud.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external })];
    for (const [ip, tag] of [[forgotten, 'dev'], [other, 'dev2']] as const) await cloud.member.call('network', 'PUT', `/v2.0/floatingips/${String(ip['id'])}/tags`, { body: { tags: [tag] } });
    expect(names(await found('dev'))).toEqual([`lost floating IP ${String(forgotten['floating_ip_address'])}`]);
    await cleaned('dev');
    expect(Object.keys(cloud.cloud.state.neutron.floatingIps).sort()).toEqual([free['id'], other['id']].map(String).sort());
  });

  test('a floating IP that CAPO made and could not even tag, and none of a cluster of another name', async () => {
    const external = Object.values(cloud.cloud.state.neutron.networks).find((network) => network['router:external'])!.id;
    const ofCapo = (name: string) => made(cloud.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external, description: `Created by cluster-api-provider-openstack cluster ${name}` });
    const [lost, others, tagged] = [await ofCapo('org-dev-dev'), await ofCapo('org-dev-dev2'), await ofCapo('org-dev-dev')];
    await cloud.member.call('network', 'PUT', `/v2.0/floatingips/${String(tagged['id'])}/tags`, { body: { tags: ['a cluster of the same name elsewhere'] } });
    expect(names(await found('dev'))).toEqual([`lost floating IP ${String(lost['floating_ip_address'])}`]);
    await cleaned('dev');
    expect(Object.keys(cloud.cloud.state.neutron.floatingIps).sort()).toEqual([others['id'], tagged['id']].map(String).sort());
  });

  test('a floating IP that somebody brought is let go, not deleted', async () => {
    const { floatingIpId } = await serviceLoadBalancer(cloud, { cluster: 'dev', service: 'shop/web', subnetId: dev.subnetId, floatingIp: 'brought' });
    await cleaned('dev');
    await until('free', () => cloud.cloud.state.neutron.floatingIps[floatingIpId!]?.port_id === null);
  });

  test('a load balancer that a Service of another cluster shares stays, with its floating IP, and is named', async () => {
    const { id, floatingIpId } = await serviceLoadBalancer(cloud, { cluster: 'dev', service: 'shop/web', subnetId: dev.subnetId, tags: ['kube_service_dev2_shop_web'], floatingIp: 'made' });
    const after = await cleaned('dev');
    expect(after.keep).toEqual([{ kind: 'load balancer', id, name: 'kube_service_dev_shop_web', why: 'Services of other clusters use it too' }]);
    expect(cloud.cloud.state.octavia.loadBalancers[id]).toBeDefined();
    expect(cloud.cloud.state.neutron.floatingIps[floatingIpId!]).toBeDefined();
  });
});

describe('volumes', () => {
  const snapshotOf = (id: string): string | undefined => Object.values(cloud.cloud.state.cinder.snapshots).find((one) => one.volume_id === id)?.id;

  test('that are to be retained stay, also with their snapshots', async () => {
    const [kept, gone] = [await volume(cloud, 'dev', { retained: true, snapshot: true }), await volume(cloud, 'dev', { snapshot: true })];
    const after = await cleaned('dev');
    const snapshot = snapshotOf(kept);
    expect(after.keep).toEqual([{ kind: 'snapshot', id: snapshot, name: 's', why: 'it is to be retained' }, { kind: 'volume', id: kept, name: 'pvc', why: 'it is to be retained' }]);
    await until('the other is gone', () => cloud.cloud.state.cinder.volumes[gone] === undefined);
    expect(Object.keys(cloud.cloud.state.cinder.snapshots)).toEqual([snapshot]);
  });

  test('stay for a snapshot that is to be retained, and say that it is the snapshot', async () => {
    const holder = await volume(cloud, 'dev', { snapshot: 'retained' });
    const { keep } = await cleaned('dev');
    expect(keep).toEqual([{ kind: 'snapshot', id: snapshotOf(holder), name: 's', why: 'it is to be retained' }, { kind: 'volume', id: holder, name: 'pvc', why: 'a snapshot of it is to be retained' }]);
  });

  test('all stay where nobody could be asked which are to be retained', async () => {
    const id = await volume(cloud, 'dev', { snapshot: true });
    const after = await cleaned('dev', false);
    expect(after.keep.map(({ kind, why }) => [kind, why])).toEqual([['snapshot', expect.stringContaining('could not be asked')], ['volume', expect.stringContaining('could not be asked')]]);
    expect(cloud.cloud.state.cinder.volumes[id]).toBeDefined();
  });

  test('that cannot go yet are tried again, and say why', async () => {
    const id = await volume(cloud, 'dev');
    cloud.cloud.state.cinder.volumes[id]!.status = 'in-use';
    const refused = await removeLeftovers(cloud.member, (await found('dev')).remove, signal);
    expect(refused).toMatchObject([{ leftover: { id }, error: { status: 400 } }]);
    cloud.cloud.state.cinder.volumes[id]!.status = 'available';
    expect((await cleaned('dev')).keep).toEqual([]);
  });
});

describe('ports', () => {
  test('with our tag and without a user go, those of others on the network are named as what blocks', async () => {
    const lost = await made(cloud.member, 'network', '/v2.0/ports', 'port', { network_id: dev.networkId, name: 'dev-0' });
    await cloud.member.call('network', 'PUT', `/v2.0/ports/${String(lost['id'])}/tags`, { body: { tags: ['dev'] } });
    const foreign = await made(cloud.member, 'network', '/v2.0/ports', 'port', { network_id: dev.networkId, name: 'database' });
    const elsewhere = await made(cloud.member, 'network', '/v2.0/ports', 'port', { network_id: dev2.networkId, name: 'other' });
    const before = await found('dev');
    expect(before.remove.map(({ id }) => id)).toEqual([String(lost['id'])]);
    expect(before.blockers).toEqual([{ id: String(foreign['id']), name: 'database', owner: 'no device' }]);
    await cleaned('dev');
    for (const { id } of [foreign, elsewhere]) expect(cloud.cloud.state.neutron.ports[String(id)]).toBeDefined();
  });
});
