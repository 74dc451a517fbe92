import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at } from '../reply.ts';

async function network(t: Recorder, name: string): Promise<string> {
  const id = at(await t.must('network POST /v2.0/networks', { network: { name: t.name(name) } }), 'network', 'id');
  t.undo(`network DELETE /v2.0/networks/${id}`);
  return id;
}

export const networkCases: readonly Case[] = [
  { name: 'network: networks', run: async (t) => {
    const name = t.name('net');
    await t.call('none of this name', `network GET /v2.0/networks?name=${name}`);
    const made = await t.call('create', 'network POST /v2.0/networks', { network: { name, description: 'contract' } });
    const id = at(made.body, 'network', 'id');
    t.undo(`network DELETE /v2.0/networks/${id}`);
    await t.call('replace tags', `network PUT /v2.0/networks/${id}/tags`, { tags: ['zebra', 'ant'] });
    await t.call('list by name', `network GET /v2.0/networks?name=${name}`);
    await t.call('list by id and fields', `network GET /v2.0/networks?id=${id}&fields=id&fields=name&fields=tags`);
    await t.call('show', `network GET /v2.0/networks/${id}`);
    await t.call('its ports', `network GET /v2.0/ports?network_id=${id}`);
    await t.call('update', `network PUT /v2.0/networks/${id}`, { network: { description: 'changed', admin_state_up: false } });
    await t.call('external by name', `network GET /v2.0/networks?name=${encodeURIComponent(t.target.externalNetworkName)}&router%3Aexternal=true`);
    await t.call('external by id', `network GET /v2.0/networks?router%3Aexternal=true&id=${t.target.externalNetworkId}`);
    await t.call('delete', `network DELETE /v2.0/networks/${id}`);
    await t.call('show the deleted', `network GET /v2.0/networks/${id}`);
    await t.call('delete again', `network DELETE /v2.0/networks/${id}`);
    await t.call('update the deleted', `network PUT /v2.0/networks/${id}`, { network: { name } });
    await t.call('tag the deleted', `network PUT /v2.0/networks/${id}/tags`, { tags: [] });
  } },
  { name: 'network: refused bodies', run: async (t) => {
    await t.call('unknown attribute', 'network POST /v2.0/networks', { network: { name: t.name('x'), colour: 'blue' } });
    await t.call('administrators only', 'network POST /v2.0/networks', { network: { name: t.name('x'), shared: true } });
    await t.call('wrong type', 'network POST /v2.0/networks', { network: { name: 17 } });
    await t.call('not a flag', 'network POST /v2.0/networks', { network: { name: t.name('x'), admin_state_up: 'maybe' } });
    await t.call('missing attribute', 'network POST /v2.0/subnets', { subnet: { cidr: '10.70.0.0/24', ip_version: 4 } });
    await t.call('not a UUID', 'network POST /v2.0/subnets', { subnet: { cidr: '10.70.0.0/24', ip_version: 4, network_id: 'nonsense' } });
    await t.call('wrong key', 'network POST /v2.0/networks', { net: {} });
    await t.call('empty body', 'network POST /v2.0/networks', {});
    await t.call('unknown path', 'network GET /v2.0/nonsense');
    await t.call('change the external network', `network PUT /v2.0/networks/${t.target.externalNetworkId}`, { network: { name: t.name('x') } });
    await t.call('delete the external network', `network DELETE /v2.0/networks/${t.target.externalNetworkId}`);
    await t.call('port on an unknown network', 'network POST /v2.0/ports', { port: { network_id: nobody } });
  } },
  { name: 'network: subnets', run: async (t) => {
    const networkId = await network(t, 'subnets');
    const create = (step: string, subnet: Record<string, unknown>) => t.call(step, 'network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, ...subnet } });
    await t.call('none of this range', `network GET /v2.0/subnets?cidr=${encodeURIComponent('10.71.0.0/24')}&network_id=${networkId}`);
    const made = await create('create', { name: t.name('subnet'), cidr: '10.71.0.0/24', dns_nameservers: ['192.0.2.53'], description: 'contract' });
    const id = at(made.body, 'subnet', 'id');
    await t.call('replace tags', `network PUT /v2.0/subnets/${id}/tags`, { tags: ['b', 'a'] });
    await t.call('list by range and network', `network GET /v2.0/subnets?cidr=${encodeURIComponent('10.71.0.0/24')}&network_id=${networkId}`);
    await t.call('list by name', `network GET /v2.0/subnets?name=${t.name('subnet')}`);
    await t.call('list by network', `network GET /v2.0/subnets?network_id=${networkId}`);
    await t.call('show', `network GET /v2.0/subnets/${id}`);
    await t.call('its network', `network GET /v2.0/networks/${networkId}`);
    await t.call('ports of its network', `network GET /v2.0/ports?network_id=${networkId}`);
    await t.call('update', `network PUT /v2.0/subnets/${id}`, { subnet: { dns_nameservers: ['192.0.2.54'], host_routes: [{ destination: '192.0.2.0/24', nexthop: '10.71.0.9' }] } });
    await t.call('change the range', `network PUT /v2.0/subnets/${id}`, { subnet: { cidr: '10.72.0.0/24' } });
    await create('overlapping', { cidr: '10.71.0.128/25' });
    await create('not a range', { cidr: 'ten' });
    await create('wrong family', { cidr: '10.71.1.0/24', ip_version: 6 });
    await create('neither range nor pool', {});
    await create('host bits', { cidr: '10.73.0.77/24', name: t.name('hostbits') });
    await create('without gateway', { cidr: '10.74.0.0/24', gateway_ip: null, enable_dhcp: false });
    await create('own gateway and pools', { cidr: '10.75.0.0/24', gateway_ip: '10.75.0.254', allocation_pools: [{ start: '10.75.0.10', end: '10.75.0.20' }] });
    await create('pools outside', { cidr: '10.76.0.0/24', allocation_pools: [{ start: '10.77.0.10', end: '10.77.0.20' }] });
    await create('gateway in a pool', { cidr: '10.76.0.0/24', gateway_ip: '10.76.0.15', allocation_pools: [{ start: '10.76.0.10', end: '10.76.0.20' }] });
    await t.call('on an unknown network', 'network POST /v2.0/subnets', { subnet: { network_id: nobody, ip_version: 4, cidr: '10.78.0.0/24' } });
    await t.call('delete', `network DELETE /v2.0/subnets/${id}`);
    await t.call('show the deleted', `network GET /v2.0/subnets/${id}`);
    await t.call('delete again', `network DELETE /v2.0/subnets/${id}`);
  } },
  { name: 'network: tags', run: async (t) => {
    const names = ['tags1', 'tags2', 'tags3'];
    const [first = ''] = await Promise.all(names.map((name) => network(t, name)));
    const all = await t.must(`network GET /v2.0/networks?fields=id&fields=name&${names.map((name) => `name=${t.name(name)}`).join('&')}`);
    const id = (name: string): string => String((all['networks'] as Record<string, string>[]).find((one) => one['name'] === t.name(name))?.['id']);
    const mine = t.name('t');
    const [big, blue] = [t.name('big'), t.name('blue')];
    await t.must(`network PUT /v2.0/networks/${id('tags1')}/tags`, { tags: [mine, 'red'] });
    await t.must(`network PUT /v2.0/networks/${id('tags2')}/tags`, { tags: [mine, 'red', big] });
    await t.must(`network PUT /v2.0/networks/${id('tags3')}/tags`, { tags: [mine, blue] });
    const find = (step: string, filter: string) => t.call(step, `network GET /v2.0/networks?fields=name&fields=tags&${filter}`);
    await find('all of one', `tags=${mine}`);
    await find('all of two', `tags=${mine},red`);
    await find('all of none', `tags=${mine},green`);
    await find('any', `tags-any=${big},${blue}`);
    await find('not all', `tags=${mine}&not-tags=red,${big}`);
    await find('not any', `tags=${mine}&not-tags-any=${big},${blue}`);
    await t.call('sort key without direction', `network GET /v2.0/networks?fields=name&sort_key=name&tags=${mine}`);
    const path = `/v2.0/networks/${first}/tags`;
    await t.call('list', `network GET /v2.0/networks/${id('tags2')}/tags`);
    await t.call('add', `network PUT ${path}/green`);
    await t.call('has', `network GET ${path}/green`);
    await t.call('has not', `network GET ${path}/purple`);
    await t.call('remove', `network DELETE ${path}/green`);
    await t.call('remove again', `network DELETE ${path}/green`);
    await t.call('remove all', `network DELETE ${path}`);
    await t.call('list when empty', `network GET ${path}`);
    await t.call('not a list', `network PUT ${path}`, { tags: 'red' });
    await t.call('too long', `network PUT ${path}`, { tags: ['x'.repeat(300)] });
  } },
  { name: 'network: pages', run: async (t) => {
    for (const name of ['page1', 'page2', 'page3']) await network(t, name);
    const filter = ['page1', 'page2', 'page3'].map((name) => `name=${t.name(name)}`).join('&');
    const base = `network GET /v2.0/networks?${filter}&fields=id&fields=name&sort_key=name&sort_dir=asc`;
    const first = await t.call('first page', `${base}&limit=2`);
    const marker = at(first.body, 'networks', 1, 'id');
    await t.call('second page', `${base}&limit=2&marker=${marker}`);
    await t.call('page before', `${base}&limit=2&marker=${marker}&page_reverse=True`);
    await t.call('sorted down', `network GET /v2.0/networks?${filter}&fields=name&sort_key=name&sort_dir=desc`);
    await t.call('bad limit', `${base}&limit=some`);
    await t.call('unknown marker', `${base}&limit=2&marker=${nobody}`);
    await t.call('bad direction', `network GET /v2.0/networks?${filter}&sort_key=name&sort_dir=up`);
    await t.call('bad filter', 'network GET /v2.0/networks?colour=blue');
  } },
  { name: 'network: directory', run: async (t) => {
    await t.call('extensions', 'network GET /v2.0/extensions');
    await t.call('one extension', 'network GET /v2.0/extensions/router');
    await t.call('unknown extension', 'network GET /v2.0/extensions/nonsense');
    await t.call('trunks', `network GET /v2.0/trunks?port_id=${nobody}`);
    await t.call('agents', 'network GET /v2.0/agents');
    await t.call('zones', 'network GET /v2.0/availability_zones');
    const project = await t.target.projectId('member');
    await t.call('quotas', `network GET /v2.0/quotas/${project}`);
  } },
];
