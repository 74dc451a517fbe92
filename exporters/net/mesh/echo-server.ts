/**
 * Answers the datagrams of other exporters. It is no amplifier: an answer is as long as its request, goes to nothing
 * but requests of this protocol, and no more than a fixed number go out in a second.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Clock } from '../../core/clock.ts';
import { ExporterError, systemErrorCode } from '../../core/errors.ts';
import { read, turnIntoReply } from './datagram.ts';
import { withoutLookup } from './socket.ts';

export interface EchoServerOptions {
  /** Undefined: all addresses of both families. */
  readonly host: string | undefined;
  readonly port: number;
  readonly maxPerSecond: number;
  readonly clock: Clock;
  readonly onDropped: (reason: 'not_ours' | 'rate') => void;
  /** Called with errors of a running server; it goes on. */
  readonly onError: (error: unknown) => void;
}

/** Trains whose requests are counted at the same time; older ones begin again from one. */
const maxTrains = 1024;

export class EchoServer {
  readonly #options: EchoServerOptions;
  /** Train → requests that have arrived, the longest unheard first. */
  readonly #arrived = new Map<number, number>();
  /** Address → when a request last came from it, in monotonic milliseconds, for addresses that are asked about. */
  readonly #heardMs = new Map<string, number>();
  #peers: ReadonlySet<string> = new Set();
  #socket: Socket | undefined;
  #second = 0;
  #answered = 0;

  constructor(options: EchoServerOptions) {
    this.#options = options;
  }

  /** @returns the port. @throws ExporterError LISTEN_FAILED */
  async start(): Promise<number> {
    const { host, port } = this.#options;
    const socket = await bind(host, port).catch((cause: unknown) => {
      throw new ExporterError('LISTEN_FAILED', `listen on UDP ${host ?? ''}:${port}: ${cause instanceof Error ? cause.message : String(cause)}; choose another port with mesh.udpPort`, { cause });
    });
    socket.on('error', this.#options.onError);
    socket.on('message', (message, from) => this.#answer(message, from));
    this.#socket = socket;
    return socket.address().port;
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  /** Whose requests are remembered; all others' are answered and forgotten. */
  listenFor(addresses: ReadonlySet<string>): void {
    this.#peers = addresses;
    for (const address of this.#heardMs.keys()) if (!addresses.has(address)) this.#heardMs.delete(address);
  }

  /** When a request last came from the address, in monotonic milliseconds. */
  heardMs(address: string): number | undefined {
    return this.#heardMs.get(address);
  }

  #answer(message: Buffer, from: RemoteInfo): void {
    const { clock, maxPerSecond, onDropped } = this.#options;
    const datagram = read(message);
    if (!datagram || datagram.isReply) return onDropped('not_ours');
    const nowMs = clock.monotonicMs();
    const address = plainAddress(from.address);
    if (this.#peers.has(address)) this.#heardMs.set(address, nowMs);
    if (!this.#admits(nowMs, maxPerSecond)) return onDropped('rate');
    turnIntoReply(message, this.#count(datagram.session, datagram.train));
    // What the kernel does not take is lost, as on the network; nobody waits for a callback.
    this.#socket?.send(message, from.port, from.address);
  }

  #admits(nowMs: number, maxPerSecond: number): boolean {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#answered = 0;
    }
    return ++this.#answered <= maxPerSecond;
  }

  /** A number is the key: 32 bits of session and the lowest 20 of the train fit into one. */
  #count(session: number, train: number): number {
    const key = session * 0x100000 + (train & 0xfffff);
    const arrived = (this.#arrived.get(key) ?? 0) + 1;
    this.#arrived.delete(key);
    this.#arrived.set(key, arrived);
    if (this.#arrived.size > maxTrains) this.#arrived.delete(this.#arrived.keys().next().value ?? key);
    return arrived;
  }
}

/** Both families through one socket, or IPv4 alone where the kernel has no IPv6. */
async function bind(host: string | undefined, port: number): Promise<Socket> {
  if (host !== undefined) return bound(host.includes(':') ? 'udp6' : 'udp4', { address: host, port });
  try {
    return await bound('udp6', { address: '::', port });
  } catch (error) {
    if (systemErrorCode(error) !== 'EAFNOSUPPORT' && systemErrorCode(error) !== 'EADDRNOTAVAIL') throw error;
    return bound('udp4', { address: '0.0.0.0', port });
  }
}

function bound(type: 'udp4' | 'udp6', where: { address: string; port: number }): Promise<Socket> {
  const socket = createSocket({ type, lookup: withoutLookup });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(where, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** An IPv4 address as a socket of both families shows it, `::ffff:10.0.0.1`, without its prefix. */
const plainAddress = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);
