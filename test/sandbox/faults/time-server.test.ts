/** A real socket; the packets are checked byte by byte against RFC 5905, figure 8. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { TimeServer } from '../../../sandbox/faults/clock/time-server.ts';

const now = Date.UTC(2026, 10, 26, 1, 2, 3, 250);
const server = new TimeServer({ address: '127.0.0.1', port: 0, now: () => now, clusterAt: () => 'demo' });
const request = Buffer.alloc(48);
request[0] = (4 << 3) | 3;
request.write('mystamp!', 40);

/** From a socket of its own: a late answer to one question is none to the next. */
const ask = async (packet = request, withinMs = 10_000): Promise<Buffer | undefined> => {
  const client = createSocket('udp4');
  client.send(packet, server.port, '127.0.0.1');
  const answer = await once(client, 'message', { signal: AbortSignal.timeout(withinMs) }).then(([message]) => message as Buffer, () => undefined);
  client.close();
  return answer;
};
const shortly = 300;
const secondsIn = (answer: Buffer): number => answer.readUInt32BE(40) - 2_208_988_800 + answer.readUInt32BE(44) / 2 ** 32;

beforeAll(() => server.start());
afterAll(() => server.stop());

test('an answer is the time, synchronized, with the stamp of the request', async () => {
  const answer = (await ask())!;
  expect([answer.length, answer[0], answer[1]]).toEqual([48, (4 << 3) | 4, 1]);
  expect(answer.toString('latin1', 24, 32)).toBe('mystamp!');
  expect(secondsIn(answer)).toBeCloseTo(now / 1000, 5);
});

test('a fault of the cluster makes the time wrong, healed it is right again', async () => {
  server.set('demo', { kind: 'wrong', offsetSeconds: -90 });
  expect(secondsIn((await ask())!)).toBeCloseTo(now / 1000 - 90, 5);
  server.set('demo', undefined);
  expect(secondsIn((await ask())!)).toBeCloseTo(now / 1000, 5);
  expect(server.counts()).toEqual({ wrong: 1, unanswered: 0 });
});

test('unsynchronized is leap indicator 3 and stratum 16; silent is no answer; a fault of another cluster is none', async () => {
  server.set(undefined, { kind: 'unsynchronized' });
  const answer = (await ask())!;
  expect([answer[0]! >> 6, answer[1]]).toEqual([3, 16]);
  server.set('demo', { kind: 'silent' });
  expect(await ask(request, shortly)).toBeUndefined();
  server.set('demo', undefined);
  server.set(undefined, undefined);
  server.set('other', { kind: 'silent' });
  expect(await ask()).toBeDefined();
});

test.each([['too short', Buffer.alloc(47, 35)], ['of a server', Buffer.concat([Buffer.from([36]), Buffer.alloc(47)])], ['of version 1', Buffer.concat([Buffer.from([11]), Buffer.alloc(47)])]])('a packet %s is not answered', async (_what, packet) => {
  expect(await ask(packet, shortly)).toBeUndefined();
});
