/** The typed clients against the simulated cloud. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { Compute, Identity, Image, LoadBalancer, Network, parseClouds, Session } from '../../../provisioner/openstack/index.ts';
import { createCloud, noOpFabric, noOpHypervisor, type Cloud } from '../../../sandbox/openstack/index.ts';

let cloud: Cloud;
let member: Session;
let owner: Session;

beforeAll(async () => {
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  cloud = createCloud({
    fabric: noOpFabric(), hypervisor: noOpHypervisor(), log: quiet, delays: { scheduleMs: 1, loadBalancerMs: 200 },
    listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0 } },
  });
  await cloud.start();
  const yaml = stringify(cloud.clouds());
  [member, owner] = ['keelson', 'keelson-password'].map((name) => new Session({ cloud: parseClouds(yaml, name), userAgent: 'test' })) as [Session, Session];
});
afterAll(async () => {
  member.close();
  owner.close();
  await cloud.stop();
});

describe('lists', () => {
  test('are read over all pages', async () => {
    const network = new Network(member);
    const names = Array.from({ length: 7 }, (_, i) => `page-${i}`);
    for (const name of names) await network.createNetwork({ name });
    cloud.resetCalls();
    const listed = await network.networks({ limit: '2', name: names });
    expect(listed.map((one) => one.name).sort()).toEqual(names);
    expect(cloud.calls().find((call) => call.route === '/v2.0/networks')?.count).toBe(4);
  });
});

describe('a network with all that belongs to it', () => {
  test('comes and goes', async () => {
    const network = new Network(member);
    const external = (await network.networks({ 'router:external': 'true' }))[0]!;
    const net = await network.createNetwork({ name: 'whole' });
    const subnet = await network.createSubnet({ network_id: net.id, ip_version: 4, cidr: '10.5.0.0/24' });
    const router = await network.createRouter({ name: 'whole', external_gateway_info: { network_id: external.id } });
    await network.addRouterInterface(router.id, subnet.id);
    const port = await network.createPort({ network_id: net.id, name: 'whole' });
    const floating = await network.createFloatingIp({ floating_network_id: external.id });
    await network.associateFloatingIp(floating.id, port.id);
    await network.setTags('floatingips', floating.id, ['keelson-0123456789abcdef']);
    expect((await network.floatingIps({ tags: 'keelson-0123456789abcdef' }))[0]).toMatchObject({ port_id: port.id });
    await expect(network.delete('networks', net.id)).rejects.toMatchObject({ code: 'CLOUD_CONFLICT' });
    await network.associateFloatingIp(floating.id, null);
    expect(await network.delete('floatingips', floating.id)).toBe('deleted');
    expect(await network.delete('floatingips', floating.id)).toBe('notFound');
    await network.delete('ports', port.id);
    await network.removeRouterInterface(router.id, subnet.id);
    await network.delete('routers', router.id);
    expect(await network.delete('networks', net.id)).toBe('deleted');
    expect(await network.subnets({ network_id: net.id })).toEqual([]);
  });

  test('quotas say what is used', async () => {
    const network = new Network(member);
    const before = (await network.quotas())['router']!;
    await network.createRouter({ name: 'counted' });
    expect((await network.quotas())['router']).toMatchObject({ limit: before.limit, used: before.used + 1 });
  });
});

describe('compute, images and load balancers', () => {
  test('zones, flavors, images, limits and providers are there', async () => {
    expect(await new Compute(member).zones()).toEqual(['az1', 'az2', 'az3']);
    expect((await new Compute(member).flavors()).map((flavor) => flavor.name).sort()).toEqual(['k.large', 'k.medium', 'k.small']);
    expect(await new Image(member).images({ name: 'keelson-node-v1.36.3' })).toHaveLength(1);
    expect((await new Compute(member).limits()).instances).toMatchObject({ used: 0 });
    expect((await new LoadBalancer(member).providers()).map((provider) => provider.name)).toContain('ovn');
  });

  test('a load balancer is found by tag and deleted with all below it', async () => {
    const network = new Network(member);
    const net = await network.createNetwork({ name: 'lb' });
    const subnet = await network.createSubnet({ network_id: net.id, ip_version: 4, cidr: '10.6.0.0/24' });
    await member.call('load-balancer', 'POST', '/v2.0/lbaas/loadbalancers', { body: { loadbalancer: { name: 'lb', vip_subnet_id: subnet.id, tags: ['mine'], listeners: [{ protocol: 'TCP', protocol_port: 80 }] } } });
    const balancers = new LoadBalancer(member);
    const [lb] = await balancers.loadBalancers({ tags: 'mine' });
    await expect(balancers.delete(lb!.id)).rejects.toMatchObject({ code: 'CLOUD_CONFLICT' });
    for (;;) {
      const now = (await balancers.loadBalancers({ id: lb!.id }))[0]!;
      if (now.provisioning_status === 'ACTIVE') break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await balancers.delete(lb!.id)).toBe('deleted');
  });
});

describe('application credentials', () => {
  test('are made by a user with a password, work, and stop working when deleted', async () => {
    const identity = new Identity(owner);
    const made = await identity.createApplicationCredential({ name: 'for-a-cluster', roles: ['member', 'load-balancer_member'], expiresAt: new Date(Date.now() + 3_600_000) });
    const auth = { auth_url: cloud.authUrl(), application_credential_id: made.id, application_credential_secret: made.secret };
    const session = new Session({ cloud: { auth }, userAgent: 'test' });
    expect(await session.projectId()).toBe(await owner.projectId());
    expect((await identity.applicationCredentials()).map((one) => one.name)).toContain('for-a-cluster');
    await expect(new Identity(session).createApplicationCredential({ name: 'another' })).rejects.toMatchObject({ code: 'CLOUD_FORBIDDEN' });
    expect(await identity.deleteApplicationCredential(made.id)).toBe('deleted');
    await expect(new Network(session).networks({})).rejects.toMatchObject({ code: 'CLOUD_NOT_FOUND' });
    session.close();
  });

  test('of which one has expired is refused', async () => {
    const made = await new Identity(owner).createApplicationCredential({ name: 'old', expiresAt: new Date(Date.now() + 60_000) });
    cloud.state.keystone.applicationCredentials[made.id]!.expires_at = new Date(Date.now() - 1000).toISOString().replace('Z', '');
    const session = new Session({ cloud: { auth: { auth_url: cloud.authUrl(), application_credential_id: made.id, application_credential_secret: made.secret } }, userAgent: 'test' });
    await expect(session.projectId()).rejects.toMatchObject({ code: 'CLOUD_UNAUTHORIZED' });
    session.close();
  });
});
