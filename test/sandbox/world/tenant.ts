/** Makes a network, a subnet and a router with a gateway in the simulated cloud, through relays, and waits until the world has them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { WorldClient } from '../../../sandbox/world/client.ts';

interface Answer { network: { id: string }; networks: { id: string }[]; subnet: { id: string }; router: { id: string } }

export async function tenantOf(world: WorldClient, state: string): Promise<unknown> {
  const { auth } = (parse(await readFile(join(state, 'clouds.yaml'), 'utf8')) as { clouds: Record<string, { auth: Record<string, string> }> }).clouds['openstack']!;
  const identity = await world.addRelay({ name: 'keystone', target: { address: '198.51.100.2', port: 5000 } });
  const network = await world.addRelay({ name: 'neutron', target: { address: '198.51.100.2', port: 9696 } });
  const login = await fetch(`http://${identity.address}/v3/auth/tokens`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['application_credential'], application_credential: { id: auth['application_credential_id'], secret: auth['application_credential_secret'] } } } }),
  });
  const token = login.headers.get('x-subject-token') ?? '';
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`http://${network.address}/v2.0${path}`, { method, headers: { 'content-type': 'application/json', 'x-auth-token': token }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const { networks: [external] } = await call('GET', '/networks?router:external=true');
  const { network: tenant } = await call('POST', '/networks', { network: { name: 'tenant' } });
  const { subnet } = await call('POST', '/subnets', { subnet: { network_id: tenant.id, cidr: '10.0.0.0/24', ip_version: 4 } });
  const { router } = await call('POST', '/routers', { router: { name: 'tenant', external_gateway_info: { network_id: external!.id } } });
  await call('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
  for (;;) {
    const { counts } = await world.status();
    if (counts.networks >= 2 && counts.routers >= 1) return counts;
    await sleep(50);
  }
}
