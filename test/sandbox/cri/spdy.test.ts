import { once } from 'node:events';
import { createServer, connect, type Socket, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, createDeflate, createInflate } from 'node:zlib';
import fc from 'fast-check';
import { SpdyConnection, type SpdyStream } from '../../../sandbox/cri/streaming/spdy.ts';
import { spdyDictionary } from '../../../sandbox/cri/streaming/spdy-dictionary.ts';

/** The client side, as far as these tests speak. */
class Client {
  readonly socket: Socket;
  readonly #deflate = createDeflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH });
  readonly #inflate = createInflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH });
  #buffer = Buffer.alloc(0);
  readonly data = new Map<number, { bytes: Buffer; isEnded: boolean }>();
  readonly replies: number[] = [];
  readonly pings: number[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => this.#feed(chunk as Buffer));
    this.socket.on('error', () => undefined);
  }

  async headers(entries: Record<string, string>): Promise<Buffer> {
    const text = (value: string) => Buffer.concat([u32(Buffer.byteLength(value)), Buffer.from(value)]);
    const block = Buffer.concat([u32(Object.keys(entries).length), ...Object.entries(entries).flatMap(([key, value]) => [text(key), text(value)])]);
    return new Promise((resolve) => this.#deflate.write(block, () => {
      const parts: Buffer[] = [];
      for (let part = this.#deflate.read() as Buffer | null; part; part = this.#deflate.read() as Buffer | null) parts.push(part);
      resolve(Buffer.concat(parts));
    }));
  }

  async syn(id: number, entries: Record<string, string>): Promise<Buffer> {
    const block = await this.headers(entries);
    return control(1, Buffer.concat([u32(id), u32(0), Buffer.alloc(2), block]));
  }

  #feed(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    while (this.#buffer.length >= 8) {
      const length = this.#buffer.readUInt32BE(4) & 0xffffff;
      if (this.#buffer.length < 8 + length) return;
      const word = this.#buffer.readUInt32BE(0);
      const body = this.#buffer.subarray(8, 8 + length);
      const isFin = (this.#buffer.readUInt8(4) & 1) === 1;
      if (word & 0x80000000) {
        if ((word & 0xffff) === 2) { this.replies.push(body.readUInt32BE(0)); this.#inflate.write(body.subarray(4)); }
        if ((word & 0xffff) === 6) this.pings.push(body.readUInt32BE(0));
      } else {
        const seen = this.data.get(word) ?? { bytes: Buffer.alloc(0), isEnded: false };
        this.data.set(word, { bytes: Buffer.concat([seen.bytes, body]), isEnded: seen.isEnded || isFin });
      }
      this.#buffer = this.#buffer.subarray(8 + length);
    }
  }
}

const u32 = (value: number): Buffer => { const b = Buffer.alloc(4); b.writeUInt32BE(value >>> 0); return b; };
const control = (type: number, body: Buffer): Buffer => Buffer.concat([u32(0x80030000 + type), u32(body.length), body]);
const data = (id: number, body: Buffer, isFin = false): Buffer => Buffer.concat([u32(id), u32((isFin ? 0x1000000 : 0) + body.length), body]);
const eventually = async (look: () => boolean): Promise<void> => { for (let i = 0; i < 400 && !look(); i++) await sleep(5); expect(look()).toBe(true); };

describe('SPDY', () => {
  let server: Server;
  const streams: SpdyStream[] = [];
  let onStream: (stream: SpdyStream) => void = () => undefined;
  let connection: SpdyConnection | undefined;

  beforeAll(async () => {
    server = createServer((socket) => {
      connection = new SpdyConnection(socket, Buffer.alloc(0));
      connection.on('stream', (stream) => { streams.push(stream); onStream(stream); });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => { server.close(); });
  beforeEach(() => { streams.length = 0; onStream = () => undefined; });
  const client = () => new Client((server.address() as AddressInfo).port);

  test('streams echo what they get, however the bytes are cut on the wire', async () => {
    onStream = (stream) => { stream.pipe(stream); };
    await fc.assert(fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { minLength: 1, maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), async (bodies, cuts) => {
      const peer = client();
      const frames: Buffer[] = [];
      for (const [i, body] of bodies.entries()) frames.push(await peer.syn(2 * i + 1, { StreamType: `s${i}`, Port: '80' }), data(2 * i + 1, Buffer.from(body)), data(2 * i + 1, Buffer.alloc(0), true));
      const wire = Buffer.concat(frames);
      for (let start = 0, cut = 0; start < wire.length; cut++) {
        const size = (cuts[cut % cuts.length] ?? 1) * 7;
        peer.socket.write(wire.subarray(start, start + size));
        start += size;
      }
      await eventually(() => bodies.every((_, i) => peer.data.get(2 * i + 1)?.isEnded === true));
      for (const [i, body] of bodies.entries()) expect(peer.data.get(2 * i + 1)!.bytes.equals(Buffer.from(body))).toBe(true);
      expect(peer.replies).toEqual(bodies.map((_, i) => 2 * i + 1));
      peer.socket.destroy();
    }), { numRuns: 25 });
  });

  test('header names are lower case, values as sent', async () => {
    const peer = client();
    peer.socket.write(await peer.syn(1, { Streamtype: 'error', 'Port': '8080' }));
    await eventually(() => streams.length === 1);
    expect(streams[0]!.headers).toEqual({ streamtype: 'error', port: '8080' });
    peer.socket.destroy();
  });

  test('pings come back', async () => {
    const peer = client();
    peer.socket.write(control(6, u32(17)));
    await eventually(() => peer.pings.includes(17));
    peer.socket.destroy();
  });

  test('a reset ends one stream, the end of the connection all', async () => {
    const peer = client();
    peer.socket.write(Buffer.concat([await peer.syn(1, { a: 'b' }), await peer.syn(3, { a: 'b' })]));
    await eventually(() => streams.length === 2);
    peer.socket.write(control(3, Buffer.concat([u32(1), u32(5)])));
    await eventually(() => streams[0]!.destroyed);
    expect(streams[1]!.destroyed).toBe(false);
    peer.socket.destroy();
    await eventually(() => streams[1]!.destroyed);
  });

  test('a slow reader holds the sender back instead of filling the memory', async () => {
    const peer = client();
    peer.socket.write(await peer.syn(1, { a: 'b' }));
    await eventually(() => streams.length === 1);
    const block = Buffer.alloc(1 << 16, 'x');
    let isHeld = false;
    for (let sent = 0; sent < 64 << 20 && !isHeld; sent += block.length) {
      if (!peer.socket.write(data(1, block))) isHeld = await Promise.race([once(peer.socket, 'drain').then(() => false), sleep(500).then(() => true)]);
    }
    expect(isHeld).toBe(true);
    expect(streams[0]!.readableLength).toBeLessThan(4 << 20);
    streams[0]!.resume();
    await once(peer.socket, 'drain');
    peer.socket.destroy();
  });

  test('garbage closes the connection', async () => {
    const peer = client();
    peer.socket.write(control(1, Buffer.from('0000000000not a compressed block')));
    await once(peer.socket, 'close');
  });
});
