/** Datagrams over real sockets of this machine. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../exporters/core/clock.ts';
import { connect } from '../../../exporters/net/connect.ts';
import { read, request, turnIntoReply } from '../../../exporters/net/mesh/datagram.ts';
import { EchoServer } from '../../../exporters/net/mesh/echo-server.ts';
import { withoutLookup } from '../../../exporters/net/mesh/socket.ts';
import { sendTrains, type TrainOptions, type TrainResult } from '../../../exporters/net/mesh/train.ts';

const never = new AbortController().signal;
const options: TrainOptions = { small: 10, large: 2, spacingMs: 1, timeoutMs: 300, session: 7, firstTrain: 40, clock: systemClock, signal: never };
const one = async (port: number, over: Partial<TrainOptions> = {}): Promise<TrainResult> => (await sendTrains([{ address: '127.0.0.1', port, largeBytes: 1400 }], { ...options, ...over }))[0]!;

/** A server of the test that does with each request what it is told. */
async function lossy(answer: (socket: Socket, message: Buffer, from: RemoteInfo) => void): Promise<{ port: number; stop: () => void }> {
  const socket = createSocket({ type: 'udp4', lookup: withoutLookup });
  socket.on('message', (message, from) => answer(socket, message, from));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, stop: () => void socket.close() };
}

