/**
 * Every distinct call that Cluster API's provider 0.14.7 made of a real OpenStack (test/openstack/fixtures), made again of the simulation
 * in the course of one cluster's life: equal status, equal headers, equal keys and types of the answer, equal kind of refusal.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { differences, kindOf, readHeaders, shapeOf } from '../../openstack/shape.ts';
import { recorded, start, until, type Recorded, type Running } from './fixture.ts';
import { loginBody } from '../../../provisioner/openstack/login.ts';
import { parseClouds } from '../../../provisioner/openstack/index.ts';
import { stringify } from 'yaml';
import type { ServiceName } from '../../../sandbox/openstack/http/service.ts';

interface RecordedCall {
  readonly name: string;
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly status: number;
  readonly microversion?: string;
  readonly headers: readonly string[];
  readonly request: unknown;
  readonly response: unknown;
}
type Json = Record<string, unknown>;

const calls = JSON.parse(readFileSync(join(import.meta.dirname, '../../openstack/fixtures/cluster-api-calls.json'), 'utf8')) as RecordedCall[];

/** A cluster's life: the recorded calls in an order in which each meets what it met then. */
const life: readonly string[] = [
  'identity-POST_v3_auth_tokens-201', 'identity-GET_v3_auth_tokens-200', 'compute-GET_v2_1_-200', 'network-GET_-200', 'image-GET_-300', 'load-balancer-GET_-200',
  'network-GET_v2_0_networks_by_name_router_3Aexternal-200',
  'network-GET_v2_0_networks_by_name-200-empty', 'network-POST_v2_0_networks-201', 'network-PUT_v2_0_networks_id_tags-200',
  'network-GET_v2_0_subnets_by_cidr_network_id-200-empty', 'network-POST_v2_0_subnets-201', 'network-PUT_v2_0_subnets_id_tags-200', 'network-GET_v2_0_subnets_by_cidr_network_id-200',
  'network-GET_v2_0_subnets_by_name-200', 'network-GET_v2_0_networks_by_name-200',
  'network-GET_v2_0_routers_by_name-200-empty', 'network-POST_v2_0_routers-201', 'network-PUT_v2_0_routers_id_tags-200', 'network-GET_v2_0_ports_by_device_id-200-empty',
  'network-PUT_v2_0_routers_id_add_router_interface-200', 'network-GET_v2_0_routers_by_name-200', 'network-GET_v2_0_routers_id_-200', 'network-GET_v2_0_ports_by_device_id-200',
  'network-GET_v2_0_security_groups_by_name-200-empty', 'network-POST_v2_0_security_groups-201', 'network-PUT_v2_0_security_groups_id_tags-200',
  'network-POST_v2_0_security_group_rules-201', 'network-GET_v2_0_security_groups_by_name-200',
  'load-balancer-GET_v2_0_lbaas_loadbalancers_by_name-200-empty', 'load-balancer-GET_v2_0_lbaas_providers-200', 'load-balancer-POST_v2_0_lbaas_loadbalancers-201',
  'load-balancer-GET_v2_0_lbaas_loadbalancers_id_-200',
  'network-POST_v2_0_floatingips-201', 'network-PUT_v2_0_floatingips_id_tags-200', 'network-PUT_v2_0_floatingips_id_-200', 'network-GET_v2_0_floatingips_id_-200',
  'network-GET_v2_0_floatingips_by_floating_ip_address-200', 'network-GET_v2_0_floatingips_by_port_id-200',
  'load-balancer-GET_v2_0_lbaas_listeners_by_name-200-empty', 'load-balancer-POST_v2_0_lbaas_listeners-201', 'load-balancer-GET_v2_0_lbaas_listeners_id_-200',
  'load-balancer-GET_v2_0_lbaas_pools_by_name-200-empty', 'load-balancer-POST_v2_0_lbaas_pools-201', 'load-balancer-GET_v2_0_lbaas_loadbalancers_by_name-200',
  'load-balancer-GET_v2_0_lbaas_listeners_by_name-200',
  'load-balancer-GET_v2_0_lbaas_healthmonitors_by_name-200-empty', 'load-balancer-POST_v2_0_lbaas_healthmonitors-201', 'load-balancer-GET_v2_0_lbaas_healthmonitors_by_name-200',
  'load-balancer-GET_v2_0_lbaas_pools_by_name-200',
  'compute-GET_v2_1_os_availability_zone-200', 'image-GET_v2_images_by_name-200', 'compute-GET_v2_1_flavors_detail-200',
  'network-GET_v2_0_ports_by_name_network_id-200-empty', 'network-POST_v2_0_ports-201', 'network-PUT_v2_0_ports_id_tags-200', 'network-GET_v2_0_ports_by_id-200',
  'network-DELETE_v2_0_networks_id_-409',
  'compute-GET_v2_1_servers_detail_by_name-200-empty', 'compute-POST_v2_1_servers-202', 'compute-GET_v2_1_servers_id_-200',
  'load-balancer-GET_v2_0_lbaas_pools_id_members_by_name-200-empty', 'load-balancer-POST_v2_0_lbaas_pools_id_members-201', 'load-balancer-DELETE_v2_0_lbaas_pools_id_members_id_-409',
  'load-balancer-GET_v2_0_lbaas_pools_id_members_id_-200', 'load-balancer-GET_v2_0_lbaas_pools_id_members_by_name-200', 'load-balancer-DELETE_v2_0_lbaas_pools_id_members_id_-204',
  'compute-DELETE_v2_1_servers_id_-204', 'compute-GET_v2_1_servers_id_-404', 'network-GET_v2_0_extensions-200', 'network-GET_v2_0_trunks_by_port_id-200-empty',
  'network-DELETE_v2_0_ports_id_-204', 'load-balancer-DELETE_v2_0_lbaas_loadbalancers_id__by_cascade-204', 'network-DELETE_v2_0_floatingips_id_-204',
  'network-GET_v2_0_ports_by_network_id-200', 'network-PUT_v2_0_routers_id_remove_router_interface-200', 'network-DELETE_v2_0_routers_id_-204', 'network-GET_v2_0_routers_id_-404', 'network-DELETE_v2_0_security_groups_id_-204',
  'network-DELETE_v2_0_networks_id_-204',
  // With the amphora provider, whose load balancer of its own is made for this call alone.
  'load-balancer-PUT_v2_0_lbaas_listeners_id_-200',
];

