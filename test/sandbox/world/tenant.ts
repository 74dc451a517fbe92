/** Makes a network, a subnet, a router with a gateway and, if wanted, a server in the simulated cloud, through relays, and waits until the world has them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { WorldClient } from '../../../sandbox/world/client.ts';

interface Named { id: string }
interface Answer {
  network: Named; networks: Named[]; subnet: Named; router: Named; flavors: Named[]; images: Named[];
  server: Named & { status: string; fault?: { message: string } };
}
type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;

export interface TenantServer { readonly name: string; readonly zone?: string }

/** @returns the counts of the world, and the ids of the servers that were wanted, in their order */
export async function tenantOf(world: WorldClient, state: string, wants: { servers: readonly TenantServer[] }): Promise<{ counts: object; server?: string; servers: readonly string[] }> {
  const { auth } = (parse(await readFile(join(state, 'clouds.yaml'), 'utf8')) as { clouds: Record<string, { auth: Record<string, string> }> }).clouds['keelson']!;
  const relay = async (name: string, port: number): Promise<string> => `http://${(await world.addRelay({ name, target: { address: '198.51.100.2', port } })).address}`;
  const login = await fetch(`${await relay('keystone', 5000)}/v3/auth/tokens`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['application_credential'], application_credential: { id: auth['application_credential_id'], secret: auth['application_credential_secret'] } } } }),
  });
  const token = login.headers.get('x-subject-token') ?? '';
  const caller = (base: string): Call => async (method, path, body) => {
    const response = await fetch(`${base}${path}`, { method, headers: { 'content-type': 'application/json', 'x-auth-token': token }, ...(body !== undefined && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const tenant = await makeNetwork(caller(`${await relay('neutron', 9696)}/v2.0`));
  for (;;) {
    const { counts } = await world.status();
    if (counts.networks >= 2 && counts.routers >= 1) {
      const [nova, glance] = [caller(`${await relay('nova', 8774)}/v2.1`), caller(`${await relay('glance', 9292)}/v2`)];
      const servers = await Promise.all(wants.servers.map((server) => makeServer(nova, glance, tenant, server)));
      return { counts, servers, ...(servers[0] === undefined ? {} : { server: servers[0] }) };
    }
    await sleep(50);
  }
}

async function makeNetwork(neutron: Call): Promise<string> {
  const { networks: [external] } = await neutron('GET', '/networks?router:external=true');
  const { network } = await neutron('POST', '/networks', { network: { name: 'tenant' } });
  const { subnet } = await neutron('POST', '/subnets', { subnet: { network_id: network.id, cidr: '10.0.0.0/24', ip_version: 4 } });
  const { router } = await neutron('POST', '/routers', { router: { name: 'tenant', external_gateway_info: { network_id: external!.id } } });
  await neutron('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
  return network.id;
}

async function makeServer(nova: Call, glance: Call, network: string, { name, zone }: TenantServer): Promise<string> {
  const { flavors: [flavor] } = await nova('GET', '/flavors');
  const { images: [image] } = await glance('GET', '/images');
  const { server } = await nova('POST', '/servers', { server: { name, flavorRef: flavor!.id, imageRef: image!.id, networks: [{ uuid: network }], ...(zone === undefined ? {} : { availability_zone: zone }) } });
  for (;;) {
    const { server: { status, fault } } = await nova('GET', `/servers/${server.id}`);
    if (status === 'ACTIVE') return server.id;
    if (status === 'ERROR') throw new Error(`the server is in ERROR: ${fault?.message}`);
    await sleep(100);
  }
}
