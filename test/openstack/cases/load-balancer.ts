import { nobody, type Case } from '../case.ts';
import type { Recorder } from '../recorder.ts';
import { at, type Reply } from '../reply.ts';
import type { Stage } from '../stage.ts';

const base = '/v2.0/lbaas';
const state = (reply: Reply): string => at(reply.body, 'loadbalancer', 'provisioning_status');

async function active(t: Recorder, id: string): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const now = state(await t.quiet(`load-balancer GET ${base}/loadbalancers/${id}`));
    if (now === 'ACTIVE') return;
    if (now === 'ERROR') throw new Error(`load balancer ${id} is in ERROR`);
    await t.target.pause();
  }
  throw new Error(`load balancer ${id} does not become ACTIVE`);
}

/** A load balancer that is not part of what the case is about. */
async function balancer(t: Recorder, stage: Stage, name: string, provider: string): Promise<string> {
  const id = at(await t.must(`load-balancer POST ${base}/loadbalancers`, { loadbalancer: { name: t.name(name), provider, vip_subnet_id: stage.subnetId } }), 'loadbalancer', 'id');
  t.undo(`load-balancer DELETE ${base}/loadbalancers/${id}?cascade=true`);
  await active(t, id);
  return id;
}

/** Creates below a load balancer and waits until it may be changed again. */
async function below(t: Recorder, lb: string, step: string, path: string, body: object): Promise<Reply> {
  const made = await t.call(step, `load-balancer POST ${base}/${path}`, body);
  await active(t, lb);
  return made;
}

/** As the cloud controller manager makes it, unless it is told not to. @returns the id of its monitor */
async function allInOneCall(t: Recorder, stage: Stage, { provider, lb_algorithm }: { readonly provider: string; readonly lb_algorithm: string }): Promise<string> {
  const listener = {
    name: t.name('one-80'), protocol: 'TCP', protocol_port: 80, default_pool: {
      name: t.name('one-80'), protocol: 'TCP', lb_algorithm, members: [{ name: t.name('one-m'), address: '10.66.0.243', protocol_port: 30080, subnet_id: stage.subnetId }],
      healthmonitor: { name: t.name('one-hm'), type: 'TCP', delay: 5, timeout: 3, max_retries: 1 },
    },
  };
  const made = await t.call('create', `load-balancer POST ${base}/loadbalancers`, { loadbalancer: { name: t.name('one'), provider, vip_subnet_id: stage.subnetId, listeners: [listener], tags: ['kube_service'] } });
  const id = at(made.body, 'loadbalancer', 'id');
  t.undo(`load-balancer DELETE ${base}/loadbalancers/${id}?cascade=true`);
  await t.poll('until ACTIVE', `load-balancer GET ${base}/loadbalancers/${id}`, { state, from: ['PENDING_CREATE'], until: 'ACTIVE' });
  await t.call('show', `load-balancer GET ${base}/loadbalancers/${id}`);
  await t.call('its listeners', `load-balancer GET ${base}/listeners?loadbalancer_id=${id}`);
  const pools = await t.call('its pools', `load-balancer GET ${base}/pools?loadbalancer_id=${id}`);
  return at(pools.body, 'pools', 0, 'healthmonitor_id');
}

