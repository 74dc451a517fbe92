/** Whatever a router was before, afterwards the kernel holds what was asked for and nothing else. Random walks through descriptions, compared with what they mean. */
import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { WantedRouter } from '../../../sandbox/openstack/seams.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { Lab } from './lab.ts';

jest.setTimeout(300_000);

const external = 'eeeeeeee-0000-4000-8000-000000000000';
const id = 'aaaaaaaa-0000-4000-8000-000000000000';
const networks = ['11111111-0000-4000-8000-000000000000', '22222222-0000-4000-8000-000000000000', '33333333-0000-4000-8000-000000000000'];
const legs = networks.map((networkId, i) => ({ portId: `c${i}c0c0c0-0000-4000-8000-000000000000`, networkId, address: `10.${i}.0.1`, prefixLength: 24 - i, mac: `fa:16:3e:00:0${i}:01` }));

/** Floating IPs and routes only where a leg leads to them, as Neutron ensures. */
const wanted: fc.Arbitrary<WantedRouter> = fc.record({
  gateway: fc.option(fc.record({ address: fc.constantFrom('198.51.100.20', '198.51.100.21'), snat: fc.boolean() }), { freq: 4 }),
  interfaces: fc.subarray(legs),
  floating: fc.subarray([30, 31, 32, 33]),
  routes: fc.subarray([5, 6, 7, 8]),
  macs: fc.constantFrom('a', 'b'),
}).map(({ gateway, interfaces, floating, routes, macs }) => ({
  id,
  ...(gateway && { gateway: { networkId: external, ...gateway, prefixLength: 24, nexthop: '198.51.100.1' } }),
  interfaces: interfaces.map((leg) => ({ ...leg, mac: leg.mac.replace(/1$/, macs === 'a' ? '1' : '2') })),
  floatingIps: gateway && interfaces[0] ? floating.map((n, i) => ({ floating: `198.51.100.${n}`, fixed: interfaces[0]!.address.replace(/1$/, String(50 + i)) })) : [],
  routes: interfaces[0] ? routes.map((n) => ({ destination: `10.100.${n}.0/24`, nexthop: interfaces[0]!.address.replace(/1$/, String(n)) })) : [],
}));

/** The same in the words of `ip`: MAC and addresses by device, routes that are not the kernel's own. */
function meaning(router: WantedRouter): string[] {
  const lines = router.interfaces.map((leg) => `${leg.mac} ${leg.address}/${leg.prefixLength}`);
  if (router.gateway) lines.push(`gateway ${[`${router.gateway.address}/24`, ...router.floatingIps.map((ip) => `${ip.floating}/32`)].sort().join(' ')}`, 'default via 198.51.100.1');
  return [...lines, ...router.routes.map((route) => `${route.destination} via ${route.nexthop}`)].sort();
}

interface Row { ifname: string; address: string; addr_info: { family: string; local: string; prefixlen: number }[] }

describeWith({ root: true, commands: ['ip', 'nft', 'nsenter', 'unshare', 'bash'] }, 'states of a router', () => {
  const lab = new Lab();
  afterAll(() => lab.end());

  async function actual(): Promise<string[]> {
    const rows = JSON.parse(await lab.sh(`ip -n router-${id} -j addr`)) as Row[];
    const devices = rows.filter((row) => row.ifname !== 'lo').map((row) => {
      const addresses = row.addr_info.filter((info) => info.family === 'inet').map((info) => `${info.local}/${info.prefixlen}`);
      return `${row.ifname === 'gateway' ? 'gateway' : row.address} ${addresses.sort().join(' ')}`;
    });
    const routes = (JSON.parse(await lab.sh(`ip -n router-${id} -j route show table main`)) as { dst: string; gateway?: string; protocol: string }[]).filter((route) => route.protocol !== 'kernel');
    return [...devices, ...routes.map((route) => `${route.dst} via ${route.gateway}`)].sort();
  }

  test('a walk through random descriptions ends each step in what was asked for', async () => {
    await lab.call('start');
    await lab.call('ensureNetwork', { id: external, external: true, mtu: 1500 });
    for (const network of networks) await lab.call('ensureNetwork', { id: network, external: false, mtu: 1442 });
    const seed = process.env['KEELSON_SEED'] ? Number(process.env['KEELSON_SEED']) : Date.now() % 1_000_000;
    const steps = fc.sample(wanted, { numRuns: process.env['KEELSON_DEEP'] ? 400 : 40, seed });
    console.log(`seed ${seed}; of ${steps.length} steps ${steps.filter((step) => step.gateway).length} with a gateway, ${steps.filter((step) => step.floatingIps.length > 0).length} with floating IPs, ${steps.filter((step) => step.routes.length > 0).length} with routes, ${steps.filter((step) => step.interfaces.length === 0).length} without interfaces`);
    for (const step of steps) {
      await lab.call('ensureRouter', step);
      expect(await actual()).toEqual(meaning(step));
      const rules = await lab.sh(`nsenter --net=/run/netns/router-${id} nft list ruleset`);
      for (const { floating, fixed } of step.floatingIps) expect(rules).toContain(`${floating} : ${fixed}`);
      expect((rules.match(/198\.51\.100\.3\d :/g) ?? []).length).toBe(step.floatingIps.length);
    }
    await lab.call('stop');
    expect(await lab.sh('ip netns list; ip -o link | grep -v lo:')).toMatch(/^(failed.*)?$/);
  });
});