/** Calls that were made while something else was at work. */
const unsettled = new Set(['load-balancer-DELETE_v2_0_lbaas_pools_id_members_id_-409', 'compute-GET_v2_1_servers_id_-200']);

let r: Recorded;
let running: Running;
let token = '';
/** Recorded names of things, and what they are here: by the key that holds an id, or by the collection of a path. */
const known = new Map<string, string>();

beforeAll(async () => {
  r = recorded();
  running = await start(r, { seed: { images: [{ name: 'lab-node', sizeBytes: 1_048_576 }] }, delays: { scheduleMs: 400, loadBalancerMs: 1, volumeMs: 1 } });
  // openstacksdk adds these to images it uploads.
  for (const image of Object.values(running.cloud.state.glance.images)) for (const what of ['md5', 'object', 'sha256']) image.properties[`owner_specified.openstack.${what}`] = '';
});
afterAll(() => running.stop());

describe('made again, a call of Cluster API is answered as it was then:', () => {
  test.each(life.map((name) => [name] as const))('%s', async (name) => {
    const call = calls.find((one) => one.name === name);
    if (!call) throw new Error(`no recording ${name}`);
    if (!unsettled.has(name)) await settled();
    const arranged = await arrange(call);
    const answer = await send(call, arranged);
    learn(call, answer.body);
    expect({ status: answer.status, headers: answer.headers }).toEqual({ status: call.status, headers: readHeaders(call.headers) });
    expect(differences(shapeOf(answer.body), shapeOf(call.response), '')).toEqual([]);
    if (call.status >= 400) expect(kindOf(answer.body)).toEqual(kindOf(call.response));
  });
});

