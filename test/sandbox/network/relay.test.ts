/** The relay of a load balancer on real sockets of 127.0.0.1. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { Balance } from '../../../sandbox/network/load-balancer/balance.ts';
import type { Health, Listener, Member } from '../../../sandbox/network/load-balancer/protocol.ts';
import { Relay } from '../../../sandbox/network/load-balancer/relay.ts';
import { freePort } from '../../fixtures/free-port.ts';

const cleanups: (() => void)[] = [];
let relay: Relay;
let health: [string, Health][];
let revision = 0;

beforeEach(() => { health = []; relay = new Relay((member, state) => { health.push([member, state]); }); });
afterEach(async () => {
  await apply();
  for (const clean of cleanups.splice(0)) clean();
});

const apply = (...listeners: Listener[]): Promise<{ listener: string; reason: string }[]> => relay.apply({ revision: ++revision, listeners });

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  cleanups.push(() => { server.close(); });
  return (server.address() as AddressInfo).port;
}
/** A member that says its name and echoes. */
async function member(id: string, onSocket: (socket: Socket) => void = (socket) => { socket.write(id); socket.pipe(socket); }): Promise<Member> {
  const sockets = new Set<Socket>();
  const port = await listen(createServer({ allowHalfOpen: true }, (socket) => { sockets.add(socket.on('error', () => undefined)); onSocket(socket); }));
  cleanups.push(() => { for (const socket of sockets) socket.destroy(); });
  return { id, address: '127.0.0.1', port };
}
async function listener(members: Member[], changes: Partial<Listener> = {}): Promise<Listener> {
  return { id: 'l', protocol: 'TCP', address: '127.0.0.1', port: await freePort(), algorithm: 'ROUND_ROBIN', members, ...changes };
}
function dial(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  cleanups.push(() => { socket.destroy(); });
  return socket;
}
const read = (socket: Socket): Promise<string> => new Promise((resolve, reject) => { socket.once('data', (data) => { resolve(String(data)); }).once('close', () => { reject(new Error('closed')); }); });
const all = async (socket: Socket): Promise<string> => { let text = ''; for await (const chunk of socket) text += String(chunk); return text; };
const eventually = async (condition: () => boolean): Promise<void> => { while (!condition()) await new Promise((resolve) => { setTimeout(resolve, 5); }); };

test('connections go round', async () => {
  const wanted = await listener([await member('a'), await member('b')]);
  await apply(wanted);
  expect([await read(dial(wanted.port)), await read(dial(wanted.port)), await read(dial(wanted.port))]).toEqual(['a', 'b', 'a']);
});

test('a refused connection goes on to the next member', async () => {
  const wanted = await listener([{ id: 'dead', address: '127.0.0.1', port: await freePort() }, await member('b')]);
  await apply(wanted);
  expect([await read(dial(wanted.port)), await read(dial(wanted.port))]).toEqual(['b', 'b']);
});

test('a client is reset when no member answers', async () => {
  const wanted = await listener([{ id: 'dead', address: '127.0.0.1', port: await freePort() }]);
  await apply(wanted);
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => { dial(wanted.port).once('error', resolve); });
  expect(error.code).toBe('ECONNRESET');
});

test('each direction ends by itself', async () => {
  const wanted = await listener([await member('a', (socket) => { let got = ''; socket.on('data', (data) => { got += String(data); }).on('end', () => { socket.end(`got ${got}`); }); })]);
  await apply(wanted);
  const client = dial(wanted.port);
  client.end('question');
  expect(await all(client)).toBe('got question');
});

test('a reset of the member reaches the client as a reset', async () => {
  const wanted = await listener([await member('a', (socket) => { socket.once('data', () => { socket.resetAndDestroy(); }); })]);
  await apply(wanted);
  const client = dial(wanted.port);
  client.write('x');
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => { client.once('error', resolve); });
  expect(error.code).toBe('ECONNRESET');
});

