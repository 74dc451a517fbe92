import type { Case } from '../case.ts';
import { at } from '../reply.ts';
import { microversion } from './compute.ts';

export const projectCases: readonly Case[] = [
  { name: 'projects: what another project sees', needs: ['admin'], run: async (t, stage) => {
    await t.target.stranger();
    const as = { as: 'stranger' as const };
    await t.call('network', `network GET /v2.0/networks/${stage.networkId}`, undefined, as);
    await t.call('network by name', `network GET /v2.0/networks?name=${t.name('stage')}`, undefined, as);
    await t.call('change the network', `network PUT /v2.0/networks/${stage.networkId}`, { network: { description: 'mine' } }, as);
    await t.call('delete the network', `network DELETE /v2.0/networks/${stage.networkId}`, undefined, as);
    await t.call('subnet', `network GET /v2.0/subnets/${stage.subnetId}`, undefined, as);
    await t.call('router', `network GET /v2.0/routers/${stage.routerId}`, undefined, as);
    await t.call('security group', `network GET /v2.0/security-groups/${stage.groupId}`, undefined, as);
    await t.call('port on a foreign network', 'network POST /v2.0/ports', { port: { network_id: stage.networkId } }, as);
    await t.call('foreign group on an own port', 'network POST /v2.0/security-group-rules', { security_group_rule: { security_group_id: stage.groupId, direction: 'ingress' } }, as);
    await t.call('external network', `network GET /v2.0/networks/${t.target.externalNetworkId}`, undefined, as);
    const port = at(await t.must('network POST /v2.0/ports', { port: { name: t.name('seen'), network_id: stage.networkId } }), 'port', 'id');
    t.undo(`network DELETE /v2.0/ports/${port}`);
    await t.call('port', `network GET /v2.0/ports/${port}`, undefined, as);
    await t.call('server on a foreign port', 'compute POST /servers', { server: { name: t.name('s'), imageRef: t.target.imageId, flavorRef: t.target.flavorId, networks: [{ port }] } }, { ...microversion('2.53'), ...as });
    await t.call('load balancer on a foreign subnet', 'load-balancer POST /v2.0/lbaas/loadbalancers', { loadbalancer: { name: t.name('lb'), vip_subnet_id: stage.subnetId } }, as);
    await t.call('the administrator sees the network', `network GET /v2.0/networks/${stage.networkId}`, undefined, { as: 'admin' });
    await t.call('the administrator sees the port', `network GET /v2.0/ports/${port}`, undefined, { as: 'admin' });
  } },
  { name: 'projects: network quota', needs: ['admin'], run: async (t) => {
    const { projectId } = await t.target.stranger();
    const as = { as: 'stranger' as const };
    await t.must(`network PUT /v2.0/quotas/${projectId}`, { quota: { network: 1, security_group: 1, router: 0, floatingip: 0 } }, { as: 'admin' });
    const first = at(await t.must('network POST /v2.0/networks', { network: { name: t.name('q1') } }, as), 'network', 'id');
    t.undo(`network DELETE /v2.0/networks/${first} AS stranger`);
    await t.call('a network too many', 'network POST /v2.0/networks', { network: { name: t.name('q2') } }, as);
    await t.call('a group too many', 'network POST /v2.0/security-groups', { security_group: { name: t.name('q2') } }, as);
    await t.call('a router too many', 'network POST /v2.0/routers', { router: { name: t.name('q2') } }, as);
    await t.call('a floating IP too many', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: t.target.externalNetworkId } }, as);
    await t.call('change it as a member', `network PUT /v2.0/quotas/${projectId}`, { quota: { network: 10 } }, as);
    await t.must(`network DELETE /v2.0/quotas/${projectId}`, undefined, { as: 'admin' });
  } },
];