test('no recorded call is left out', () => expect(calls.map((one) => one.name).sort()).toEqual([...life].sort()));

interface Arranged { readonly path: string; readonly query: string; readonly body: unknown }

/** Ids of the recording become those of the simulation. */
async function arrange(call: RecordedCall): Promise<Arranged> {
  if (call.name === 'identity-POST_v3_auth_tokens-201') return { path: call.path, query: '', body: loginBody(parseClouds(stringify(running.cloud.clouds()), 'keelson')) };
  if (call.name === 'load-balancer-PUT_v2_0_lbaas_listeners_id_-200') await amphoraListener();
  if (call.name === 'network-GET_v2_0_security_groups_by_name-200') await ruleOfGroup();
  if (call.name === 'load-balancer-POST_v2_0_lbaas_pools_id_members-201') {
    held = Promise.withResolvers<void>();
    const { promise } = held;
    r.ensureLoadBalancer = () => promise;
  }
  const body = replaced(call.request, '');
  return { path: pathHere(call), query: queryHere(call), body };
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What an id in a body or a query stands for, by its key. */
const kinds: Readonly<Record<string, string>> = {
  network_id: 'networks', vip_network_id: 'networks', subnet_id: 'subnets', vip_subnet_id: 'subnets', port: 'ports', port_id: 'ports', security_groups: 'security-groups',
  security_group_id: 'security-groups', floating_network_id: 'external', loadbalancer_id: 'loadbalancers', listener_id: 'listeners', pool_id: 'pools', flavorRef: 'flavors', imageRef: 'images',
  uuid: 'images', id: 'ports', device_id: 'routers',
};

function pathHere(call: RecordedCall): string {
  const parts = call.path.split('/');
  return parts.map((part, i) => (part.match(uuid) ? here(parts[i - 1] ?? '') : part)).join('/');
}

function queryHere(call: RecordedCall): string {
  const query = new URLSearchParams(call.query);
  for (const [key, value] of query) {
    if (value.match(uuid)) query.set(key, here(call.path.endsWith('/floatingips') ? 'vip' : kinds[key] ?? key));
    if (key === 'floating_ip_address') query.set(key, known.get('address') ?? '');
    if (key === 'name') query.set(key, nameHere(call, value));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** Nothing has the name in a call that found nothing; the other names are those of the recording's own creates. */
function nameHere(call: RecordedCall, value: string): string {
  if (call.query.includes('external')) return value;
  if (call.name.endsWith('-empty')) return value.replace(/\$?$/, (end) => `-none${end}`);
  const collection = call.path.split('/').at(-1) ?? '';
  const create = calls.find((one) => one.method === 'POST' && one.path.split('/').at(-1) === collection);
  const made = Object.values((create?.request ?? {}) as Json)[0] as Json | undefined;
  return typeof made?.['name'] === 'string' ? made['name'] : value;
}

function replaced(value: unknown, key: string): unknown {
  if (typeof value === 'string') return value.match(uuid) ? here(idKind(key)) : value === 'REDACTED' ? Buffer.from('#cloud-config\n').toString('base64') : value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, key));
  if (typeof value !== 'object' || value === null) return value;
  const isGateway = 'network_id' in value && key === 'external_gateway_info';
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isGateway && name === 'network_id' ? here('external') : replaced(item, key === 'floatingip' && name === 'port_id' ? 'vip' : name)]));
}

function idKind(key: string): string {
  return key === 'vip' ? 'vip' : kinds[key] ?? key;
}

function here(kind: string): string {
  const id = known.get(kind);
  if (id === undefined) throw new Error(`nothing is known of ${kind} yet`);
  return id;
}

