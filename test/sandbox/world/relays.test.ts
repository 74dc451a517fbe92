/** Relays on real sockets; the host-side process is the real one's part in this process. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Listened } from '../../../sandbox/world/host-listeners.ts';
import { Relays } from '../../../sandbox/world/relays.ts';

const remembered = new Map<string, number>();
const sockets = new Set<Socket>();
const servers: Server[] = [];
let relays: Relays;

function listen(port: number): Promise<Listened> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => { resolve({ kind: 'taken' }); });
    server.listen(port, '127.0.0.1', () => { resolve({ kind: 'listening', port: (server.address() as AddressInfo).port, server }); });
  });
}
async function target(onSocket: (socket: Socket) => void): Promise<{ address: string; port: number }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => { sockets.add(socket.on('error', () => undefined)); onSocket(socket); });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
function dial(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  sockets.add(socket);
  return socket;
}
const all = async (socket: Socket): Promise<string> => { let text = ''; for await (const chunk of socket) text += String(chunk); return text; };

beforeEach(() => {
  remembered.clear();
  relays = new Relays({ listen, remembered: (name) => remembered.get(name), remember: ({ name }, port) => { remembered.set(name, port); return Promise.resolve(); }, forget: () => Promise.resolve() });
});
afterEach(() => {
  relays.stop();
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

test('bytes and half-closes go through', async () => {
  const relay = await relays.add({ name: 'a', target: await target((socket) => { let got = ''; socket.on('data', (data) => { got += String(data); }).on('end', () => { socket.end(`got ${got}`); }); }) });
  const client = dial(relay.port);
  client.end('all of it');
  expect(await all(client)).toBe('got all of it');
});

test('a relay keeps its port when its target changes, and comes back with it', async () => {
  const first = await relays.add({ name: 'a', target: await target((socket) => { socket.end('one'); }) });
  const second = await relays.add({ name: 'a', target: await target((socket) => { socket.end('two'); }) });
  expect(second.port).toBe(first.port);
  expect(await all(dial(first.port))).toBe('two');
  await relays.remove('a');
  expect((await relays.add({ name: 'a', target: second.target })).port).toBe(first.port);
});

test('a relay moves to the port that is asked for', async () => {
  const to = await target((socket) => { socket.end('x'); });
  const { port } = await relays.add({ name: 'a', target: to });
  const free = await listen(0) as Listened & { kind: 'listening' };
  await new Promise((resolve) => { free.server.close(resolve); });
  expect((await relays.add({ name: 'a', port: free.port, target: to })).port).toBe(free.port);
  expect(relays.list()).toHaveLength(1);
  await expect(all(dial(port))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a wanted port that is taken is an error, a remembered one is not', async () => {
  const holder = await target(() => undefined);
  await expect(relays.add({ name: 'a', port: holder.port, target: holder })).rejects.toMatchObject({ code: 'WORLD_PORT_TAKEN' });
  remembered.set('a', holder.port);
  const { port } = await relays.add({ name: 'a', target: holder });
  expect(port).not.toBe(holder.port);
  expect(remembered.get('a')).toBe(port);
});

test('a target that refuses resets the client', async () => {
  const dead = await listen(0) as Listened & { kind: 'listening' };
  await new Promise((resolve) => { dead.server.close(resolve); });
  const { port } = await relays.add({ name: 'a', target: { address: '127.0.0.1', port: dead.port } });
  await expect(all(dial(port))).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('a removed relay takes its connections along', async () => {
  const relay = await relays.add({ name: 'a', target: await target((socket) => { socket.write('hello'); }) });
  const client = dial(relay.port);
  await new Promise((resolve) => { client.once('data', resolve); });
  expect(relays.list()[0]!.connections).toBe(1);
  expect(await relays.remove('a')).toBe(true);
  await new Promise((resolve) => { client.once('close', resolve); });
  expect(await relays.remove('a')).toBe(false);
});