export const loadBalancerCases: readonly Case[] = [
  { name: 'load balancer: as Cluster API makes it', needs: ['provider ovn'], run: async (t, stage) => {
    const name = t.name('kubeapi');
    const lbs = `load-balancer GET ${base}/loadbalancers`;
    await t.call('none of this name', `${lbs}?name=${name}`);
    const made = await t.call('create', `load-balancer POST ${base}/loadbalancers`, { loadbalancer: {
      name, description: 'contract', provider: 'ovn', vip_network_id: stage.networkId, vip_subnet_id: stage.subnetId, tags: ['zebra', t.name('tag')],
    } });
    const id = at(made.body, 'loadbalancer', 'id');
    t.undo(`load-balancer DELETE ${base}/loadbalancers/${id}?cascade=true`);
    await t.poll('until ACTIVE', `${lbs}/${id}`, { state, from: ['PENDING_CREATE'], until: 'ACTIVE' });
    await t.call('show', `${lbs}/${id}`);
    await t.call('list by name', `${lbs}?name=${name}`);
    await t.call('list by tag', `${lbs}?tags=${t.name('tag')}`);
    await t.call('list by another tag', `${lbs}?tags=${t.name('other')}`);
    await t.call('its port', `network GET /v2.0/ports/${at(made.body, 'loadbalancer', 'vip_port_id')}`);
    const listenerName = t.name('kubeapi-6443');
    await t.call('no listener yet', `load-balancer GET ${base}/listeners?name=${listenerName}`);
    const listener = await t.call('listener', `load-balancer POST ${base}/listeners`, { listener: { name: listenerName, loadbalancer_id: id, protocol: 'TCP', protocol_port: 6443, tags: ['one'] } });
    const listenerId = at(listener.body, 'listener', 'id');
    await t.poll('until ACTIVE with a listener', `${lbs}/${id}`, { state, until: 'ACTIVE', passing: ['PENDING_UPDATE'] });
    await t.call('show the listener', `load-balancer GET ${base}/listeners/${listenerId}`);
    const pool = await below(t, id, 'pool', 'pools', { pool: { name: listenerName, listener_id: listenerId, protocol: 'TCP', lb_algorithm: 'SOURCE_IP_PORT', tags: ['one'] } });
    const poolId = at(pool.body, 'pool', 'id');
    await t.call('pool by name', `load-balancer GET ${base}/pools?name=${listenerName}`);
    await below(t, id, 'monitor', 'healthmonitors', { healthmonitor: { name: listenerName, pool_id: poolId, type: 'TCP', delay: 10, timeout: 5, max_retries: 5, max_retries_down: 3 } });
    await t.call('monitor by name', `load-balancer GET ${base}/healthmonitors?name=${listenerName}`);
    await t.call('no member yet', `load-balancer GET ${base}/pools/${poolId}/members?name=${t.name('member')}`);
    const member = await below(t, id, 'member', `pools/${poolId}/members`, { member: { name: t.name('member'), address: '10.66.0.1', protocol_port: 6443, tags: ['one'] } });
    const memberId = at(member.body, 'member', 'id');
    await t.call('show the member', `load-balancer GET ${base}/pools/${poolId}/members/${memberId}`);
    await t.call('member by name', `load-balancer GET ${base}/pools/${poolId}/members?name=${t.name('member')}`);
    await t.call('listener by name', `load-balancer GET ${base}/listeners?name=${listenerName}`);
    await t.call('listeners of the load balancer', `load-balancer GET ${base}/listeners?loadbalancer_id=${id}`);
    await t.call('listener of the load balancer by name', `load-balancer GET ${base}/listeners?loadbalancer_id=${id}&name=${listenerName}`);
    await t.call('pool of the load balancer by name', `load-balancer GET ${base}/pools?loadbalancer_id=${id}&name=${listenerName}`);
    await t.call('pools of the load balancer', `load-balancer GET ${base}/pools?loadbalancer_id=${id}`);
    await t.call('status tree', `${lbs}/${id}/status`);
    await t.call('show with children', `${lbs}/${id}`);
    await t.call('delete without cascade', `load-balancer DELETE ${base}/loadbalancers/${id}`);
    await t.call('delete a member', `load-balancer DELETE ${base}/pools/${poolId}/members/${memberId}`);
    await active(t, id);
    await t.call('show the deleted member', `load-balancer GET ${base}/pools/${poolId}/members/${memberId}`);
    await t.call('delete', `load-balancer DELETE ${base}/loadbalancers/${id}?cascade=true`);
    await t.poll('until gone', `${lbs}/${id}`, { state, until: '404', passing: ['PENDING_DELETE', 'ACTIVE', 'DELETED'] });
    await t.call('show the deleted', `${lbs}/${id}`);
    await t.call('its port afterwards', `network GET /v2.0/ports/${at(made.body, 'loadbalancer', 'vip_port_id')}`);
    await t.call('its pool afterwards', `load-balancer GET ${base}/pools/${poolId}`);
    await t.call('its name is free', `${lbs}?name=${name}`);
  } },
  { name: 'load balancer: what OVN does not do', needs: ['provider ovn'], run: async (t, stage) => {
    const id = await balancer(t, stage, 'ovn', 'ovn');
    const listeners = `load-balancer POST ${base}/listeners`;
    const listener = { loadbalancer_id: id, protocol: 'TCP', protocol_port: 80 };
    await t.call('allowed CIDRs', listeners, { listener: { ...listener, allowed_cidrs: ['10.0.0.0/8'] } });
    await active(t, id);
    await t.call('HTTP', listeners, { listener: { ...listener, protocol: 'HTTP' } });
    await active(t, id);
    const made = await below(t, id, 'listener', 'listeners', { listener });
    await t.call('round robin', `load-balancer POST ${base}/pools`, { pool: { listener_id: at(made.body, 'listener', 'id'), protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } });
    await active(t, id);
    const pool = await below(t, id, 'pool', 'pools', { pool: { listener_id: at(made.body, 'listener', 'id'), protocol: 'TCP', lb_algorithm: 'SOURCE_IP_PORT' } });
    await t.call('HTTP monitor', `load-balancer POST ${base}/healthmonitors`, { healthmonitor: { pool_id: at(pool.body, 'pool', 'id'), type: 'HTTP', delay: 5, timeout: 3, max_retries: 3 } });
    await active(t, id);
    await t.call('UDP listener beside it', listeners, { listener: { ...listener, protocol: 'UDP' } });
    await active(t, id);
  } },
  { name: 'load balancer: changes and refusals', needs: ['provider amphora'], run: async (t, stage) => {
    const lbs = `load-balancer POST ${base}/loadbalancers`;
    const first = await t.call('create', lbs, { loadbalancer: { name: t.name('amphora'), provider: 'amphora', vip_subnet_id: stage.subnetId } });
    const id = at(first.body, 'loadbalancer', 'id');
    t.undo(`load-balancer DELETE ${base}/loadbalancers/${id}?cascade=true`);
    const listener = { loadbalancer_id: id, protocol: 'TCP', protocol_port: 80 };
    await t.call('listener while pending', `load-balancer POST ${base}/listeners`, { listener });
    await t.call('delete while pending', `load-balancer DELETE ${base}/loadbalancers/${id}`);
    await t.call('change while pending', `load-balancer PUT ${base}/loadbalancers/${id}`, { loadbalancer: { name: t.name('amphora') } });
    await t.poll('until ACTIVE', `load-balancer GET ${base}/loadbalancers/${id}`, { state, from: ['PENDING_CREATE'], until: 'ACTIVE' });
    await t.call('its port', `network GET /v2.0/ports/${at(first.body, 'loadbalancer', 'vip_port_id')}`);
    await t.call('rename', `load-balancer PUT ${base}/loadbalancers/${id}`, { loadbalancer: { name: t.name('renamed'), description: 'changed', tags: ['b', 'a'] } });
    await active(t, id);
    const made = await below(t, id, 'listener', 'listeners', { listener: { ...listener, name: t.name('http'), allowed_cidrs: ['10.0.0.0/8', '192.0.2.0/24'], timeout_client_data: 60000 } });
    const listenerId = at(made.body, 'listener', 'id');
    await t.call('the same port again', `load-balancer POST ${base}/listeners`, { listener });
    await t.call('bad port', `load-balancer POST ${base}/listeners`, { listener: { ...listener, protocol_port: 70000 } });
    await t.call('bad protocol', `load-balancer POST ${base}/listeners`, { listener: { ...listener, protocol: 'SMOKE' } });
    await t.call('no protocol', `load-balancer POST ${base}/listeners`, { listener: { loadbalancer_id: id, protocol_port: 81 } });
    await t.call('bad CIDR', `load-balancer POST ${base}/listeners`, { listener: { ...listener, protocol_port: 81, allowed_cidrs: ['ten'] } });
    await t.call('unknown attribute', `load-balancer POST ${base}/listeners`, { listener: { ...listener, colour: 'blue' } });
    await t.call('on no load balancer', `load-balancer POST ${base}/listeners`, { listener: { ...listener, loadbalancer_id: nobody } });
    await active(t, id);
    await t.call('change allowed CIDRs', `load-balancer PUT ${base}/listeners/${listenerId}`, { listener: { allowed_cidrs: ['203.0.113.0/24'] } });
    await active(t, id);
    const pool = await below(t, id, 'pool', 'pools', { pool: { name: t.name('pool'), listener_id: listenerId, protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', session_persistence: { type: 'SOURCE_IP' } } });
    const poolId = at(pool.body, 'pool', 'id');
    await t.call('a second default pool', `load-balancer POST ${base}/pools`, { pool: { listener_id: listenerId, protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } });
    await t.call('bad algorithm', `load-balancer POST ${base}/pools`, { pool: { loadbalancer_id: id, protocol: 'TCP', lb_algorithm: 'DICE' } });
    await t.call('pool of nothing', `load-balancer POST ${base}/pools`, { pool: { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } });
    await active(t, id);
    const member = { address: '10.66.0.241', protocol_port: 8080, subnet_id: stage.subnetId };
    const one = await below(t, id, 'member', `pools/${poolId}/members`, { member: { ...member, name: t.name('m1'), weight: 5, monitor_port: 8081 } });
    const memberId = at(one.body, 'member', 'id');
    await t.call('show the member', `load-balancer GET ${base}/pools/${poolId}/members/${memberId}`);
    await t.call('the same member again', `load-balancer POST ${base}/pools/${poolId}/members`, { member });
    await t.call('bad address', `load-balancer POST ${base}/pools/${poolId}/members`, { member: { ...member, address: 'ten' } });
    await t.call('member of no pool', `load-balancer POST ${base}/pools/${nobody}/members`, { member });
    await active(t, id);
    await t.call('change the member', `load-balancer PUT ${base}/pools/${poolId}/members/${memberId}`, { member: { weight: 7, name: t.name('m1b') } });
    await active(t, id);
    const gone = await below(t, id, 'another member', `pools/${poolId}/members`, { member: { ...member, address: '10.66.0.244' } });
    await t.call('delete a member', `load-balancer DELETE ${base}/pools/${poolId}/members/${at(gone.body, 'member', 'id')}`);
    await t.refusal('delete a member while pending', {
      status: 409,
      request: async () => {
        await active(t, id);
        const made = await t.quiet(`load-balancer POST ${base}/pools/${poolId}/members`, { member: { ...member, address: '10.66.0.245' } });
        await active(t, id);
        return `load-balancer DELETE ${base}/pools/${poolId}/members/${at(made.body, 'member', 'id')}`;
      },
      provoke: () => t.quiet(`load-balancer PUT ${base}/listeners/${listenerId}`, { listener: { name: t.name('http') } }),
    });
    await active(t, id);
    await t.call('replace all members', `load-balancer PUT ${base}/pools/${poolId}/members`, { members: [member, { ...member, address: '10.66.0.242', name: t.name('m2') }] });
    await active(t, id);
    await t.call('all members', `load-balancer GET ${base}/pools/${poolId}/members`);
    const monitor = await below(t, id, 'monitor', 'healthmonitors', { healthmonitor: { name: t.name('hm'), pool_id: poolId, type: 'HTTP', delay: 10, timeout: 5, max_retries: 3, url_path: '/healthz' } });
    const monitorId = at(monitor.body, 'healthmonitor', 'id');
    await t.call('a second monitor', `load-balancer POST ${base}/healthmonitors`, { healthmonitor: { pool_id: poolId, type: 'TCP', delay: 10, timeout: 5, max_retries: 3 } });
    await t.call('monitor without delay', `load-balancer POST ${base}/healthmonitors`, { healthmonitor: { pool_id: poolId, type: 'TCP', timeout: 5, max_retries: 3 } });
    await active(t, id);
    await t.call('change the monitor', `load-balancer PUT ${base}/healthmonitors/${monitorId}`, { healthmonitor: { delay: 20 } });
    await active(t, id);
    await t.call('show the monitor', `load-balancer GET ${base}/healthmonitors/${monitorId}`);
    await t.call('delete the monitor', `load-balancer DELETE ${base}/healthmonitors/${monitorId}`);
    await active(t, id);
    await t.call('show the deleted monitor', `load-balancer GET ${base}/healthmonitors/${monitorId}`);
    await t.call('show the pool', `load-balancer GET ${base}/pools/${poolId}`);
    await t.call('delete the pool', `load-balancer DELETE ${base}/pools/${poolId}`);
    await active(t, id);
    await t.call('show the listener', `load-balancer GET ${base}/listeners/${listenerId}`);
    await t.call('delete the listener', `load-balancer DELETE ${base}/listeners/${listenerId}`);
    await active(t, id);
    await t.call('show the deleted listener', `load-balancer GET ${base}/listeners/${listenerId}`);
    await t.call('delete', `load-balancer DELETE ${base}/loadbalancers/${id}`);
    await t.call('delete while it goes', `load-balancer DELETE ${base}/loadbalancers/${id}`);
    await t.poll('until gone', `load-balancer GET ${base}/loadbalancers/${id}`, { state, until: '404', passing: ['PENDING_DELETE', 'DELETED'] });
  } },
  { name: 'load balancer: all in one call', needs: ['provider amphora'], run: async (t, stage) => {
    await allInOneCall(t, stage, { provider: 'amphora', lb_algorithm: 'ROUND_ROBIN' });
  } },
  { name: 'load balancer: all in one call, by OVN', needs: ['provider ovn'], run: async (t, stage) => {
    const monitor = await allInOneCall(t, stage, { provider: 'ovn', lb_algorithm: 'SOURCE_IP_PORT' });
    await t.call('its monitor', `load-balancer GET ${base}/healthmonitors/${monitor}`);
  } },
  { name: 'load balancer: refused', run: async (t, stage) => {
    const create = (step: string, given: Record<string, unknown>) => t.call(step, `load-balancer POST ${base}/loadbalancers`, { loadbalancer: { name: t.name('refused'), ...given } });
    await create('no VIP', {});
    await create('unknown subnet', { vip_subnet_id: nobody });
    await create('unknown network', { vip_network_id: nobody });
    await create('unknown port', { vip_port_id: nobody });
    await create('unknown provider', { vip_subnet_id: stage.subnetId, provider: 'magic' });
    await create('unknown attribute', { vip_subnet_id: stage.subnetId, colour: 'blue' });
    await create('wrong type', { vip_subnet_id: stage.subnetId, name: 17 });
    await t.call('no body', `load-balancer POST ${base}/loadbalancers`, {});
    for (const what of ['loadbalancers', 'listeners', 'pools', 'healthmonitors']) {
      await t.call(`show unknown ${what}`, `load-balancer GET ${base}/${what}/${nobody}`);
      await t.call(`delete unknown ${what}`, `load-balancer DELETE ${base}/${what}/${nobody}`);
    }
    await t.call('members of no pool', `load-balancer GET ${base}/pools/${nobody}/members`);
    await t.call('unknown path', `load-balancer GET ${base}/nonsense`);
    await t.call('providers', `load-balancer GET ${base}/providers`);
    await t.call('flavors', `load-balancer GET ${base}/flavors`);
    await t.call('unknown filter', `load-balancer GET ${base}/loadbalancers?colour=blue`);
  } },
  { name: 'load balancer: floating IP on the VIP', needs: ['provider ovn'], run: async (t, stage) => {
    const id = await balancer(t, stage, 'vip', 'ovn');
    const lb = await t.must(`load-balancer GET ${base}/loadbalancers/${id}`);
    const made = await t.call('create with the VIP port', 'network POST /v2.0/floatingips', { floatingip: { floating_network_id: t.target.externalNetworkId, port_id: at(lb, 'loadbalancer', 'vip_port_id'), description: t.name('fip') } });
    const floating = at(made.body, 'floatingip', 'id');
    t.undo(`network DELETE /v2.0/floatingips/${floating}`);
    await t.poll('until ACTIVE', `network GET /v2.0/floatingips/${floating}`, { state: (reply) => at(reply.body, 'floatingip', 'status'), until: 'ACTIVE', passing: ['DOWN'] });
    await t.call('delete the load balancer', `load-balancer DELETE ${base}/loadbalancers/${id}?cascade=true`);
    await t.poll('until gone', `load-balancer GET ${base}/loadbalancers/${id}`, { state, until: '404', passing: ['PENDING_DELETE', 'ACTIVE', 'DELETED'] });
    await t.call('the floating IP afterwards', `network GET /v2.0/floatingips/${floating}`);
  } },
];
