import { nobody, type Case } from '../case.ts';
import { at } from '../reply.ts';

export const securityGroupCases: readonly Case[] = [
  { name: 'network: security groups', run: async (t, stage) => {
    const name = t.name('group');
    await t.call('none of this name', `network GET /v2.0/security-groups?name=${name}`);
    const made = await t.call('create', 'network POST /v2.0/security-groups', { security_group: { name, description: 'Cluster API managed group' } });
    const id = at(made.body, 'security_group', 'id');
    t.undo(`network DELETE /v2.0/security-groups/${id}`);
    await t.call('replace tags', `network PUT /v2.0/security-groups/${id}/tags`, { tags: ['one'] });
    const rule = (step: string, given: Record<string, unknown>) => t.call(step, 'network POST /v2.0/security-group-rules', { security_group_rule: { security_group_id: id, direction: 'ingress', ethertype: 'IPv4', ...given } });
    const api = await rule('a port', { description: 'Kubernetes API', protocol: 'tcp', port_range_min: 6443, port_range_max: 6443 });
    await rule('the same again', { description: 'Kubernetes API', protocol: 'tcp', port_range_min: 6443, port_range_max: 6443 });
    await rule('a prefix', { protocol: 'udp', port_range_min: 1, port_range_max: 65535, remote_ip_prefix: '10.0.0.7/8' });
    await rule('a group', { remote_group_id: stage.groupId });
    await rule('ICMP', { protocol: 'icmp' });
    await rule('a protocol by number', { protocol: '4' });
    await rule('IP-in-IP', { protocol: 'ipip' });
    await rule('unknown protocol', { protocol: 'carrier-pigeon' });
    await rule('range upside down', { protocol: 'tcp', port_range_min: 20, port_range_max: 10 });
    await rule('ports without protocol', { port_range_min: 10, port_range_max: 20 });
    await rule('group and prefix', { protocol: 'tcp', remote_group_id: stage.groupId, remote_ip_prefix: '10.0.0.0/8' });
    await rule('wrong family', { protocol: 'tcp', remote_ip_prefix: '2001:db8::/32' });
    await rule('bad prefix', { protocol: 'tcp', remote_ip_prefix: 'ten' });
    await rule('bad direction', { direction: 'sideways' });
    await rule('unknown group', { security_group_id: nobody });
    await rule('unknown remote group', { remote_group_id: nobody });
    const ruleId = at(api.body, 'security_group_rule', 'id');
    await t.call('show a rule', `network GET /v2.0/security-group-rules/${ruleId}`);
    await t.call('list rules', `network GET /v2.0/security-group-rules?security_group_id=${id}`);
    await t.call('delete a rule', `network DELETE /v2.0/security-group-rules/${ruleId}`);
    await t.call('delete it again', `network DELETE /v2.0/security-group-rules/${ruleId}`);
    await t.call('list by name', `network GET /v2.0/security-groups?name=${name}`);
    await t.call('rename', `network PUT /v2.0/security-groups/${id}`, { security_group: { description: 'changed' } });
    const port = at(await t.must('network POST /v2.0/ports', { port: { name: t.name('sgport'), network_id: stage.networkId, security_groups: [id] } }), 'port', 'id');
    t.undo(`network DELETE /v2.0/ports/${port}`);
    await t.call('its ports', `network GET /v2.0/ports?security_groups=${id}`);
    await t.call('delete in use', `network DELETE /v2.0/security-groups/${id}`);
    await t.must(`network DELETE /v2.0/ports/${port}`);
    await t.call('no port any more', `network GET /v2.0/ports?security_groups=${id}`);
    await t.call('delete', `network DELETE /v2.0/security-groups/${id}`);
    await t.call('show the deleted', `network GET /v2.0/security-groups/${id}`);
    await t.call('delete again', `network DELETE /v2.0/security-groups/${id}`);
  } },
  { name: 'network: the default group', run: async (t) => {
    const listed = await t.call('list', 'network GET /v2.0/security-groups?name=default');
    const id = at(listed.body, 'security_groups', 0, 'id');
    await t.call('create another', 'network POST /v2.0/security-groups', { security_group: { name: 'default' } });
    await t.call('rename', `network PUT /v2.0/security-groups/${id}`, { security_group: { name: t.name('x') } });
    await t.call('delete', `network DELETE /v2.0/security-groups/${id}`);
  } },
];