/** Remembers the ids of what an answer shows. */
function learn(call: RecordedCall, body: unknown): void {
  const [first] = Object.values((body ?? {}) as Json);
  const collection = call.path.split('/').at(-1) ?? '';
  if (call.method === 'POST' && typeof first === 'object' && first !== null) {
    known.set(collection, String((first as Json)['id']));
    if (collection === 'loadbalancers') known.set('vip', String((first as Json)['vip_port_id']));
    if (collection === 'floatingips') known.set('address', String((first as Json)['floating_ip_address']));
  }
  const item = Array.isArray(first) ? first[0] as Json | undefined : undefined;
  if (call.name === 'network-GET_v2_0_networks_by_name_router_3Aexternal-200') known.set('external', String(item?.['id']));
  if (call.path.endsWith('/flavors/detail')) known.set('flavors', String(item?.['id']));
  if (call.path.endsWith('/images')) known.set('images', String(item?.['id']));
}

async function send(call: RecordedCall, { path, query, body }: Arranged): Promise<{ status: number; headers: string[]; body: unknown }> {
  const version = call.microversion === undefined ? {} : { 'x-openstack-nova-api-version': call.microversion, 'openstack-api-version': `compute ${call.microversion}` };
  const response = await fetch(`${running.cloud.addressOf(call.service)}${path}${query}`, {
    method: call.method, headers: { accept: 'application/json', 'content-type': 'application/json', 'x-auth-token': token, 'x-subject-token': token, ...version },
    ...(body === null || body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  token = response.headers.get('x-subject-token') ?? token;
  const text = await response.text();
  return { status: response.status, headers: readHeaders([...response.headers.keys()]), body: text === '' ? null : JSON.parse(text) as unknown };
}

/** Holds the change of a load balancer that is under way, until what CAPO waits for is asked for. */
let held: PromiseWithResolvers<void> | undefined;

/** What CAPO waits for between its calls. */
async function settled(): Promise<void> {
  held?.resolve();
  const { octavia, nova, neutron } = running.cloud.state;
  const pending = (): boolean => (
    Object.values(octavia.loadBalancers).some((lb) => lb.provisioning_status.startsWith('PENDING'))
    || Object.values(nova.servers).some((server) => server.vmState === 'building' || server.taskState !== null)
    || Object.values(neutron.floatingIps).some((ip) => ip.port_id !== null && ip.status !== 'ACTIVE'));
  await until('the cloud has settled', () => !pending());
}

/** The rules of the workers' group. */
async function ruleOfGroup(): Promise<void> {
  const group = here('security-groups');
  const post = (rule: Json): Promise<unknown> => running.member.call('network', 'POST', '/v2.0/security-group-rules', { body: { security_group_rule: {
    description: 'Node Port Services', direction: 'ingress', ethertype: 'IPv4', security_group_id: group, port_range_min: 30000, port_range_max: 32767, ...rule,
  } } });
  await post({ protocol: 'udp', remote_group_id: group });
  await post({ protocol: 'tcp', remote_ip_prefix: '10.6.0.0/24' });
  // The group of the recording is the workers'; this one has a rule for everyone, which that one has not.
  for (const rule of Object.values(running.cloud.state.neutron.securityGroupRules)) {
    if (rule.description === 'Kubernetes API') await running.member.call('network', 'DELETE', `/v2.0/security-group-rules/${rule.id}`);
  }
}

async function amphoraListener(): Promise<void> {
  const external = running.cloud.state.neutron.networks[here('external')]!;
  const post = async (path: string, body: Json): Promise<string> => String(Object.values(await running.admin.call('load-balancer', 'POST', `/v2.0/lbaas/${path}`, { body }) as Record<string, Json>)[0]!['id']);
  const lb = await post('loadbalancers', { loadbalancer: { name: 'amphora', provider: 'amphora', vip_network_id: external.id } });
  await settled();
  known.set('listeners', await post('listeners', { listener: { loadbalancer_id: lb, protocol: 'TCP', protocol_port: 6443, name: 'amphora', tags: ['e2'] } }));
  await settled();
  await post('pools', { pool: { listener_id: known.get('listeners'), protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN' } });
  await settled();
  token = await adminToken();
}

async function adminToken(): Promise<string> {
  const body = JSON.stringify(loginBody(parseClouds(stringify(running.cloud.clouds()), 'admin')));
  return (await fetch(`${running.cloud.authUrl()}/auth/tokens`, { method: 'POST', body })).headers.get('x-subject-token')!;
}
