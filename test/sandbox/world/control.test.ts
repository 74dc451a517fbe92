/** The control interface over a real Unix socket, with a world that only remembers what it was asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { FaultBoard } from '../../../sandbox/openstack/faults/board.ts';
import { limitsRate, readFaultRule, systemClock } from '../../../sandbox/openstack/index.ts';
import { FaultError } from '../../../sandbox/faults/errors.ts';
import { WorldClient } from '../../../sandbox/world/client.ts';
import { controlServer, type Controlled } from '../../../sandbox/world/control-server.ts';
import type { WorldStatus } from '../../../sandbox/world/control-api.ts';
import { WorldError } from '../../../sandbox/world/errors.ts';
import { worldPaths } from '../../../sandbox/world/world-paths.ts';

const state = mkdtempSync(join(tmpdir(), 'world-'));
const paths = worldPaths(state);
const asked: unknown[] = [];
const status = { id: 'w', phase: 'ready' } as WorldStatus;
const relay = { name: 'api', target: { address: '198.51.100.2', port: 5000 } };
const board = new FaultBoard({ clock: systemClock, random: Math.random });
const world: Controlled = {
  calls: () => [],
  status: () => status,
  breakApi: (rule) => board.add(readFaultRule(rule)),
  apiFaults: () => board.list(),
  healApi: (name) => (name === undefined ? board.heal() : [board.remove(name)]),
  addRelay: (request) => {
    asked.push(request);
    if (request.port !== undefined) return Promise.reject(new WorldError('WORLD_PORT_TAKEN', `port 127.0.0.1:${request.port} (api) is taken`));
    return Promise.resolve({ ...request, port: 7, address: '127.0.0.1:7', connections: 0 });
  },
  removeRelay: (name) => Promise.resolve(name === 'api'),
  exec: (id, request) => { asked.push([id, request]); return Promise.resolve({ status: 3, stdout: 'ö', stderr: 'no' }); },
  console: (id, lines) => Promise.resolve(`${id} ${lines ?? 'all'}\n`),
  break: (fault) => fault.what === 'zone' ? Promise.reject(new FaultError('FAULT_UNKNOWN_TARGET', 'there is no zone az9; there are az1')) : Promise.resolve({ id: 'node-1', request: fault, summary: 's', since: 'now', observed: 'o', isLasting: true }),
  faults: () => Promise.resolve([]),
  heal: (id) => { asked.push(['heal', id ?? 'all']); return Promise.resolve([]); },
  stop: () => { asked.push('stop'); },
};
let app: FastifyInstance;
const client = new WorldClient(state);

beforeAll(async () => {
  mkdirSync(paths.run);
  app = controlServer(world);
  await app.listen({ path: paths.control });
});
beforeEach(() => { asked.length = 0; });
afterAll(async () => {
  await app.close();
  rmSync(state, { recursive: true });
});

test('each call reaches the world and its answer comes back', async () => {
  expect(await client.status()).toEqual(status);
  expect(await client.addRelay(relay)).toEqual({ ...relay, port: 7, address: '127.0.0.1:7', connections: 0 });
  expect(await client.exec('a/b', { argv: ['sh', '-c', 'exit 3'], stdin: 'x' })).toEqual({ status: 3, stdout: 'ö', stderr: 'no' });
  expect(await client.console('s1')).toBe('s1 all\n');
  expect(await client.console('s1', 5)).toBe('s1 5\n');
  await client.removeRelay('api');
  await client.stop();
  expect(asked).toEqual([relay, ['a/b', { argv: ['sh', '-c', 'exit 3'], stdin: 'x' }], 'stop']);
});

test('faults of the API come, are listed, and go by name or all at once', async () => {
  const slow = await client.breakApi({ name: 'busy', service: 'compute', effect: limitsRate(3) });
  expect(slow).toMatchObject({ name: 'busy', service: 'compute', struck: 0, effect: { kind: 'rateLimit', retryAfterSeconds: 3 } });
  expect((await client.breakApi({ effect: { kind: 'hang' } })).name).toBe('fault-2');
  await expect(client.breakApi({ name: 'busy', effect: { kind: 'reset' } })).rejects.toMatchObject({ name: 'FaultError', code: 'FAULT_NAME_TAKEN' });
  await expect(client.breakApi({ service: 'cinder', effect: { kind: 'status', status: 200 } } as never)).rejects.toMatchObject({
    code: 'FAULT_BAD_RULE', message: expect.stringMatching(/service: must be one of identity, compute.*effect\.status/) as string,
  });
  expect((await client.apiFaults()).map((fault) => fault.name)).toEqual(['busy', 'fault-2']);
  expect((await client.healApi('busy')).map((fault) => fault.name)).toEqual(['busy']);
  await expect(client.healApi('busy')).rejects.toMatchObject({ code: 'FAULT_UNKNOWN', message: 'there is no API fault busy; there are: fault-2' });
  expect((await client.healApi()).map((fault) => fault.name)).toEqual(['fault-2']);
  expect(await client.apiFaults()).toEqual([]);
});

test('a fault reaches the world with its defaults; its errors come back with their codes; one or all are healed', async () => {
  expect(await client.break({ what: 'node', target: 'w1' })).toMatchObject({ id: 'node-1', request: { what: 'node', target: 'w1', direction: 'both' } });
  await expect(client.break({ what: 'zone', target: 'az9' })).rejects.toMatchObject({ name: 'FaultError', code: 'FAULT_UNKNOWN_TARGET', message: 'there is no zone az9; there are az1' });
  await expect(client.break({ what: 'loss', target: 'w1', percent: 0 })).rejects.toMatchObject({ code: 'WORLD_BAD_REQUEST', message: expect.stringContaining('percent') as string });
  await client.heal('node-1');
  await client.heal();
  expect(asked).toEqual([['heal', 'node-1'], ['heal', 'all']]);
});

test('what the world does not know is an error with its code', async () => {
  await expect(client.removeRelay('none')).rejects.toMatchObject({ code: 'WORLD_NOT_FOUND', message: 'there is no relay none' });
});

test.each([
  [{ ...relay, name: 'Not A Name' }, 'name'], [{ ...relay, port: 70000 }, 'port'], [{ ...relay, target: { address: 'example.org', port: 1 } }, 'target.address'], [{ ...relay, extra: 1 }, 'extra'],
])('a relay that makes no sense is refused with the field %#', async (request, field) => {
  await expect(client.addRelay(request)).rejects.toMatchObject({ code: 'WORLD_BAD_REQUEST', message: expect.stringContaining(field) as string });
  expect(asked).toEqual([]);
});

test('whoever holds a wanted port is named', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await expect(client.addRelay({ ...relay, port })).rejects.toMatchObject({ code: 'WORLD_PORT_TAKEN', message: expect.stringMatching(new RegExp(`^port 127.0.0.1:${port} \\(api\\) is taken by \\S+ \\(pid ${process.pid}\\); stop`)) as string });
  server.close();
});

test('a call that is given up ends', async () => {
  await expect(client.status(AbortSignal.abort(new Error('enough')))).rejects.toMatchObject({ code: 'WORLD_FAILED' });
});

test('without a world the client says so, and says what the last one ended with', async () => {
  const nobody = new WorldClient('/nowhere');
  await expect(nobody.status()).rejects.toMatchObject({ code: 'WORLD_NOT_RUNNING', message: 'no world runs; start it with "keelson up"' });
  const other = mkdtempSync(join(tmpdir(), 'world-'));
  mkdirSync(join(other, 'run'));
  writeFileSync(worldPaths(other).failure, JSON.stringify({ code: 'WORLD_FAILED', message: 'out of luck' }));
  await expect(new WorldClient(other).status()).rejects.toMatchObject({ code: 'WORLD_NOT_RUNNING', message: expect.stringContaining('the world ended: out of luck') as string });
  rmSync(other, { recursive: true });
});
