import type { Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at } from '../reply.ts';

async function network(t: Recorder, name: string): Promise<string> {
  const id = at(await t.must('network POST /v2.0/networks', { network: { name: t.name(name) } }), 'network', 'id');
  t.undo(`network DELETE /v2.0/networks/${id}`);
  return id;
}

/** A port's MAC address decides its SLAAC addresses, so that a case which gives it knows them. */
const mac = 'fa:16:3e:00:00:01';

export const ipv6Cases: readonly Case[] = [
  { name: 'network: IPv6 subnets', run: async (t) => {
    const networkId = await network(t, 'v6');
    const create = (step: string, subnet: Record<string, unknown>) => t.call(step, 'network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 6, ...subnet } });
    await create('plain', { name: t.name('plain'), cidr: '2001:db8:1::/64' });
    await create('SLAAC', { name: t.name('slaac'), cidr: '2001:db8:2::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' });
    await create('stateful', { name: t.name('stateful'), cidr: '2001:db8:3::/64', ipv6_ra_mode: 'dhcpv6-stateful', ipv6_address_mode: 'dhcpv6-stateful' });
    await create('stateless', { name: t.name('stateless'), cidr: '2001:db8:4::/64', ipv6_ra_mode: 'dhcpv6-stateless', ipv6_address_mode: 'dhcpv6-stateless' });
    await create('SLAAC by its address mode alone', { name: t.name('mode'), cidr: '2001:db8:5::/64', ipv6_address_mode: 'slaac' });
    await create('SLAAC of another size', { cidr: '2001:db8:6::/80', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' });
    await create('modes that do not fit', { cidr: '2001:db8:7::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'dhcpv6-stateful' });
    await create('modes without DHCP', { cidr: '2001:db8:7::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac', enable_dhcp: false });
    await create('an unknown mode', { cidr: '2001:db8:7::/64', ipv6_ra_mode: 'guess' });
    await create('modes of an IPv4 subnet', { ip_version: 4, cidr: '10.75.0.0/24', ipv6_ra_mode: 'slaac' });
    await create('IPv4 range', { cidr: '10.75.0.0/24' });
    await create('IPv6 range of version 4', { ip_version: 4, cidr: '2001:db8:7::/64' });
    await create('overlapping', { cidr: '2001:db8:1::/64' });
    await create('no gateway', { name: t.name('nogw'), cidr: '2001:db8:8::/64', gateway_ip: null });
    await create('a link-local gateway', { name: t.name('llgw'), cidr: '2001:db8:9::/64', gateway_ip: 'fe80::1' });
    await create('a DNS server of the other version', { name: t.name('dns4'), cidr: '2001:db8:a::/64', dns_nameservers: ['192.0.2.53'] });
    await create('a pool of its own', { name: t.name('pool'), cidr: '2001:db8:b::/64', allocation_pools: [{ start: '2001:db8:b::100', end: '2001:db8:b::200' }] });
    await t.call('change a mode', `network PUT /v2.0/subnets/${at((await t.quiet(`network GET /v2.0/subnets?name=${t.name('slaac')}`)).body, 'subnets', 0, 'id')}`, { subnet: { ipv6_ra_mode: 'dhcpv6-stateful' } });
  } },
  { name: 'network: dual-stack ports', run: async (t) => {
    const networkId = await network(t, 'dual');
    const subnet = async (given: Record<string, unknown>): Promise<string> => at(await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ...given } }), 'subnet', 'id');
    // Neutron draws addresses at random: not the one that is asked for below.
    const v4 = await subnet({ ip_version: 4, cidr: '10.76.0.0/24', allocation_pools: [{ start: '10.76.0.100', end: '10.76.0.200' }] });
    const slaac = await subnet({ ip_version: 6, cidr: '2001:db8:20::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' });
    const static6 = await subnet({ ip_version: 6, cidr: '2001:db8:21::/64', enable_dhcp: false, allocation_pools: [{ start: '2001:db8:21::100', end: '2001:db8:21::100' }] });
    const create = async (step: string, port: Record<string, unknown>): Promise<void> => {
      const made = await t.call(step, 'network POST /v2.0/ports', { port: { name: t.name('dual'), network_id: networkId, ...port } });
      const id = at(made.body, 'port', 'id');
      if (id !== '') await t.must(`network DELETE /v2.0/ports/${id}`);
    };
    await create('one of each', { mac_address: mac });
    await create('the SLAAC subnet asked for', { mac_address: mac, fixed_ips: [{ subnet_id: slaac }] });
    await create('a static address', { mac_address: mac, fixed_ips: [{ subnet_id: static6, ip_address: '2001:db8:21::77' }] });
    await create('a static and an IPv4 address', { mac_address: mac, fixed_ips: [{ subnet_id: v4, ip_address: '10.76.0.77' }, { subnet_id: static6, ip_address: '2001:db8:21::77' }] });
    await create('an address SLAAC would not choose', { mac_address: mac, fixed_ips: [{ subnet_id: slaac, ip_address: '2001:db8:20::77' }] });
    await create('IPv4 alone', { mac_address: mac, fixed_ips: [{ subnet_id: v4, ip_address: '10.76.0.77' }] });
    await create('an address that is none', { mac_address: mac, fixed_ips: [{ subnet_id: static6, ip_address: '2001:db8:21::zz' }] });
    await create('an address pair of version 6', { mac_address: mac, fixed_ips: [{ subnet_id: v4, ip_address: '10.76.0.77' }], allowed_address_pairs: [{ ip_address: '2001:db8:99::/64' }] });
  } },
  { name: 'network: a router of both versions', run: async (t) => {
    const networkId = await network(t, 'router6');
    const v4 = at(await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.77.0.0/24' } }), 'subnet', 'id');
    const v6 = at(await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 6, cidr: '2001:db8:30::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } }), 'subnet', 'id');
    const other = at(await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 6, cidr: '2001:db8:31::/64', allocation_pools: [{ start: '2001:db8:31::100', end: '2001:db8:31::100' }] } }), 'subnet', 'id');
    const router = at(await t.must('network POST /v2.0/routers', { router: { name: t.name('router6') } }), 'router', 'id');
    t.undo(`network DELETE /v2.0/routers/${router}`);
    for (const [step, id] of [['IPv4', v4], ['SLAAC', v6], ['a second IPv6 subnet', other]] as const) {
      await t.call(`add ${step}`, `network PUT /v2.0/routers/${router}/add_router_interface`, { subnet_id: id });
      t.undo(`network PUT /v2.0/routers/${router}/remove_router_interface BODY ${JSON.stringify({ subnet_id: id })}`);
    }
    await t.call('its ports', `network GET /v2.0/ports?device_id=${router}&fields=device_owner&fields=fixed_ips&fields=mac_address`);
    const made = await t.call('a port now', 'network POST /v2.0/ports', { port: { name: t.name('seen'), network_id: networkId, mac_address: mac } });
    t.undo(`network DELETE /v2.0/ports/${at(made.body, 'port', 'id')}`);
    await t.call('remove the second IPv6 subnet', `network PUT /v2.0/routers/${router}/remove_router_interface`, { subnet_id: other });
  } },
];
