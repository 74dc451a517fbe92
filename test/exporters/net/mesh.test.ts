/** Rounds of the mesh before peers of the test, over real sockets of this machine. */
import { createSocket, type Socket } from 'node:dgram';
import { systemClock, type Clock } from '../../../exporters/core/clock.ts';
import { schema } from '../../../exporters/net/config.ts';
import { read, turnIntoReply } from '../../../exporters/net/mesh/datagram.ts';
import { Mesh } from '../../../exporters/net/mesh/mesh.ts';
import type { Peer } from '../../../exporters/net/peers/peer.ts';

const intervalMs = 15_000;
/** For answers that do not come. */
const timeoutMs = 500;

describe('a peer in trouble', () => {
  const sockets: Socket[] = [];
  let isLossy = false;
  let mesh: Mesh;
  let nowMs = 0;
  /**
   * Other suites hold this process up now and then. So time goes on between rounds alone, or an answer would be slow; and where nothing is lost
   * it is waited for longer, or it would be lost.
   */
  const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, after: (ms, callback) => systemClock.after(ms >= timeoutMs && !isLossy ? 60 * ms : ms, callback) };

  beforeAll(async () => {
    const peers = [await peer('lossy', 'b', () => isLossy), await peer('fine', 'c', () => false)];
    const { mesh: config } = schema.parse({ mesh: { datagrams: 4, largeDatagrams: 0, spacingMs: 1, timeoutSeconds: timeoutMs / 1000 } });
    const me = { node: 'me', zone: 'a' };
    mesh = new Mesh({
      config, intervalMs, me: () => me, peers: () => ({ self: undefined, others: peers }), session: 7, clock,
      echo: { listenFor: () => undefined, heardMs: () => undefined }, largeBytes: () => 1400,
    });
  });
  afterAll(() => { for (const socket of sockets) socket.close(); });

  test('is asked three times as often, and every third time all others with it: nobody waits for the trouble of another', async () => {
    const [all, troubled] = [['fine', 'lossy'], ['lossy']];
    expect(await round(false)).toEqual({ asked: all, nextMs: intervalMs });
    const trouble = [
      { asked: all, nextMs: intervalMs / 3 }, // it is seen
      { asked: troubled, nextMs: intervalMs / 3 },
      { asked: troubled, nextMs: intervalMs / 3 },
      { asked: all, nextMs: intervalMs }, // as if there were none
    ];
    for (const one of trouble) expect(await round(true)).toEqual(one);
    for (let i = 0; i < 12; i++) expect(await round(false)).toEqual({ asked: all, nextMs: intervalMs });
    for (const one of trouble) expect(await round(true)).toEqual(one);
  }, 60_000);

  async function round(loses: boolean): Promise<{ readonly asked: readonly string[]; readonly nextMs: number }> {
    isLossy = loses;
    const { probed } = await mesh.round(new AbortController().signal);
    nowMs += mesh.nextMs;
    return { asked: probed.map(({ watched }) => watched.peer.node).sort(), nextMs: mesh.nextMs };
  }

  /** Nothing listens on its TCP port, so it is there by its answers to datagrams alone; of four it loses the first. */
  async function peer(node: string, zone: string, loses: () => boolean): Promise<Peer> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.on('message', (message, from) => {
      const datagram = read(message)!;
      if (loses() && datagram.number === 0) return;
      turnIntoReply(message, datagram.number + 1);
      socket.send(message, from.port, from.address);
    });
    await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
    return { node, zone, addresses: ['127.0.0.1'], port: 1, udpPort: socket.address().port, isReady: true };
  }
});
