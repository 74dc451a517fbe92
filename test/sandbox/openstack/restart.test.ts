/** A cloud that ends without warning and starts again with its records: what a client sees, what the seams are told. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSeed, openStore, type Cloud, type CloudOptions, type CloudStore } from '../../../sandbox/openstack/index.ts';
import { made, recorded, shown, start, until, type Recorded, type Running } from './fixture.ts';

let folder: string;
let file: string;
let r: Recorded;
let running: Running;
let store: CloudStore;
const seed = defaultSeed();
/** Lives of one test that ended without warning: their sockets are closed in the end. */
const dead: Running[] = [];
/** What never ends while a test runs. */
let never = Promise.withResolvers<void>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloud-'));
  file = join(folder, 'cloud.db');
  await live();
});
afterEach(async () => {
  never.resolve();
  never = Promise.withResolvers();
  await running.stop();
  for (const one of dead.splice(0)) await one.stop();
  rmSync(folder, { recursive: true });
});

async function live(options: Partial<CloudOptions> = {}): Promise<void> {
  r = recorded();
  store = openStore(file);
  running = await start(r, { store, seed, ...options });
}

/** As a kill: nothing more is written, nothing is ended; then a new life, with what `prepare` changes of its seams. */
async function kill(options: Partial<CloudOptions> & { prepare?: (r: Recorded) => void } = {}): Promise<void> {
  store.close();
  dead.push(running);
  r = recorded();
  options.prepare?.(r);
  store = openStore(file);
  running = await start(r, { store, seed, ...options });
}

async function network(): Promise<{ networkId: string; subnetId: string }> {
  const networkId: string = (await made(running.member, 'network', '/v2.0/networks', 'network', { name: 'net' }))['id']!;
  const subnetId: string = (await made(running.member, 'network', '/v2.0/subnets', 'subnet', { network_id: networkId, ip_version: 4, cidr: '10.10.0.0/24' }))['id']!;
  return { networkId, subnetId };
}

async function server(networkId: string): Promise<string> {
  const flavorRef = (await running.member.call('compute', 'GET', '/flavors') as { flavors: { id: string }[] }).flavors[0]!.id;
  const imageRef = (await running.member.call('image', 'GET', '/v2/images') as { images: { id: string }[] }).images[0]!.id;
  return (await made(running.member, 'compute', '/servers', 'server', { name: 'node', flavorRef, imageRef, networks: [{ uuid: networkId }] }))['id']!;
}

const show = (id: string) => shown(running.member, 'compute', `/servers/${id}`, 'server');
const statusOf = async (id: string): Promise<string> => (await show(id))['status']!;
const active = (id: string): Promise<void> => until('ACTIVE', async () => (await statusOf(id)) === 'ACTIVE');
const stateOf = (cloud: Cloud): unknown => JSON.parse(JSON.stringify(cloud.state));

