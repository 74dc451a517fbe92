/** The sandbox's time server: tells the machine's time, unless a fault makes it lie to a cluster, or to everyone. */
import { createSocket, type Socket } from 'node:dgram';
import type { ClockAnswer } from '../ground.ts';
import { answerTo } from './ntp-packet.ts';

export interface TimeServerOptions {
  readonly address: string;
  /** 123 unless told. */
  readonly port?: number;
  readonly now?: () => number;
  /** The cluster whose packets come from this address; undefined when none's do. */
  readonly clusterAt: (address: string) => string | undefined;
}

export class TimeServer {
  readonly #options: TimeServerOptions;
  readonly #faults = new Map<string | undefined, ClockAnswer>();
  readonly #counts = { wrong: 0, unanswered: 0 };
  #socket: Socket | undefined;

  constructor(options: TimeServerOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const socket = createSocket('udp4');
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject).bind(this.#options.port ?? 123, this.#options.address, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    // A client that is gone when its answer comes back (ICMP unreachable) is its own affair.
    socket.on('error', () => undefined);
    socket.on('message', (packet, from) => { this.#answer(socket, packet, from); });
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) await new Promise<void>((resolve) => { socket.close(() => { resolve(); }); });
  }

  /** The port it listens on. */
  get port(): number {
    return this.#socket?.address().port ?? 0;
  }

  /** @param cluster undefined is everyone, for whom no fault of a cluster holds. @param answer undefined is the right time again */
  set(cluster: string | undefined, answer: ClockAnswer | undefined): void {
    if (answer) this.#faults.set(cluster, answer);
    else this.#faults.delete(cluster);
  }

  counts(): { readonly wrong: number; readonly unanswered: number } {
    return { ...this.#counts };
  }

  #answer(socket: Socket, packet: Buffer, from: { address: string; port: number }): void {
    const fault = this.#faults.get(this.#options.clusterAt(from.address)) ?? this.#faults.get(undefined);
    const offsetMs = fault?.kind === 'wrong' ? fault.offsetSeconds * 1000 : 0;
    const answer = answerTo(packet, { nowMs: (this.#options.now ?? Date.now)() + offsetMs, isSynchronized: fault?.kind !== 'unsynchronized' });
    if (!answer) return;
    if (fault?.kind === 'silent') {
      this.#counts.unanswered += 1;
      return;
    }
    if (fault) this.#counts.wrong += 1;
    socket.send(answer, from.port, from.address);
  }
}