test('many megabytes come back whole from a slow reader', async () => {
  const wanted = await listener([await member('a', (socket) => { socket.pipe(socket); })]);
  await apply(wanted);
  const client = dial(wanted.port);
  const bytes = 8 * 1024 * 1024;
  client.end(Buffer.alloc(bytes, 7));
  let received = 0;
  for await (const chunk of client) {
    received += (chunk as Buffer).length;
    if (received % 5 === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
  }
  expect(received).toBe(bytes);
});

test('connections that stand survive the removal of their member and of their listener', async () => {
  const wanted = await listener([await member('a')]);
  await apply(wanted);
  const client = dial(wanted.port);
  expect(await read(client)).toBe('a');
  await apply({ ...wanted, members: [] });
  client.write('one');
  expect(await read(client)).toBe('one');
  await apply();
  client.write('two');
  expect(await read(client)).toBe('two');
  await expect(read(dial(wanted.port))).rejects.toThrow('closed');
});

test('a port that is taken is reported with the reason, and the other listeners work', async () => {
  const taken = await member('x');
  const good = await listener([await member('a')], { id: 'good' });
  expect(await apply({ ...good, id: 'bad', port: taken.port }, good)).toEqual([{ listener: 'bad', reason: expect.stringContaining('EADDRINUSE') as string }]);
  expect(await read(dial(good.port))).toBe('a');
});

test('the monitor takes a failing member out and brings it back', async () => {
  let isHealthy = false;
  const port = await listen(createHttpServer((request, response) => { response.writeHead(request.url === '/ready' && isHealthy ? 200 : 503).end('sick'); }));
  const wanted = await listener([{ id: 'sick', address: '127.0.0.1', port }, await member('b')], { monitor: { type: 'HTTP', path: '/ready', delayMs: 20, timeoutMs: 500, maxRetries: 2 } });
  await apply(wanted);
  await eventually(() => health.some(([id, state]) => id === 'sick' && state === 'ERROR'));
  isHealthy = true;
  await eventually(() => health.some(([id, state]) => id === 'sick' && state === 'ONLINE'));
});

test('a member needs as many agreeing checks as the monitor says before it changes', async () => {
  const answers = [true, false, true, false, false];
  let asked = 0;
  const port = await listen(createHttpServer((_request, response) => { response.writeHead(answers[asked++] ?? false ? 200 : 500).end(); }));
  await apply(await listener([{ id: 'm', address: '127.0.0.1', port }], { monitor: { type: 'HTTP', delayMs: 5, timeoutMs: 500, maxRetries: 2 } }));
  await eventually(() => asked >= 6);
  expect(health).toEqual([['m', 'ONLINE'], ['m', 'ERROR']]);
});

test('a monitored member that does not answer in time is in error', async () => {
  const silent = await member('silent', () => undefined);
  await apply(await listener([silent], { monitor: { type: 'HTTPS', delayMs: 20, timeoutMs: 50, maxRetries: 1 } }));
  await eventually(() => health.length > 0);
  expect(health[0]).toEqual(['silent', 'ERROR']);
});

test('datagrams find a member and its answers the client', async () => {
  const server = createSocket('udp4').on('message', (text, from) => { server.send(`echo ${String(text)}`, from.port, from.address); });
  await new Promise<void>((resolve) => { server.bind(0, '127.0.0.1', resolve); });
  cleanups.push(() => { server.close(); });
  const wanted = await listener([{ id: 'u', address: '127.0.0.1', port: server.address().port }], { protocol: 'UDP' });
  await apply(wanted);
  const client = createSocket('udp4');
  cleanups.push(() => { client.close(); });
  const answers: string[] = [];
  client.on('message', (text) => { answers.push(String(text)); });
  client.send('one', wanted.port, '127.0.0.1');
  client.send('two', wanted.port, '127.0.0.1');
  await eventually(() => answers.length === 2);
  expect(answers.sort()).toEqual(['echo one', 'echo two']);
});

test('by source: the same client port gets the same member, and members get their share', () => {
  const members = ['a', 'b', 'c'].map((id) => ({ id, address: '', port: 0 }));
  const balance = new Balance();
  const pick = (port: number): string => balance.order(members, 'SOURCE_IP_PORT', { address: '10.0.0.9', port }, () => true)[0]!.id;
  const counts = new Map<string, number>();
  for (let port = 1024; port < 4024; port++) {
    expect(pick(port)).toBe(pick(port));
    counts.set(pick(port), (counts.get(pick(port)) ?? 0) + 1);
  }
  for (const count of counts.values()) expect(count).toBeGreaterThan(800);
});

test('an order has every online member once and no other', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string(), { maxLength: 8 }), fc.func(fc.boolean()), fc.constantFrom('ROUND_ROBIN' as const, 'SOURCE_IP_PORT' as const), (ids, isOnline, algorithm) => {
    const members = ids.map((id) => ({ id, address: '', port: 0 }));
    const order = new Balance().order(members, algorithm, { address: 'x', port: 1 }, isOnline);
    expect(order.map((m) => m.id).sort()).toEqual(ids.filter((id) => isOnline(id)).sort());
  }));
});
