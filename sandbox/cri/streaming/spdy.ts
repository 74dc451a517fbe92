/**
 * The server side of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00), as far as Kubernetes streams with it: the kubelet still speaks
 * it to runtimes for exec, attach and port-forward (k8s.io/streaming over moby/spdystream, which has no flow control windows).
 */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { spdyDictionary } from './spdy-dictionary.ts';

const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6 } as const;
const finFlag = 1;
const headerBytes = 8;
/** Bytes of one data frame we send; the length field has 24 bits. */
const maxDataBytes = 1 << 20;

/** One stream of a connection. Ending it sends FIN; the peer's FIN ends its reading side; a reset destroys it. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly #connection: SpdyConnection;

  constructor(connection: SpdyConnection, id: number, headers: Readonly<Record<string, string>>) {
    super({ highWaterMark: 1 << 20 });
    this.#connection = connection;
    this.id = id;
    this.headers = headers;
  }

  override _read(): void {
    this.#connection.unblock(this);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.unblock(this);
    this.#connection.forget(this);
    done(error);
  }
}

/** Emits `stream` for each stream the client opens and `close` when the connection is gone. */
export class SpdyConnection extends EventEmitter<{ stream: [SpdyStream]; close: [] }> {
  readonly #socket: Duplex;
  readonly #streams = new Map<number, SpdyStream>();
  /** Streams whose reader is slow: while there is one, nothing is read from the socket. */
  readonly #blocked = new Set<SpdyStream>();
  readonly #inflate: Inflate = createInflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
  readonly #deflate: Deflate = createDeflate({ dictionary: spdyDictionary, flush: constants.Z_SYNC_FLUSH });
  #buffer: Buffer = Buffer.alloc(0);
  #frames: Promise<void> = Promise.resolve();

  /** @param head what was read behind the HTTP upgrade */
  constructor(socket: Duplex, head: Buffer) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#feed(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#closed());
    if (head.length > 0) this.#feed(head);
  }

  /** Ends the connection behind everything that was written. */
  close(): void {
    this.#frames = this.#frames.then(() => { this.#socket.end(); });
  }

  sendData(id: number, chunk: Buffer, isLast: boolean, done: (error?: Error | null) => void): void {
    if (!this.#socket.writable) {
      done();
      return;
    }
    for (let offset = 0; offset + maxDataBytes < chunk.length; offset += maxDataBytes) this.#socket.write(dataFrame(id, chunk.subarray(offset, offset + maxDataBytes), false));
    const rest = chunk.subarray(Math.max(0, Math.ceil(chunk.length / maxDataBytes) - 1) * maxDataBytes);
    this.#socket.write(dataFrame(id, rest, isLast), (error) => done(error));
  }

  unblock(stream: SpdyStream): void {
    if (this.#blocked.delete(stream) && this.#blocked.size === 0) this.#socket.resume();
  }

  forget(stream: SpdyStream): void {
    this.#streams.delete(stream.id);
  }

  #feed(chunk: Buffer): void {
    this.#buffer = this.#buffer.length > 0 ? Buffer.concat([this.#buffer, chunk]) : chunk;
    while (this.#buffer.length >= headerBytes) {
      const end = headerBytes + (this.#buffer.readUInt32BE(4) & 0xffffff);
      if (this.#buffer.length < end) return;
      const frame = this.#buffer.subarray(0, end);
      this.#buffer = this.#buffer.subarray(end);
      // Header blocks share one compression context: frames are handled strictly in order.
      this.#frames = this.#frames.then(() => this.#frame(frame)).catch(() => { this.#socket.destroy(); });
    }
  }

  async #frame(frame: Buffer): Promise<void> {
    const word = frame.readUInt32BE(0);
    const isFin = (frame.readUInt8(4) & finFlag) !== 0;
    const body = frame.subarray(headerBytes);
    const isControl = (word & 0x80000000) !== 0;
    if (!isControl) {
      this.#data(word & 0x7fffffff, body, isFin);
      return;
    }
    switch (word & 0xffff) {
      case frameTypes.synStream: return this.#open(body, isFin);
      case frameTypes.rstStream: this.#streams.get(body.readUInt32BE(0) & 0x7fffffff)?.destroy(); return;
      case frameTypes.ping: this.#socket.write(controlFrame(frameTypes.ping, body)); return;
      // SETTINGS, GOAWAY, HEADERS, WINDOW_UPDATE need no answer here.
      default: return;
    }
  }

  #data(id: number, body: Buffer, isFin: boolean): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    if (body.length > 0 && !stream.push(body)) {
      this.#blocked.add(stream);
      this.#socket.pause();
    }
    if (isFin) stream.push(null);
  }

  async #open(body: Buffer, isFin: boolean): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff;
    const stream = new SpdyStream(this, id, readHeaders(await through(this.#inflate, body.subarray(10))));
    // A reset stream is the client's decision; whoever reads it sees the close.
    stream.on('error', () => undefined);
    this.#streams.set(id, stream);
    const noHeaders = await through(this.#deflate, Buffer.alloc(4));
    this.#socket.write(controlFrame(frameTypes.synReply, Buffer.concat([uint32(id), noHeaders])));
    this.emit('stream', stream);
    if (isFin) stream.push(null);
  }

  #closed(): void {
    for (const stream of this.#streams.values()) stream.destroy();
    this.#streams.clear();
    this.#inflate.close();
    this.#deflate.close();
    this.emit('close');
  }
}

function dataFrame(id: number, body: Buffer, isFin: boolean): Buffer {
  return Buffer.concat([uint32(id), uint32((isFin ? finFlag : 0) * 0x1000000 + body.length), body]);
}

function controlFrame(type: number, body: Buffer): Buffer {
  return Buffer.concat([uint32(0x80030000 + type), uint32(body.length), body]);
}

/** A header block: a count, then names and values, each behind its length. Several values of a name are joined by NUL; the first counts here. */
function readHeaders(block: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  let offset = 4;
  const text = (): string => {
    const end = offset + 4 + block.readUInt32BE(offset);
    const value = block.toString('utf8', offset + 4, end);
    offset = end;
    return value;
  };
  for (let left = block.readUInt32BE(0); left > 0; left--) {
    const name = text().toLowerCase();
    headers[name] = text().split('\0')[0] ?? '';
  }
  return headers;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

/** One block through a compression context that lives as long as the connection. */
function through(codec: Inflate | Deflate, input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    codec.once('error', reject);
    codec.write(input, () => {
      codec.off('error', reject);
      const output: Buffer[] = [];
      for (let chunk = codec.read() as Buffer | null; chunk !== null; chunk = codec.read() as Buffer | null) output.push(chunk);
      resolve(Buffer.concat(output));
    });
  });
}
