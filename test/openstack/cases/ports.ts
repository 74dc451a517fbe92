import { nobody, type Case } from '../case.ts';
import { at } from '../reply.ts';

export const portCases: readonly Case[] = [
  { name: 'network: ports', run: async (t, stage) => {
    const name = t.name('port');
    await t.call('none of this name', `network GET /v2.0/ports?name=${name}&network_id=${stage.networkId}`);
    const create = (step: string, port: Record<string, unknown>) => t.call(step, 'network POST /v2.0/ports', { port: { network_id: stage.networkId, ...port } });
    const made = await create('create', { name, description: 'contract', security_groups: [stage.groupId] });
    const id = at(made.body, 'port', 'id');
    t.undo(`network DELETE /v2.0/ports/${id}`);
    await t.call('replace tags', `network PUT /v2.0/ports/${id}/tags`, { tags: ['y', 'x'] });
    await t.call('list by name', `network GET /v2.0/ports?name=${name}&network_id=${stage.networkId}`);
    await t.call('list by id', `network GET /v2.0/ports?id=${id}`);
    await t.call('list by address', `network GET /v2.0/ports?fixed_ips=ip_address%3D${at(made.body, 'port', 'fixed_ips', 0, 'ip_address')}&network_id=${stage.networkId}`);
    await t.call('show', `network GET /v2.0/ports/${id}`);
    await t.call('add a tag', `network PUT /v2.0/ports/${id}/tags/octavia`);
    await t.call('remove the tag', `network DELETE /v2.0/ports/${id}/tags/octavia`);
    await t.call('list by group', `network GET /v2.0/ports?security_groups=${stage.groupId}&name=${name}`);
    const chosen = await create('chosen address', { name: t.name('chosen'), fixed_ips: [{ subnet_id: stage.subnetId, ip_address: '10.66.0.200' }] });
    t.undo(`network DELETE /v2.0/ports/${at(chosen.body, 'port', 'id')}`);
    await create('taken address', { fixed_ips: [{ subnet_id: stage.subnetId, ip_address: '10.66.0.200' }] });
    await create('address outside', { fixed_ips: [{ subnet_id: stage.subnetId, ip_address: '10.99.0.1' }] });
    await create('address of no subnet', { fixed_ips: [{ ip_address: '10.99.0.1' }] });
    await create('unknown subnet', { fixed_ips: [{ subnet_id: nobody }] });
    await create('taken MAC', { mac_address: at(made.body, 'port', 'mac_address') });
    await create('unknown group', { security_groups: [nobody] });
    const bare = await create('without security', { name: t.name('bare'), port_security_enabled: false });
    t.undo(`network DELETE /v2.0/ports/${at(bare.body, 'port', 'id')}`);
    await create('groups without security', { port_security_enabled: false, security_groups: [stage.groupId] });
    const plain = await create('default group', { name: t.name('plain') });
    t.undo(`network DELETE /v2.0/ports/${at(plain.body, 'port', 'id')}`);
    await t.call('address pairs', `network PUT /v2.0/ports/${id}`, { port: { allowed_address_pairs: [{ ip_address: '10.100.1.0/24' }] } });
    await t.call('the same pair twice', `network PUT /v2.0/ports/${id}`, { port: { allowed_address_pairs: [{ ip_address: '10.100.1.0/24' }, { ip_address: '10.100.1.0/24' }] } });
    await t.call('bad pair', `network PUT /v2.0/ports/${id}`, { port: { allowed_address_pairs: [{ ip_address: 'ten' }] } });
    await t.call('other groups', `network PUT /v2.0/ports/${id}`, { port: { security_groups: [] } });
    await t.call('security off', `network PUT /v2.0/ports/${id}`, { port: { port_security_enabled: false, allowed_address_pairs: [] } });
    await t.call('move to another address', `network PUT /v2.0/ports/${id}`, { port: { fixed_ips: [{ subnet_id: stage.subnetId, ip_address: '10.66.0.201' }] } });
    await t.call('move to a taken address', `network PUT /v2.0/ports/${id}`, { port: { fixed_ips: [{ subnet_id: stage.subnetId, ip_address: '10.66.0.200' }] } });
    await t.call('change its network', `network PUT /v2.0/ports/${id}`, { port: { network_id: nobody } });
    await t.call('delete', `network DELETE /v2.0/ports/${id}`);
    await t.call('show the deleted', `network GET /v2.0/ports/${id}`);
    await t.call('delete again', `network DELETE /v2.0/ports/${id}`);
  } },
  { name: 'network: a full subnet', run: async (t) => {
    const networkId = at(await t.must('network POST /v2.0/networks', { network: { name: t.name('full') } }), 'network', 'id');
    t.undo(`network DELETE /v2.0/networks/${networkId}`);
    await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.79.0.0/29', enable_dhcp: false, allocation_pools: [{ start: '10.79.0.3', end: '10.79.0.3' }] } });
    const made = await t.call('the last address', 'network POST /v2.0/ports', { port: { network_id: networkId, name: t.name('last') } });
    t.undo(`network DELETE /v2.0/ports/${at(made.body, 'port', 'id')}`);
    await t.call('one too many', 'network POST /v2.0/ports', { port: { network_id: networkId, name: t.name('over') } });
    await t.call('delete a network with a port', `network DELETE /v2.0/networks/${networkId}`);
  } },
];
