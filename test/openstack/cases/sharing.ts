import { nobody, type Case } from '../case.ts';
import { at } from '../reply.ts';
import { microversion } from './compute.ts';

export const sharingCases: readonly Case[] = [
  { name: 'projects: a shared network', needs: ['admin'], run: async (t) => {
    const stranger = await t.target.stranger();
    const as = { as: 'stranger' as const };
    const networkId = at(await t.must('network POST /v2.0/networks', { network: { name: t.name('shared') } }), 'network', 'id');
    t.undo(`network DELETE /v2.0/networks/${networkId}`);
    const subnetId = at(await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.78.0.0/24' } }), 'subnet', 'id');
    const share = (given: Record<string, unknown>) => ({ rbac_policy: { object_type: 'network', object_id: networkId, action: 'access_as_shared', target_tenant: stranger.projectId, ...given } });
    await t.call('not shared yet', `network GET /v2.0/networks/${networkId}`, undefined, as);
    const made = await t.call('share', 'network POST /v2.0/rbac-policies', share({}));
    const policy = at(made.body, 'rbac_policy', 'id');
    t.undo(`network DELETE /v2.0/rbac-policies/${policy}`);
    await t.call('share again', 'network POST /v2.0/rbac-policies', share({}));
    await t.call('share with all', 'network POST /v2.0/rbac-policies', share({ target_tenant: '*' }));
    await t.call('share an unknown network', 'network POST /v2.0/rbac-policies', share({ object_id: nobody }));
    await t.call('share what cannot be shared', 'network POST /v2.0/rbac-policies', share({ object_type: 'cloud' }));
    await t.call('an unknown action', 'network POST /v2.0/rbac-policies', share({ action: 'access_as_friend' }));
    await t.call('a foreign network', 'network POST /v2.0/rbac-policies', share({ target_tenant: '0123456789abcdef0123456789abcdef' }), as);
    await t.call('without a target', 'network POST /v2.0/rbac-policies', share({ target_tenant: undefined }));
    await t.call('policies', `network GET /v2.0/rbac-policies?object_id=${networkId}`);
    await t.call('policy', `network GET /v2.0/rbac-policies/${policy}`);
    await t.call('policy to the other project', `network GET /v2.0/rbac-policies/${policy}`, undefined, as);
    await t.call('its owner sees', `network GET /v2.0/networks/${networkId}`);
    await t.call('the other project sees', `network GET /v2.0/networks/${networkId}`, undefined, as);
    await t.call('the other project lists', `network GET /v2.0/networks?name=${t.name('shared')}`, undefined, as);
    await t.call('shared ones', `network GET /v2.0/networks?shared=true&name=${t.name('shared')}`, undefined, as);
    await t.call('its subnet', `network GET /v2.0/subnets/${subnetId}`, undefined, as);
    await t.call('change it', `network PUT /v2.0/networks/${networkId}`, { network: { description: 'mine' } }, as);
    await t.call('delete it', `network DELETE /v2.0/networks/${networkId}`, undefined, as);
    await t.call('a subnet on it', 'network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.79.0.0/24' } }, as);
    const port = await t.call('a port on it', 'network POST /v2.0/ports', { port: { network_id: networkId, name: t.name('guest') } }, as);
    const portId = at(port.body, 'port', 'id');
    await t.call('a port with a chosen address', 'network POST /v2.0/ports', { port: { network_id: networkId, name: t.name('chosen'), fixed_ips: [{ subnet_id: subnetId, ip_address: '10.78.0.200' }] } }, as);
    await t.call('the owner of the network sees the port', `network GET /v2.0/ports/${portId}`);
    await t.call('the owner lists the ports', `network GET /v2.0/ports?network_id=${networkId}&name=${t.name('guest')}`);
    await t.call('stop sharing while in use', `network DELETE /v2.0/rbac-policies/${policy}`);
    await t.call('move the policy while in use', `network PUT /v2.0/rbac-policies/${policy}`, { rbac_policy: { target_tenant: '0123456789abcdef0123456789abcdef' } });
    await t.must(`network DELETE /v2.0/ports/${portId}`, undefined, as);
    await t.call('stop sharing', `network DELETE /v2.0/rbac-policies/${policy}`);
    await t.call('the other project no longer sees it', `network GET /v2.0/networks/${networkId}`, undefined, as);
    await t.call('delete the policy again', `network DELETE /v2.0/rbac-policies/${policy}`);
  } },
  { name: 'projects: a server on a shared network', needs: ['admin'], run: async (t) => {
    const stranger = await t.target.stranger();
    const as = { as: 'stranger' as const };
    const v253 = microversion('2.53');
    const networkId = at(await t.must('network POST /v2.0/networks', { network: { name: t.name('lent') } }), 'network', 'id');
    t.undo(`network DELETE /v2.0/networks/${networkId}`);
    await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.78.0.0/24' } });
    const policy = at(await t.must('network POST /v2.0/rbac-policies', { rbac_policy: { object_type: 'network', object_id: networkId, action: 'access_as_shared', target_tenant: stranger.projectId } }), 'rbac_policy', 'id');
    t.undo(`network DELETE /v2.0/rbac-policies/${policy}`);
    const made = await t.call('create', 'compute POST /servers', { server: { name: t.name('guest'), imageRef: t.target.imageId, flavorRef: t.target.flavorId, networks: [{ uuid: networkId }] } }, { ...v253, ...as });
    const id = at(made.body, 'server', 'id');
    await t.poll('until ACTIVE', `compute GET /servers/${id}`, { ...v253, ...as, state: (reply) => at(reply.body, 'server', 'status'), from: ['BUILD'], until: 'ACTIVE' });
    await t.call('the owner of the network shows the server', `compute GET /servers/${id}`, undefined, v253);
    await t.call('the administrator lists all', `compute GET /servers?all_tenants=1&name=${t.name('guest')}`, undefined, { ...v253, as: 'admin' });
    await t.call('the administrator lists one project', `compute GET /servers?all_tenants=1&project_id=${stranger.projectId}&name=${t.name('guest')}`, undefined, { ...v253, as: 'admin' });
    await t.call('a member asks for all', `compute GET /servers?all_tenants=1&name=${t.name('guest')}`, undefined, v253);
    await t.must(`compute DELETE /servers/${id}`, undefined, as);
    await t.poll('until gone', `compute GET /servers/${id}`, { ...v253, ...as, state: (reply) => at(reply.body, 'server', 'status'), until: '404', passing: ['ACTIVE', 'DELETED'] });
  } },
  { name: 'projects: quotas of every service', needs: ['admin'], run: async (t, stage) => {
    const { projectId } = await t.target.stranger();
    const as = { as: 'stranger' as const };
    const admin = { as: 'admin' as const };
    const v253 = microversion('2.53');
    await t.call('network quota in detail', `network GET /v2.0/quotas/${projectId}/details.json`, undefined, admin);
    await t.call('network quota in detail, to its member', `network GET /v2.0/quotas/${projectId}/details.json`, undefined, as);
    await t.call('network quota defaults', `network GET /v2.0/quotas/${projectId}/default`, undefined, as);
    await t.call('network quota of another project', `network GET /v2.0/quotas/${projectId}`);
    await t.call('compute quota in detail', `compute GET /os-quota-sets/${projectId}/detail`, undefined, { ...v253, ...as });
    await t.call('compute quota defaults', `compute GET /os-quota-sets/${projectId}/defaults`, undefined, { ...v253, ...as });
    await t.call('compute quota of another project', `compute GET /os-quota-sets/${projectId}`, undefined, v253);
    await t.call('a member sets a compute quota', `compute PUT /os-quota-sets/${projectId}`, { quota_set: { cores: 1 } }, { ...v253, ...as });
    await t.call('the administrator sets an unknown compute quota', `compute PUT /os-quota-sets/${projectId}`, { quota_set: { wheels: 4 } }, { ...v253, ...admin });
    await t.call('the administrator sets compute quotas', `compute PUT /os-quota-sets/${projectId}`, { quota_set: { server_groups: 0, key_pairs: 0, cores: 0 } }, { ...v253, ...admin });
    await t.call('a server group too many', 'compute POST /os-server-groups', { server_group: { name: t.name('q'), policies: ['affinity'] } }, { ...v253, ...as });
    await t.call('cores too many', 'compute POST /servers', { server: { name: t.name('q'), imageRef: t.target.imageId, flavorRef: t.target.flavorId, networks: 'none' } }, { ...v253, ...as });
    await t.call('a network quota below what is used', `network PUT /v2.0/quotas/${projectId}`, { quota: { network: 'many' } }, admin);
    const network = at(await t.must('network POST /v2.0/networks', { network: { name: t.name('q') } }, as), 'network', 'id');
    await t.must(`network PUT /v2.0/quotas/${projectId}`, { quota: { subnet: 0, port: 0, security_group_rule: 0, rbac_policy: 0 } }, admin);
    await t.call('a subnet too many', 'network POST /v2.0/subnets', { subnet: { network_id: network, ip_version: 4, cidr: '10.79.0.0/24' } }, as);
    await t.call('a port too many', 'network POST /v2.0/ports', { port: { network_id: network } }, as);
    await t.call('a group with its rules too many', 'network POST /v2.0/security-groups', { security_group: { name: t.name('q') } }, as);
    await t.call('a policy too many', 'network POST /v2.0/rbac-policies', { rbac_policy: { object_type: 'network', object_id: network, action: 'access_as_shared', target_tenant: await t.target.projectId('member') } }, as);
    await t.must(`network DELETE /v2.0/networks/${network}`, undefined, as);
    await t.must(`compute DELETE /os-quota-sets/${projectId}`, undefined, admin);
    await t.must(`network DELETE /v2.0/quotas/${projectId}`, undefined, admin);
    void stage;
  } },
  { name: 'projects: load balancer quota', needs: ['admin', 'provider amphora'], run: async (t, stage) => {
    const project = await t.target.projectId('member');
    const admin = { as: 'admin' as const };
    const path = `/v2.0/lbaas/quotas/${project}`;
    await t.call('show', `load-balancer GET ${path}`);
    await t.call('defaults', 'load-balancer GET /v2.0/lbaas/quotas/defaults');
    await t.call('a member sets it', `load-balancer PUT ${path}`, { quota: { load_balancer: 1 } });
    try {
      await t.call('set', `load-balancer PUT ${path}`, { quota: { load_balancer: 0 } }, admin);
      await t.call('a load balancer too many', 'load-balancer POST /v2.0/lbaas/loadbalancers', { loadbalancer: { name: t.name('q'), vip_subnet_id: stage.subnetId, provider: 'amphora' } });
      await t.call('show what was set', `load-balancer GET ${path}`);
      await t.call('list', 'load-balancer GET /v2.0/lbaas/quotas');
      await t.must(`load-balancer PUT ${path}`, { quota: { load_balancer: 5, listener: 0, pool: 0 } }, admin);
      const lb = at(await t.must('load-balancer POST /v2.0/lbaas/loadbalancers', { loadbalancer: { name: t.name('q'), vip_subnet_id: stage.subnetId, provider: 'amphora' } }), 'loadbalancer', 'id');
      t.undo(`load-balancer DELETE /v2.0/lbaas/loadbalancers/${lb}?cascade=true`);
      for (;;) {
        if (at(await t.must(`load-balancer GET /v2.0/lbaas/loadbalancers/${lb}`), 'loadbalancer', 'provisioning_status') === 'ACTIVE') break;
        await t.target.pause();
      }
      await t.call('a listener too many', 'load-balancer POST /v2.0/lbaas/listeners', { listener: { loadbalancer_id: lb, protocol: 'TCP', protocol_port: 80 } });
      await t.call('a pool too many', 'load-balancer POST /v2.0/lbaas/pools', { pool: { loadbalancer_id: lb, protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } });
    } finally {
      await t.must(`load-balancer DELETE ${path}`, undefined, admin);
    }
  } },
];