test('everything that was answered is there again: records, their order, tokens, credentials, quotas', async () => {
  const { networkId, subnetId } = await network();
  for (const name of ['b', 'a', 'c']) await made(running.member, 'network', '/v2.0/routers', 'router', { name });
  await running.admin.call('network', 'PUT', `/v2.0/quotas/${Object.keys(running.cloud.state.keystone.projects)[1]}`, { body: { quota: { router: 7 } } });
  const id = await server(networkId);
  await active(id);
  const lb = await made(running.member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', { name: 'lb', vip_subnet_id: subnetId });
  await until('the load balancer is there', async () => (await shown(running.member, 'load-balancer', `/v2.0/lbaas/loadbalancers/${lb['id']}`, 'loadbalancer'))['provisioning_status'] === 'ACTIVE');
  const before = stateOf(running.cloud) as { keystone: { tokens: object } };
  await kill();
  const tokens = Object.keys(running.cloud.state.keystone.tokens);
  expect(tokens).toEqual(Object.keys(before.keystone.tokens));
  await until('the server was revived', () => r.calls.includes(`revive on ${id}`));
  await until('the load balancer is made again', () => r.loadBalancers.has(lb['id']!));
  expect(await statusOf(id)).toBe('ACTIVE');
  const settled = (state: unknown): unknown => JSON.parse(JSON.stringify(state, (key, value: unknown) => (key === 'tokens' || key.startsWith('updated') ? undefined : value)));
  expect(settled(stateOf(running.cloud))).toEqual(settled(before));
  expect(Object.keys(running.cloud.state.neutron.routers)).toEqual(Object.keys((before as unknown as { neutron: { routers: object } }).neutron.routers));
});

test('what a client deleted stays deleted', async () => {
  const { networkId } = await network();
  await running.member.call('network', 'DELETE', `/v2.0/networks/${networkId}`);
  await kill();
  expect(running.cloud.state.neutron.networks[networkId]).toBeUndefined();
  expect(Object.values(running.cloud.state.neutron.subnets).filter((subnet) => subnet.network_id === networkId)).toEqual([]);
});

test('a server that waited for a host is built; one that was being built is an ERROR that says why', async () => {
  const { networkId } = await network();
  r.boot = () => never.promise;
  const spawning = await server(networkId);
  await until('it boots', () => r.calls.includes(`boot ${spawning}`));
  await statusOf(spawning);
  await kill({ delays: { scheduleMs: 60_000, loadBalancerMs: 1 } });
  expect(await show(spawning)).toMatchObject({ status: 'ERROR', fault: { message: expect.stringContaining('host was restarted') as string } });
  const waiting = await server(networkId);
  await kill();
  await active(waiting);
  expect(r.calls).toContain(`boot ${waiting}`);
  expect(await statusOf(spawning)).toBe('ERROR');
});

test('deletes and changes of power are done to their end', async () => {
  const { networkId } = await network();
  const [doomed, stopping, rebooting, stopped] = [await server(networkId), await server(networkId), await server(networkId), await server(networkId)];
  for (const id of [doomed, stopping, rebooting, stopped]) await active(id);
  await running.member.call('compute', 'POST', `/servers/${stopped}/action`, { body: { 'os-stop': null } });
  await until('stopped', async () => (await statusOf(stopped)) === 'SHUTOFF');
  const stuck = (): Promise<void> => never.promise;
  Object.assign(r.hypervisor, { destroy: stuck, stopServer: stuck, reboot: stuck });
  await running.member.call('compute', 'DELETE', `/servers/${doomed}`);
  await running.member.call('compute', 'POST', `/servers/${stopping}/action`, { body: { 'os-stop': null } });
  await running.member.call('compute', 'POST', `/servers/${rebooting}/action`, { body: { reboot: { type: 'HARD' } } });
  expect([await statusOf(stopping), await statusOf(rebooting)]).toEqual(['ACTIVE', 'HARD_REBOOT']);
  await kill();
  await until('the deleted one is gone', () => running.cloud.state.nova.servers[doomed] === undefined);
  expect(r.calls).toContain(`destroy ${doomed}`);
  expect([await statusOf(stopping), await statusOf(rebooting), await statusOf(stopped)]).toEqual(['SHUTOFF', 'ACTIVE', 'SHUTOFF']);
  await until('all are known', () => r.calls.filter((call) => call.startsWith('revive')).length === 3);
  expect(r.calls.filter((call) => call.startsWith('revive')).sort()).toEqual([`revive off ${stopping}`, `revive on ${rebooting}`, `revive off ${stopped}`].sort());
});

test('a server whose disk is gone is an ERROR that says so', async () => {
  const { networkId } = await network();
  const id = await server(networkId);
  await active(id);
  await kill({ prepare: (next) => { next.revive = () => Promise.reject(new Error('its disk is gone')); } });
  await until('ERROR', async () => (await statusOf(id)) === 'ERROR');
  expect(await show(id)).toMatchObject({ fault: { message: 'its disk is gone' } });
});

test('servers start after their networks', async () => {
  const { networkId } = await network();
  const id = await server(networkId);
  await active(id);
  await kill();
  await until('revived', () => r.calls.includes(`revive on ${id}`));
  expect(r.calls.indexOf(`ensureNetwork ${networkId}`)).toBeLessThan(r.calls.indexOf(`revive on ${id}`));
});

test('a load balancer in the middle of a change becomes ACTIVE, one on its way out goes', async () => {
  const { subnetId } = await network();
  const make = (name: string) => made(running.member, 'load-balancer', '/v2.0/lbaas/loadbalancers', 'loadbalancer', { name, vip_subnet_id: subnetId });
  const statusOfLb = async (id: string): Promise<string> => (await shown(running.member, 'load-balancer', `/v2.0/lbaas/loadbalancers/${id}`, 'loadbalancer'))['provisioning_status']!;
  const doomed: string = (await make('doomed'))['id']!;
  await until('ACTIVE', async () => (await statusOfLb(doomed)) === 'ACTIVE');
  await kill({ delays: { scheduleMs: 1, loadBalancerMs: 60_000 } });
  await until('ACTIVE again', async () => (await statusOfLb(doomed)) === 'ACTIVE');
  const pending: string = (await make('pending'))['id']!;
  await running.member.call('load-balancer', 'DELETE', `/v2.0/lbaas/loadbalancers/${doomed}`);
  expect([await statusOfLb(pending), await statusOfLb(doomed)]).toEqual(['PENDING_CREATE', 'PENDING_DELETE']);
  await kill();
  await until('ACTIVE', async () => (await statusOfLb(pending)) === 'ACTIVE');
  await until('gone', () => running.cloud.state.octavia.loadBalancers[doomed] === undefined);
});

test('a new seed renews the secrets of its users and leaves the rest', async () => {
  await network();
  const before = stateOf(running.cloud) as { keystone: { users: object; assignments: object } };
  await kill({ seed: defaultSeed() });
  expect((await running.member.call('network', 'GET', '/v2.0/networks?name=net') as { networks: unknown[] }).networks).toHaveLength(1);
  await expect(running.admin.call('network', 'GET', '/v2.0/networks')).resolves.toBeDefined();
  expect(Object.keys(running.cloud.state.keystone.users)).toEqual(Object.keys(before.keystone.users));
  expect(Object.keys(running.cloud.state.keystone.applicationCredentials)).toHaveLength(1);
});

test('the records hold no secret, and only their owner can read them', async () => {
  await running.member.call('network', 'GET', '/v2.0/networks');
  await running.admin.call('network', 'GET', '/v2.0/networks');
  const { readFileSync } = await import('node:fs');
  const bytes = [file, `${file}-wal`].map((path) => readFileSync(path, 'latin1')).join('');
  expect(bytes).toContain('default');
  for (const secret of [seed.admin.password, seed.user.password, seed.applicationCredential.secret]) expect(bytes).not.toContain(secret);
  expect([file, `${file}-wal`].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
});