describe('a train and the echo server', () => {
  const dropped: string[] = [];
  let echo: EchoServer;
  let port: number;
  beforeEach(async () => {
    dropped.splice(0);
    echo = new EchoServer({ host: '127.0.0.1', port: 0, maxPerSecond: 50, clock: systemClock, onDropped: (reason) => dropped.push(reason), onError: (error) => { throw error; } });
    port = await echo.start();
  });
  afterEach(() => echo.stop());

  test('everything comes back, large ones among the small, and it does not wait any longer', async () => {
    const startedMs = performance.now();
    const result = await one(port, { timeoutMs: 30_000 });
    expect(result).toMatchObject({ small: { sent: 10, lost: 0 }, large: { sent: 2, lost: 0 }, lostOut: 0, lostIn: 0 });
    expect(result.roundTrips).toHaveLength(10);
    expect(performance.now() - startedMs).toBeLessThan(15_000);
  });

  test('four go to each of several in turn, so that a peer is woken once for them', async () => {
    const heard: string[] = [];
    // One socket for both, so that the order of arrival is that of sending.
    const both = await lossy((_socket, message) => heard.push(`${'ab'[read(message)!.train - options.firstTrain]}${read(message)!.number}`));
    const destination = { address: '127.0.0.1', port: both.port, largeBytes: 1400 };
    await sendTrains([destination, destination], { ...options, small: 5, large: 1 });
    both.stop();
    expect(heard).toEqual(['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3', 'a4', 'a5', 'b4', 'b5']);
  });

  test('whose requests arrive is remembered, of those that are asked about', async () => {
    await one(port);
    expect(echo.heardMs('127.0.0.1')).toBeUndefined();
    echo.listenFor(new Set(['127.0.0.1']));
    const beforeMs = systemClock.monotonicMs();
    await one(port);
    expect(echo.heardMs('127.0.0.1')).toBeGreaterThan(beforeMs);
    echo.listenFor(new Set());
    expect(echo.heardMs('127.0.0.1')).toBeUndefined();
  });

  test('it is no amplifier: a reply is as long as its request, replies and strangers get nothing, and a second has an end', async () => {
    const heard: number[] = [];
    const socket = createSocket('udp4');
    socket.on('message', ({ length }) => heard.push(length));
    const send = (message: Buffer): Promise<void> => new Promise((resolve, reject) => socket.send(message, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
    const asked = request({ isLarge: false, number: 0, session: 1, train: 1 }, 200);
    const reply = Buffer.from(asked);
    turnIntoReply(reply, 1);
    for (const message of [asked, reply, asked.subarray(0, 63), Buffer.alloc(500), Buffer.from('GET / HTTP/1.1')]) await send(message);
    const endsAt = performance.now() + 3000;
    while (!dropped.includes('rate') && performance.now() < endsAt) {
      for (let i = 0; i < 20; i++) await send(asked);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    socket.close();
    expect(new Set(heard)).toEqual(new Set([200]));
    expect(dropped.filter((reason) => reason === 'not_ours')).toHaveLength(4);
    expect(dropped).toContain('rate');
  });
});

test('datagrams go in fours without a pause, and each four as far from the next as if they had gone one by one', async () => {
  const silent = await lossy(() => undefined);
  const done: (string | number)[] = [];
  const clock = { ...systemClock, monotonicMs: () => (done.push('datagram'), systemClock.monotonicMs()), after: (ms: number, callback: () => void) => (done.push(ms), systemClock.after(ms, callback)) };
  await one(silent.port, { clock, spacingMs: 5, timeoutMs: 50 });
  silent.stop();
  const four = Array<string>(4).fill('datagram');
  expect(done).toEqual([...four, 20, ...four, 20, ...four, 50]);
});

test('what came back while this process stood still is not lost, however much it is', async () => {
  const small = 100;
  const replies: Buffer[] = [];
  let timeIsUp = (): void => undefined;
  const clock = { ...systemClock, after: (ms: number, callback: () => void) => (ms === options.timeoutMs ? ((timeIsUp = callback), () => undefined) : systemClock.after(ms, callback)) };
  const server = await lossy((socket, message, from) => {
    turnIntoReply(message, replies.push(message));
    if (replies.length < small) return;
    for (const reply of replies) socket.send(reply, from.port, from.address);
    setTimeout(timeIsUp, 1);
    const endsAt = performance.now() + 20;
    while (performance.now() < endsAt);
  });
  const result = await one(server.port, { small, large: 0, clock });
  server.stop();
  expect(result).toMatchObject({ small: { sent: small, lost: 0 }, lostOut: 0, lostIn: 0 });
});

test('a train to both addresses of a peer: each family has its own sockets and its own loss', async () => {
  const everywhere = { host: undefined, port: 0, maxPerSecond: 500, clock: systemClock, onDropped: () => undefined, onError: (error: unknown) => { throw error; } };
  const [both, four] = [new EchoServer(everywhere), new EchoServer({ ...everywhere, host: '127.0.0.1' })];
  const lossTo = async (port: number) => (await sendTrains(['127.0.0.1', '::1'].map((address) => ({ address, port, largeBytes: 1200 })), options)).map(({ small, large }) => [small.lost, large.lost]);
  try {
    const ports = [await both.start(), await four.start()] as const;
    both.listenFor(new Set(['127.0.0.1', '::1']));
    expect(await lossTo(ports[0])).toEqual([[0, 0], [0, 0]]);
    expect([both.heardMs('127.0.0.1'), both.heardMs('::1')]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(await lossTo(ports[1])).toEqual([[0, 0], [10, 2]]);
  } finally {
    await Promise.all([both.stop(), four.stop()]);
  }
});

describe('where datagrams are lost', () => {
  test('on the way there: the replies say how many had arrived', async () => {
    let arrived = 0;
    const server = await lossy((socket, message, from) => {
      if (read(message)!.number % 4 === 1) return; // never arrived
      turnIntoReply(message, ++arrived);
      socket.send(message, from.port, from.address);
    });
    const result = await one(server.port);
    server.stop();
    expect(result).toMatchObject({ small: { lost: 2 }, large: { lost: 1 }, lostOut: 3, lostIn: 0 });
  });

  test('on the way back', async () => {
    let arrived = 0;
    const server = await lossy((socket, message, from) => {
      turnIntoReply(message, ++arrived);
      if (read(message)!.number % 4 !== 1) socket.send(message, from.port, from.address);
    });
    const result = await one(server.port);
    server.stop();
    expect(result).toMatchObject({ small: { lost: 2 }, large: { lost: 1 }, lostOut: 0, lostIn: 3 });
  });

  test('large ones only', async () => {
    let arrived = 0;
    const server = await lossy((socket, message, from) => {
      if (message.length > 1000) return;
      turnIntoReply(message, ++arrived);
      socket.send(message, from.port, from.address);
    });
    const result = await one(server.port);
    server.stop();
    expect(result).toMatchObject({ small: { sent: 10, lost: 0 }, large: { sent: 2, lost: 2 } });
  });

  test('out of order, and twice', async () => {
    let kept: Buffer | undefined;
    const server = await lossy((socket, message, from) => {
      turnIntoReply(message, 1);
      if (read(message)!.number === 3) return void (kept = Buffer.from(message));
      socket.send(message, from.port, from.address);
      socket.send(message, from.port, from.address);
      if (read(message)!.number === 4 && kept) socket.send(kept, from.port, from.address);
    });
    const result = await one(server.port);
    server.stop();
    expect(result).toMatchObject({ small: { sent: 10, lost: 0 }, reordered: 1 });
  });

  test('nobody is there: everything is lost, of unknown direction', async () => {
    const server = await lossy(() => undefined);
    const result = await one(server.port);
    server.stop();
    expect(result).toMatchObject({ small: { sent: 10, lost: 10 }, large: { sent: 2, lost: 2 }, roundTrips: [], lostOut: 0, lostIn: 0 });
  });
});

describe('one connection', () => {
  test('connected, refused, ended by its deadline', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const dial = (over: { timeoutMs?: number; signal?: AbortSignal } = {}): ReturnType<typeof connect> => connect('127.0.0.1', port, { timeoutMs: 5000, clock: systemClock, signal: never, ...over });
    expect(await dial()).toMatchObject({ kind: 'connected', seconds: expect.any(Number) as number });
    expect(await dial({ signal: AbortSignal.abort() })).toMatchObject({ kind: 'failed', error: 'timeout' });
    await new Promise((resolve) => server.close(resolve));
    expect(await dial()).toMatchObject({ kind: 'failed', error: 'refused' });
  });
});
