import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at } from '../reply.ts';

async function subnetOn(t: Recorder, name: string, cidr: string): Promise<{ networkId: string; subnetId: string }> {
  const networkId = at(await t.must('network POST /v2.0/networks', { network: { name: t.name(name) } }), 'network', 'id');
  t.undo(`network DELETE /v2.0/networks/${networkId}`);
  const subnetId = at(await t.must('network POST /v2.0/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr } }), 'subnet', 'id');
  return { networkId, subnetId };
}

export const routerCases: readonly Case[] = [
  { name: 'network: routers', run: async (t) => {
    const name = t.name('router');
    const { networkId, subnetId } = await subnetOn(t, 'routed', '10.80.0.0/24');
    await t.call('none of this name', `network GET /v2.0/routers?name=${name}`);
    const made = await t.call('create', 'network POST /v2.0/routers', { router: { name, description: 'contract', external_gateway_info: { network_id: t.target.externalNetworkId } } });
    const id = at(made.body, 'router', 'id');
    t.undo(`network DELETE /v2.0/routers/${id}`);
    await t.call('replace tags', `network PUT /v2.0/routers/${id}/tags`, { tags: ['one'] });
    await t.call('list by name', `network GET /v2.0/routers?name=${name}`);
    await t.call('ports of a bare router', `network GET /v2.0/ports?device_id=${id}`);
    await t.call('add interface', `network PUT /v2.0/routers/${id}/add_router_interface`, { subnet_id: subnetId });
    t.undo(`network PUT /v2.0/routers/${id}/remove_router_interface BODY ${JSON.stringify({ subnet_id: subnetId })}`);
    await t.call('add it again', `network PUT /v2.0/routers/${id}/add_router_interface`, { subnet_id: subnetId });
    await t.call('add an unknown subnet', `network PUT /v2.0/routers/${id}/add_router_interface`, { subnet_id: nobody });
    await t.call('add nothing', `network PUT /v2.0/routers/${id}/add_router_interface`, {});
    await t.poll('interface port becomes ACTIVE', `network GET /v2.0/ports?device_id=${id}`, { state: (reply) => at(reply.body, 'ports', 0, 'status'), until: 'ACTIVE', passing: ['DOWN', 'BUILD'] });
    const ports = await t.call('its ports', `network GET /v2.0/ports?device_id=${id}`);
    await t.call('show', `network GET /v2.0/routers/${id}`);
    await t.call('delete the interface port', `network DELETE /v2.0/ports/${at(ports.body, 'ports', 0, 'id')}`);
    await t.call('delete in use', `network DELETE /v2.0/routers/${id}`);
    await t.call('delete the network in use', `network DELETE /v2.0/networks/${networkId}`);
    await t.call('delete the subnet in use', `network DELETE /v2.0/subnets/${subnetId}`);
    await t.call('remove an unknown subnet', `network PUT /v2.0/routers/${id}/remove_router_interface`, { subnet_id: nobody });
    await t.call('remove interface', `network PUT /v2.0/routers/${id}/remove_router_interface`, { subnet_id: subnetId });
    await t.call('remove it again', `network PUT /v2.0/routers/${id}/remove_router_interface`, { subnet_id: subnetId });
    await t.call('take the gateway away', `network PUT /v2.0/routers/${id}`, { router: { external_gateway_info: {} } });
    await t.call('give it back', `network PUT /v2.0/routers/${id}`, { router: { external_gateway_info: { network_id: t.target.externalNetworkId } } });
    await t.call('gateway on a tenant network', `network PUT /v2.0/routers/${id}`, { router: { external_gateway_info: { network_id: networkId } } });
    await t.call('delete', `network DELETE /v2.0/routers/${id}`);
    await t.call('show the deleted', `network GET /v2.0/routers/${id}`);
    await t.call('delete again', `network DELETE /v2.0/routers/${id}`);
    await t.call('interface of the deleted', `network PUT /v2.0/routers/${id}/add_router_interface`, { subnet_id: subnetId });
  } },
  { name: 'network: routes', run: async (t) => {
    const { subnetId } = await subnetOn(t, 'routes', '10.81.0.0/24');
    const id = at(await t.must('network POST /v2.0/routers', { router: { name: t.name('routes') } }), 'router', 'id');
    t.undo(`network DELETE /v2.0/routers/${id}`);
    await t.must(`network PUT /v2.0/routers/${id}/add_router_interface`, { subnet_id: subnetId });
    t.undo(`network PUT /v2.0/routers/${id}/remove_router_interface BODY ${JSON.stringify({ subnet_id: subnetId })}`);
    const routes = (...list: readonly [string, string][]): object => ({ router: { routes: list.map(([destination, nexthop]) => ({ destination, nexthop })) } });
    await t.call('set', `network PUT /v2.0/routers/${id}`, routes(['10.100.1.0/24', '10.81.0.11'], ['10.100.2.0/24', '10.81.0.12']));
    await t.call('show', `network GET /v2.0/routers/${id}`);
    await t.call('next hop elsewhere', `network PUT /v2.0/routers/${id}`, routes(['10.100.1.0/24', '10.99.0.1']));
    await t.call('next hop is the router', `network PUT /v2.0/routers/${id}`, routes(['10.100.1.0/24', '10.81.0.1']));
    await t.call('bad destination', `network PUT /v2.0/routers/${id}`, routes(['ten', '10.81.0.11']));
    await t.call('remove the interface', `network PUT /v2.0/routers/${id}/remove_router_interface`, { subnet_id: subnetId });
    await t.call('add one', `network PUT /v2.0/routers/${id}/add_extraroutes`, routes(['10.100.3.0/24', '10.81.0.13']));
    await t.call('remove one', `network PUT /v2.0/routers/${id}/remove_extraroutes`, routes(['10.100.1.0/24', '10.81.0.11']));
    await t.call('clear', `network PUT /v2.0/routers/${id}`, routes());
    await t.call('overlapping interface', `network PUT /v2.0/routers/${id}/add_router_interface`, { subnet_id: (await subnetOn(t, 'overlap', '10.81.0.0/25')).subnetId });
  } },
  { name: 'network: floating IPs', run: async (t, stage) => {
    const port = async (name: string, networkId: string): Promise<string> => {
      const id = at(await t.must('network POST /v2.0/ports', { port: { name: t.name(name), network_id: networkId } }), 'port', 'id');
      t.undo(`network DELETE /v2.0/ports/${id}`);
      return id;
    };
    const external = t.target.externalNetworkId;
    const portId = await port('fip', stage.networkId);
    const made = await t.call('create', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: external, description: t.name('fip') } });
    const id = at(made.body, 'floatingip', 'id');
    const address = at(made.body, 'floatingip', 'floating_ip_address');
    t.undo(`network DELETE /v2.0/floatingips/${id}`);
    await t.call('replace tags', `network PUT /v2.0/floatingips/${id}/tags`, { tags: ['one'] });
    await t.call('associate', `network PUT /v2.0/floatingips/${id}`, { floatingip: { port_id: portId } });
    await t.poll('until ACTIVE', `network GET /v2.0/floatingips/${id}`, { state: (reply) => at(reply.body, 'floatingip', 'status'), until: 'ACTIVE', passing: ['DOWN'] });
    await t.call('show', `network GET /v2.0/floatingips/${id}`);
    await t.call('list by address', `network GET /v2.0/floatingips?floating_ip_address=${address}`);
    await t.call('list by port', `network GET /v2.0/floatingips?port_id=${portId}`);
    const second = at(await t.must('network POST /v2.0/floatingips', { floatingip: { floating_network_id: external, description: t.name('second') } }), 'floatingip', 'id');
    t.undo(`network DELETE /v2.0/floatingips/${second}`);
    await t.call('a second on the same port', `network PUT /v2.0/floatingips/${second}`, { floatingip: { port_id: portId } });
    await t.call('interface that is needed', `network PUT /v2.0/routers/${stage.routerId}/remove_router_interface`, { subnet_id: stage.subnetId });
    await t.call('gateway that is needed', `network PUT /v2.0/routers/${stage.routerId}`, { router: { external_gateway_info: {} } });
    const lonely = await subnetOn(t, 'lonely', '10.82.0.0/24');
    const lonelyPort = await port('lonely', lonely.networkId);
    await t.call('a port nobody routes to', `network PUT /v2.0/floatingips/${second}`, { floatingip: { port_id: lonelyPort } });
    await t.call('an unknown port', `network PUT /v2.0/floatingips/${second}`, { floatingip: { port_id: nobody } });
    await t.call('on a tenant network', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: stage.networkId } });
    await t.call('on an unknown network', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: nobody } });
    await t.call('a chosen address', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: external, floating_ip_address: '192.0.2.77' } });
    await t.call('create with a port', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: external, port_id: portId } });
    await t.call('describe', `network PUT /v2.0/floatingips/${id}`, { floatingip: { description: t.name('fip2') } });
    await t.call('release', `network PUT /v2.0/floatingips/${id}`, { floatingip: { port_id: null } });
    await t.poll('until DOWN', `network GET /v2.0/floatingips/${id}`, { state: (reply) => at(reply.body, 'floatingip', 'status'), until: 'DOWN', passing: ['ACTIVE'] });
    await t.call('delete', `network DELETE /v2.0/floatingips/${id}`);
    await t.call('show the deleted', `network GET /v2.0/floatingips/${id}`);
    await t.call('delete again', `network DELETE /v2.0/floatingips/${id}`);
  } },
];
