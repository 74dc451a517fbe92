/** The fabric held to real traffic: two tenants with equal CIDRs in a private world, servers as plain namespaces. */
import { jest } from '@jest/globals';
import { bridgeName } from '../../../sandbox/network/names.ts';
import type { WantedLoadBalancer, WantedRouter } from '../../../sandbox/openstack/seams.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { eventually, Lab } from './lab.ts';

const id = (kind: string, n: number): string => `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const external = id('e', 0);
const networkOf = (tenant: number): string => id(String(tenant), 1);
const lb = id('b', 1);

function router(tenant: number, changes: Partial<WantedRouter> = {}): WantedRouter {
  return {
    id: id('a', tenant).replace('aaaaaaaa', `aaaaaaa${tenant}`),
    gateway: { networkId: external, address: `198.51.100.2${tenant}`, prefixLength: 24, nexthop: '198.51.100.1', snat: true },
    interfaces: [{ portId: `c${tenant}000000-0000-4000-8000-000000000000`, networkId: networkOf(tenant), address: '10.0.0.1', prefixLength: 24, mac: `fa:16:3e:00:0${tenant}:01` }],
    floatingIps: [], routes: [], ...changes,
  };
}
const members = { a: { id: 'member-a', address: '10.0.0.5', port: 8080 }, b: { id: 'member-b', address: '10.0.0.6', port: 8080 } };
function loadBalancer(changes: Partial<WantedLoadBalancer['listeners'][number]> = {}): WantedLoadBalancer {
  return {
    id: lb,
    vip: { portId: 'd0000000-0000-4000-8000-000000000000', networkId: networkOf(1), address: '10.0.0.100', prefixLength: 24, gateway: '10.0.0.1', mac: 'fa:16:3e:00:01:64' },
    listeners: [{
      id: 'listener', protocol: 'TCP', port: 80, allowedCidrs: [], members: [members.a, members.b],
      monitor: { type: 'HTTP', delayMs: 100, timeoutMs: 500, maxRetries: 1 }, ...changes,
    }],
  };
}
const floating = { server: { floating: '198.51.100.30', fixed: '10.0.0.5' }, lb: { floating: '198.51.100.31', fixed: '10.0.0.100' } };
const get = (url: string): string => `curl -s --max-time 3 ${url} || echo "curl: $?"`;
/** The same where silence is expected: 28 is curl's word for a deadline, 7 for a refusal. */
const getNothing = (url: string): string => get(url).replace('--max-time 3', '--max-time 1');
const nothing = /^curl: (7|28)$/;

jest.setTimeout(30_000);

describeWith({ root: true, commands: ['ip', 'nft', 'nsenter', 'unshare', 'curl', 'bash', 'pgrep'] }, 'fabric', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = new Lab();
    await lab.call('start');
    await lab.call('ensureNetwork', { id: external, external: true, mtu: 1500 });
    for (const tenant of [1, 2]) {
      await lab.call('ensureNetwork', { id: networkOf(tenant), external: false, mtu: 1442 });
      await lab.call('ensureRouter', router(tenant));
    }
    for (const [name, tenant, address] of [['a', 1, '10.0.0.5'], ['b', 1, '10.0.0.6'], ['other', 2, '10.0.0.5']] as const) {
      await lab.server(name, bridgeName(networkOf(tenant)), address, '10.0.0.1');
      await lab.web(name);
    }
    await lab.web('outside', { isOutside: true });
  }, 60_000);
  afterAll(() => lab.end());

  beforeEach(async () => {
    await lab.call('ensureRouter', everything);
    await lab.call('ensureRouter', router(2));
    await lab.call('ensureLoadBalancer', loadBalancer());
  });

  const everything = router(1, { floatingIps: [floating.server, floating.lb], routes: [{ destination: '10.100.1.0/24', nexthop: '10.0.0.5' }] });

  test('a server reaches the outside with the gateway address of its router', async () => {
    expect(await lab.inside('b', get('http://198.51.100.1:8080'))).toBe('outside sees 198.51.100.21');
    expect(await lab.inside('other', get('http://198.51.100.1:8080'))).toBe('outside sees 198.51.100.22');
  });

  test('tenants with equal addresses do not meet', async () => {
    expect(await lab.inside('b', get('http://10.0.0.5:8080'))).toBe('a sees 10.0.0.6');
    expect(await lab.inside('other', getNothing('http://10.0.0.6:8080'))).toMatch(nothing);
    expect(await lab.inside('other', getNothing('http://198.51.100.21:8080'))).toMatch(nothing);
  });

  test('a server answers on its floating IP and speaks with it', async () => {
    expect(await lab.sh(get('http://198.51.100.30:8080'))).toBe('a sees 198.51.100.1');
    expect(await lab.inside('a', get('http://198.51.100.1:8080'))).toBe('outside sees 198.51.100.30');
    expect(await lab.inside('other', get('http://198.51.100.30:8080'))).toBe('a sees 198.51.100.22');
  });

  test('a load balancer spreads connections over its members, reached through its floating IP', async () => {
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await lab.sh(get('http://198.51.100.31')));
    expect(answers.sort()).toEqual(['a sees 10.0.0.100', 'a sees 10.0.0.100', 'b sees 10.0.0.100', 'b sees 10.0.0.100']);
    await eventually(() => lab.health.get('member-a') === 'ONLINE' && lab.health.get('member-b') === 'ONLINE', 'both members online');
  });

  test('a server reaches a load balancer and itself through floating IPs of its own network', async () => {
    expect(await lab.inside('b', get('http://198.51.100.31'))).toMatch(/^[ab] sees 10.0.0.100$/);
    expect(await lab.inside('b', get('http://198.51.100.30:8080'))).toBe('a sees 198.51.100.21');
    expect(await lab.inside('a', get('http://198.51.100.30:8080'))).toMatch(/^a sees /);
  });

  test('traffic of a dead member goes to the other one until it is back', async () => {
    await lab.stopWeb('a');
    for (let i = 0; i < 4; i++) expect(await lab.sh(get('http://198.51.100.31'))).toBe('b sees 10.0.0.100');
    await eventually(() => lab.health.get('member-a') === 'ERROR', 'the dead member in ERROR');
    await lab.web('a');
    await eventually(() => lab.health.get('member-a') === 'ONLINE', 'the member back online');
    await eventually(async () => (await lab.sh(get('http://198.51.100.31'))).startsWith('a '), 'traffic on the member that is back');
  });

  test('connections live on while members and rules change, and end with their floating IP', async () => {
    await lab.open('long', '198.51.100.31', 80);
    await lab.call('ensureLoadBalancer', loadBalancer({ members: [members.b], port: 80 }));
    await lab.call('ensureRouter', { ...everything, floatingIps: [floating.lb] });
    expect(await lab.ask('long')).toMatch(/^[ab] sees 10.0.0.100$/);
    await lab.call('ensureRouter', { ...everything, floatingIps: [floating.server] });
    expect(await lab.ask('long')).toBe('silence');
  });

  test('a route leads to what lies behind a server', async () => {
    await lab.inside('a', 'ip addr add 10.100.1.7/32 dev lo');
    expect(await lab.inside('b', get('http://10.100.1.7:8080'))).toBe('a sees 10.0.0.6');
    await lab.call('ensureRouter', { ...everything, routes: [] });
    expect(await lab.inside('b', getNothing('http://10.100.1.7:8080'))).toMatch(nothing);
  });

  test('a listener is closed to sources outside its allowed CIDRs', async () => {
    await lab.call('ensureLoadBalancer', loadBalancer({ allowedCidrs: ['10.0.0.0/24', '198.51.100.22/32'] }));
    expect(await lab.sh(getNothing('http://198.51.100.31'))).toBe('curl: 28');
    expect(await lab.inside('b', get('http://10.0.0.100'))).toMatch(/^[ab] sees/);
    expect(await lab.inside('other', get('http://198.51.100.31'))).toMatch(/^[ab] sees/);
    await lab.call('ensureLoadBalancer', loadBalancer());
    expect(await lab.sh(get('http://198.51.100.31'))).toMatch(/^[ab] sees/);
  });

  test('datagrams go through a UDP listener and back', async () => {
    const { vip } = loadBalancer();
    await lab.udpEcho('a', 5353);
    await lab.call('ensureLoadBalancer', { id: lb, vip, listeners: [...loadBalancer().listeners, { id: 'dns', protocol: 'UDP', port: 53, allowedCidrs: [], members: [{ id: 'u', address: '10.0.0.5', port: 5353 }] }] });
    expect(await lab.udpAsk('198.51.100.31', 53, 'hello')).toBe('echo hello');
  });

  test('a relay that is killed comes back with its listeners', async () => {
    const before = await lab.relayPids();
    await lab.sh(`kill -9 ${before}`);
    await eventually(async () => /^[ab] sees/.test(await lab.sh(get('http://198.51.100.31'))), 'the load balancer answers again');
    expect(await lab.relayPids()).not.toBe(before);
  });

  test('a floating IP that moves to another tenant answers there at once', async () => {
    expect(await lab.sh(get('http://198.51.100.30:8080'))).toBe('a sees 198.51.100.1');
    await lab.call('ensureRouter', { ...everything, floatingIps: [floating.lb] });
    await lab.call('ensureRouter', router(2, { floatingIps: [floating.server] }));
    expect(await lab.sh(get('http://198.51.100.30:8080'))).toBe('other sees 198.51.100.1');
    expect(await lab.inside('b', get('http://198.51.100.30:8080'))).toBe('other sees 198.51.100.21');
  });

  test('a sender of packets too large for the tenant network is told its MTU', async () => {
    expect(await lab.sh('ip -o link show type bridge | grep -o "mtu [0-9]*" | sort | uniq -c | tr -s " " | tr "\\n" ";"')).toBe('2 mtu 1442; 1 mtu 1500;');
    await lab.udpAsk('198.51.100.30', 9, 'x'.repeat(1460), 100);
    expect(await lab.sh('ip route get 198.51.100.30 | grep -o "mtu [0-9]*"')).toBe('mtu 1442');
  });

  test('asking again for what is there changes nothing', async () => {
    const picture = 'ip -o link | sed "s/qlen.*//" | sort; pgrep -f "[l]oad-balancer/main"; for n in $(ip netns list | cut -d" " -f1 | sort); do echo $n; ip -n $n -o addr; ip -n $n route; nsenter --net=/run/netns/$n nft -a list ruleset; done';
    const before = await lab.sh(picture);
    await lab.call('ensureNetwork', { id: networkOf(1), external: false, mtu: 1442 });
    await lab.call('ensureNetwork', { id: external, external: true, mtu: 1500 });
    await lab.call('ensureRouter', everything);
    await lab.call('ensureLoadBalancer', loadBalancer());
    expect(await lab.sh(picture)).toBe(before);
  });

  test('calls for one object at the same time end in the state of the last', async () => {
    await Promise.all([lab.call('ensureRouter', router(2, { floatingIps: [floating.server] })), lab.call('ensureRouter', router(2, { gateway: undefined as never })), lab.call('ensureRouter', router(2))]);
    expect(await lab.inside('other', get('http://198.51.100.1:8080'))).toBe('outside sees 198.51.100.22');
  });

  test('a router of a network that was never made is refused by name', async () => {
    const lost = router(3, { interfaces: [{ ...router(1).interfaces[0]!, networkId: id('9', 9) }] });
    await expect(lab.call('ensureRouter', lost)).rejects.toMatchObject({ code: 'NETWORK_UNKNOWN', message: expect.stringContaining(id('9', 9)) as string });
  });

  test('a command that fails is named with its words, and the next call mends what it left', async () => {
    const broken = { ...router(2), routes: [{ destination: '10.9.0.0/24', nexthop: '10.77.0.1' }] };
    await expect(lab.call('ensureRouter', broken)).rejects.toMatchObject({ code: 'NETWORK_COMMAND_FAILED', message: expect.stringMatching(/^nsenter --net=\/run\/netns\/router-\S+ ip -batch - \(router .*route replace 10\.9\.0\.0\/24 via 10\.77\.0\.1\).*Nexthop has invalid gateway/) as string });
    await lab.call('ensureRouter', router(2));
    expect(await lab.inside('other', get('http://198.51.100.1:8080'))).toBe('outside sees 198.51.100.22');
  });

  test('what is removed is gone, and the rest goes on', async () => {
    await lab.call('removeLoadBalancer', lb);
    await lab.call('removeLoadBalancer', lb);
    expect(await lab.sh(getNothing('http://198.51.100.31'))).toMatch(nothing);
    expect(await lab.relayPids()).toBe('');
    await lab.call('removeRouter', router(2).id);
    expect(await lab.inside('b', get('http://198.51.100.1:8080'))).toBe('outside sees 198.51.100.21');
  });

  test('after stop nothing is left but the servers of others', async () => {
    await lab.call('ensureLoadBalancer', loadBalancer());
    await lab.call('stop');
    expect(await lab.sh('ip netns list | cut -d" " -f1 | sort | tr "\\n" " "')).toBe('a b other');
    expect(await lab.sh('ip -o link | cut -d" " -f2 | cut -d@ -f1 | sort | tr "\\n" " "')).toBe('lo: t-a t-b t-other');
    expect(await lab.sh('nft list ruleset')).toBe('');
    expect(await lab.relayPids()).toBe('');
    expect(await lab.call('counts')).toEqual({ networks: 0, routers: 0, loadBalancers: 0 });
  });
});
