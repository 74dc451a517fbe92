/** The cloud over real sockets: what reaches the two seams, and what comes back from them. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCloud } from '../../../sandbox/openstack/index.ts';
import { made, recorded, shown, start, until, type Recorded, type Running } from './fixture.ts';

let r: Recorded;
let running: Running;

beforeEach(async () => {
  r = recorded();
  running = await start(r);
});
afterEach(() => running.stop());

async function network(name: string, cidr = '10.10.0.0/24'): Promise<{ networkId: string; subnetId: string }> {
  const networkId: string = (await made(running.member, 'network', '/v2.0/networks', 'network', { name }))['id']!;
  const subnetId: string = (await made(running.member, 'network', '/v2.0/subnets', 'subnet', { network_id: networkId, ip_version: 4, cidr, dns_nameservers: ['192.0.2.53'] }))['id']!;
  return { networkId, subnetId };
}

async function routed(): Promise<{ networkId: string; subnetId: string; routerId: string }> {
  const { networkId, subnetId } = await network('net');
  const external = (await running.member.call('network', 'GET', '/v2.0/networks?router%3Aexternal=true') as { networks: { id: string }[] }).networks[0]!.id;
  const routerId: string = (await made(running.member, 'network', '/v2.0/routers', 'router', { name: 'r', external_gateway_info: { network_id: external } }))['id']!;
  await running.member.call('network', 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { body: { subnet_id: subnetId } });
  return { networkId, subnetId, routerId };
}

async function port(networkId: string): Promise<{ id: string; fixed_ips: { ip_address: string }[]; mac_address: string }> {
  return made(running.member, 'network', '/v2.0/ports', 'port', { network_id: networkId }) as never;
}

async function server(networkId: string, given: Record<string, unknown> = {}): Promise<{ id: string; portId: string; address: string }> {
  const p = await port(networkId);
  const flavorRef = (await running.member.call('compute', 'GET', '/flavors') as { flavors: { id: string }[] }).flavors[0]!.id;
  const imageRef = (await running.member.call('image', 'GET', '/v2/images') as { images: { id: string }[] }).images[0]!.id;
  const s = await made(running.member, 'compute', '/servers', 'server', {
    name: 'Node_1 of a cluster', flavorRef, imageRef, networks: [{ port: p.id }], availability_zone: 'az2', user_data: Buffer.from('#cloud-config\n').toString('base64'), ...given,
  });
  return { id: s['id']!, portId: p.id, address: p.fixed_ips[0]!.ip_address };
}

const statusOf = async (id: string): Promise<string> => (await shown(running.member, 'compute', `/servers/${id}`, 'server'))['status']!;

describe('networks and routers', () => {
  test('the fabric gets a router with its gateway, interface, floating IPs and routes', async () => {
    const { networkId, routerId } = await routed();
    const p = await port(networkId);
    const external = running.cloud.state.neutron.routers[routerId]!.external_gateway_info!.network_id;
    const floating = await made(running.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external, port_id: p.id });
    await running.member.call('network', 'PUT', `/v2.0/routers/${routerId}`, { body: { router: { routes: [{ destination: '10.100.1.0/24', nexthop: p.fixed_ips[0]!.ip_address }] } } });
    await until('routes are there', () => (r.routers.get(routerId)?.routes.length ?? 0) === 1);
    expect(r.routers.get(routerId)).toMatchObject({
      gateway: { networkId: external, prefixLength: 24, nexthop: '198.51.100.1', snat: true },
      interfaces: [{ networkId, address: '10.10.0.1', prefixLength: 24 }],
      floatingIps: [{ floating: floating['floating_ip_address'], fixed: p.fixed_ips[0]!.ip_address }],
      routes: [{ destination: '10.100.1.0/24', nexthop: p.fixed_ips[0]!.ip_address }],
    });
    expect((await shown(running.member, 'network', `/v2.0/floatingips/${floating['id']}`, 'floatingip'))['status']).toBe('ACTIVE');
  });

  test.each([['null as its port', { port_id: null }], ['nothing at all, as CAPO says it', {}]])('an update of a floating IP with %s lets go of its port', async (_, change) => {
    const { networkId, routerId } = await routed();
    const p = await port(networkId);
    const external = running.cloud.state.neutron.routers[routerId]!.external_gateway_info!.network_id;
    const { id } = await made(running.member, 'network', '/v2.0/floatingips', 'floatingip', { floating_network_id: external, port_id: p.id });
    const update = async (body: object) => (await running.member.call('network', 'PUT', `/v2.0/floatingips/${String(id)}`, { body: { floatingip: body } })) as { floatingip: { port_id: string | null } };
    expect((await update({ description: 'kept' })).floatingip.port_id).toBe(p.id);
    expect((await update(change)).floatingip.port_id).toBeNull();
    await until('it is DOWN', async () => (await shown(running.member, 'network', `/v2.0/floatingips/${String(id)}`, 'floatingip'))['status'] === 'DOWN');
  });

  test('a network is there before the router on it, and goes after it', async () => {
    const { networkId, subnetId, routerId } = await routed();
    await running.member.call('network', 'PUT', `/v2.0/routers/${routerId}/remove_router_interface`, { body: { subnet_id: subnetId } });
    await running.member.call('network', 'DELETE', `/v2.0/routers/${routerId}`);
    await running.member.call('network', 'DELETE', `/v2.0/networks/${networkId}`);
    await until('the network is removed', () => r.calls.includes(`removeNetwork ${networkId}`));
    expect(r.calls.indexOf(`ensureNetwork ${networkId}`)).toBeLessThan(r.calls.indexOf(`ensureRouter ${routerId}`));
    expect(r.calls.indexOf(`removeRouter ${routerId}`)).toBeLessThan(r.calls.indexOf(`removeNetwork ${networkId}`));
  });

  test('ports that are asked for at once get addresses of their own', async () => {
    const { networkId } = await network('crowd');
    const ports = await Promise.all(Array.from({ length: 40 }, () => port(networkId)));
    expect(new Set(ports.map((one) => one.fixed_ips[0]!.ip_address)).size).toBe(40);
    expect(new Set(ports.map((one) => one.mac_address)).size).toBe(40);
  });
});

describe('servers', () => {
  test('the hypervisor gets what cloud-init needs, and the server becomes ACTIVE when it has booted', async () => {
    const { networkId } = await network('net');
    const booted = Promise.withResolvers<void>();
    r.boot = () => booted.promise;
    const s = await server(networkId);
    await until('boot is called', () => r.boots.length === 1);
    expect(await statusOf(s.id)).toBe('BUILD');
    expect(r.boots[0]).toMatchObject({
      id: s.id, hostname: 'node-1-of-a-cluster', zone: 'az2', userData: '#cloud-config\n', image: { name: 'keelson-node-v1.36.3' },
      ports: [{ id: s.portId, networkId, address: s.address, prefixLength: 24, gateway: '10.10.0.1', dnsServers: ['192.0.2.53'], mtu: 1442, hostRoutes: [] }],
    });
    booted.resolve();
    await until('ACTIVE', async () => (await statusOf(s.id)) === 'ACTIVE');
  });

  test('a boot that fails is a server in ERROR that says why, and can be deleted', async () => {
    const { networkId } = await network('net');
    r.boot = () => Promise.reject(new Error('no such image'));
    const s = await server(networkId);
    await until('ERROR', async () => (await statusOf(s.id)) === 'ERROR');
    expect(await shown(running.member, 'compute', `/servers/${s.id}`, 'server')).toMatchObject({ fault: { code: 500, message: 'no such image' } });
    await running.member.call('compute', 'DELETE', `/servers/${s.id}`);
    await until('gone', async () => (await running.member.exchange('compute', 'GET', `/servers/${s.id}`)).status === 404);
    expect(r.calls).toContain(`destroy ${s.id}`);
  });

  test('deleting a server that still boots waits for the boot, then destroys it', async () => {
    const { networkId } = await network('net');
    const booted = Promise.withResolvers<void>();
    r.boot = () => booted.promise;
    const s = await server(networkId);
    await until('boot is called', () => r.boots.length === 1);
    await running.member.call('compute', 'DELETE', `/servers/${s.id}`);
    expect(r.calls).not.toContain(`destroy ${s.id}`);
    booted.resolve();
    await until('gone', async () => (await running.member.exchange('compute', 'GET', `/servers/${s.id}`)).status === 404);
    expect(r.calls.filter((call) => call === `destroy ${s.id}`)).toHaveLength(1);
    expect(await shown(running.member, 'network', `/v2.0/ports/${s.portId}`, 'port')).toMatchObject({ device_id: '', status: 'DOWN' });
  });

  test('a server that is deleted while it reboots stays so, whatever the reboot comes to', async () => {
    const { networkId } = await network('net');
    const s = await server(networkId);
    await until('ACTIVE', async () => (await statusOf(s.id)) === 'ACTIVE');
    const [rebooted, destroyed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    Object.assign(r.hypervisor, { reboot: () => rebooted.promise, destroy: () => destroyed.promise });
    await running.member.call('compute', 'POST', `/servers/${s.id}/action`, { body: { reboot: { type: 'HARD' } } });
    await running.member.call('compute', 'DELETE', `/servers/${s.id}`);
    rebooted.resolve();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await shown(running.member, 'compute', `/servers/${s.id}`, 'server')).toMatchObject({ 'OS-EXT-STS:task_state': 'deleting' });
    destroyed.resolve();
    await until('gone', async () => (await running.member.exchange('compute', 'GET', `/servers/${s.id}`)).status === 404);
    expect(running.cloud.state.nova.deletedServers[s.id]).toMatchObject({ vmState: 'deleted', taskState: null });
  });

  test('a server whose init ends is SHUTOFF', async () => {
    const { networkId } = await network('net');
    const s = await server(networkId);
    await until('ACTIVE', async () => (await statusOf(s.id)) === 'ACTIVE');
    r.exit(s.id);
    expect(await statusOf(s.id)).toBe('SHUTOFF');
  });
});

describe('load balancers', () => {
  async function balanced(): Promise<{ id: string; listenerId: string; poolId: string; memberId: string }> {
    const { subnetId } = await routed();
    const lb = await made(running.member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', {
      name: 'lb', vip_subnet_id: subnetId, provider: 'amphora', listeners: [{
        name: 'l', protocol: 'TCP', protocol_port: 6443, allowed_cidrs: ['192.0.2.0/24'], default_pool: {
          name: 'p', protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', members: [{ address: '10.10.0.9', protocol_port: 6443 }],
          healthmonitor: { type: 'TCP', delay: 5, timeout: 3, max_retries: 2 },
        },
      }],
    });
    await active(lb['id']!);
    const { octavia } = running.cloud.state;
    return { id: lb['id']!, listenerId: Object.keys(octavia.listeners)[0]!, poolId: Object.keys(octavia.pools)[0]!, memberId: Object.keys(octavia.members)[0]! };
  }
  const statusOfLb = async (id: string): Promise<string> => (await shown(running.member, 'load-balancer', `/v2.0/lbaas/loadbalancers/${id}`, 'loadbalancer'))['provisioning_status']!;
  const active = (id: string): Promise<void> => until('ACTIVE', async () => (await statusOfLb(id)) === 'ACTIVE');

  test('the fabric gets listeners with their members and monitor', async () => {
    const { id, listenerId, memberId } = await balanced();
    expect(r.loadBalancers.get(id)).toMatchObject({
      vip: { prefixLength: 24, gateway: '10.10.0.1' },
      listeners: [{
        id: listenerId, protocol: 'TCP', port: 6443, allowedCidrs: ['192.0.2.0/24'], members: [{ id: memberId, address: '10.10.0.9', port: 6443 }],
        monitor: { type: 'TCP', delayMs: 5000, timeoutMs: 3000, maxRetries: 2 },
      }],
    });
  });

  test('a member that is deleted leaves the fabric before it leaves the API', async () => {
    const { id, poolId, memberId } = await balanced();
    await running.member.call('load-balancer', 'DELETE', `/v2.0/lbaas/pools/${poolId}/members/${memberId}`);
    await active(id);
    expect(r.loadBalancers.get(id)!.listeners[0]!.members).toEqual([]);
    expect((await running.member.exchange('load-balancer', 'GET', `/v2.0/lbaas/pools/${poolId}/members/${memberId}`)).status).toBe(404);
  });

  test('what the fabric says of a member is its operating status', async () => {
    const { poolId, memberId } = await balanced();
    const state = async (): Promise<string> => (await shown(running.member, 'load-balancer', `/v2.0/lbaas/pools/${poolId}/members/${memberId}`, 'member'))['operating_status']!;
    r.health(memberId, 'ERROR');
    expect(await state()).toBe('ERROR');
    r.health(memberId, 'ONLINE');
    expect(await state()).toBe('ONLINE');
    r.health('a member that is gone', 'ONLINE');
  });

  test('a change while another is under way is refused', async () => {
    await running.stop();
    running = await start(r, { delays: { scheduleMs: 1, loadBalancerMs: 300 } });
    const { id, poolId } = await balanced();
    const member = { address: '10.10.0.10', protocol_port: 6443 };
    const answers = await Promise.all([1, 2, 3].map((i) => running.member.exchange('load-balancer', 'POST', `/v2.0/lbaas/pools/${poolId}/members`, { body: { member: { ...member, protocol_port: 6443 + i } } })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    await active(id);
  });

  test('a fabric that fails for good is a load balancer in ERROR, which may be deleted', async () => {
    const { subnetId } = await routed();
    r.ensureLoadBalancer = () => Promise.reject(new Error('no room'));
    const lb = await made(running.member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', { name: 'lb', vip_subnet_id: subnetId });
    await until('ERROR', async () => (await statusOfLb(lb['id']!)) === 'ERROR');
    await running.member.call('load-balancer', 'DELETE', `/v2.0/lbaas/loadbalancers/${lb['id']}`);
    await until('gone', async () => (await running.member.exchange('load-balancer', 'GET', `/v2.0/lbaas/loadbalancers/${lb['id']}`)).status === 404);
  });

  test('a change that the fabric refuses for good ends in ERROR, what was changed and its load balancer', async () => {
    const { id, poolId } = await balanced();
    r.ensureLoadBalancer = () => Promise.reject(new Error('no room'));
    const member = await made(running.member, 'load-balancer', `/v2.0/lbaas/pools/${poolId}/members`, 'member', { address: '10.10.0.10', protocol_port: 6443 });
    await until('ERROR', async () => (await statusOfLb(id)) === 'ERROR');
    expect(running.cloud.state.octavia.members[member['id']!]).toMatchObject({ provisioning_status: 'ERROR' });
  });
});

describe('the cloud itself', () => {
  test('counts calls by service, route and client', async () => {
    running.cloud.resetCalls();
    await running.member.call('network', 'GET', '/v2.0/networks?name=a');
    await running.member.call('network', 'GET', '/v2.0/networks?name=b');
    const answer = await fetch(`${running.cloud.adminAddress()!}/_keelson/calls`);
    const { calls } = await answer.json() as { calls: { route: string; count: number; userAgent: string }[] };
    expect(calls.find((call) => call.route === '/v2.0/networks')).toMatchObject({ service: 'network', method: 'GET', status: 200, userAgent: 'test', count: 2 });
  });

  test('its state is plain data: another cloud goes on from a copy of it', async () => {
    const { networkId, routerId } = await routed();
    const state = JSON.parse(JSON.stringify(running.cloud.state)) as typeof running.cloud.state;
    expect(state).toEqual(running.cloud.state);
    const later = recorded();
    const other = createCloud({
      fabric: later.fabric, hypervisor: later.hypervisor, state, log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0 } },
    });
    await other.start();
    await until('the router is there again', () => later.routers.has(routerId));
    expect(later.routers.get(routerId)).toEqual(r.routers.get(routerId));
    expect(later.calls).toContain(`ensureNetwork ${networkId}`);
    await other.stop();
  });

  test('neither its state nor its log holds a secret', async () => {
    const { clouds } = running.cloud.clouds() as { clouds: Record<string, { auth: Record<string, string> }> };
    const secrets = Object.values(clouds).flatMap(({ auth }) => [auth['password'], auth['application_credential_secret']]).filter((secret) => secret !== undefined);
    await running.member.exchange('identity', 'POST', '/auth/tokens', { body: { auth: { identity: { methods: ['password'], password: { user: { name: 'x', password: secrets[0] } } } } } });
    const written = JSON.stringify(running.cloud.state) + running.logs.join('\n');
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) expect(written).not.toContain(secret);
  });

  test('a token that is gone is refused with a challenge', async () => {
    await running.member.projectId();
    for (const id of Object.keys(running.cloud.state.keystone.tokens)) Reflect.deleteProperty(running.cloud.state.keystone.tokens, id);
    const answer = await fetch(`${running.cloud.addressOf('network')}/v2.0/networks`, { headers: { 'x-auth-token': 'gAAAAAold' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Keystone uri=/);
  });

  test('what is no JSON, and what is too long, is refused', async () => {
    const token = (await fetch(`${running.cloud.authUrl()}/auth/tokens`, { method: 'POST', body: '{' }));
    expect(token.status).toBe(400);
    const long = await fetch(`${running.cloud.authUrl()}/auth/tokens`, { method: 'POST', body: 'x'.repeat(3 * 1024 * 1024) }).catch(() => ({ status: 413 }));
    expect(long.status).toBe(413);
  });
});
