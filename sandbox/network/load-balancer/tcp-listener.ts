/** One TCP listener of a load balancer: accepts on the VIP, dials a member, and carries bytes both ways with half-closes and resets kept apart. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { splice } from '../splice.ts';
import { Balance } from './balance.ts';
import type { Listener, Member } from './protocol.ts';

/** Octavia's timeout_member_connect. */
const connectTimeoutMs = 5000;

export class TcpListener {
  readonly #server: Server;
  readonly #balance = new Balance();
  readonly #isOnline: (memberId: string) => boolean;
  #listener: Listener;

  constructor(listener: Listener, isOnline: (memberId: string) => boolean) {
    this.#listener = listener;
    this.#isOnline = isOnline;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => { this.#accept(client); });
  }

  /** Rejects with the system's error when the address or port cannot be had. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: this.#listener.address, port: this.#listener.port, backlog: 511 }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** New members hold for connections to come; those that stand are left alone, as HAProxy leaves them when it is reloaded. */
  update(listener: Listener): void {
    this.#listener = listener;
  }

  /** Takes no more connections; those that stand live on. Resolves when the port is free, which is at once. */
  stop(): void {
    this.#server.close();
  }

  #accept(client: Socket): void {
    const from = { address: client.remoteAddress ?? '', port: client.remotePort ?? 0 };
    const { members, algorithm } = this.#listener;
    dial(client, this.#balance.order(members, algorithm, from, this.#isOnline));
  }
}

/** Tries one member after the other; a client for whom none answers is reset, as by HAProxy's TCP mode. */
function dial(client: Socket, order: readonly Member[]): void {
  const [first, ...others] = order;
  if (client.destroyed) return;
  if (!first) {
    client.resetAndDestroy();
    return;
  }
  const member = connect({ host: first.address, port: first.port, allowHalfOpen: true, noDelay: true });
  const giveUp = (): void => {
    clearTimeout(deadline);
    member.removeAllListeners().on('error', () => undefined).destroy();
    client.off('close', clientGone);
    dial(client, others);
  };
  const clientGone = (): void => { member.destroy(); };
  const deadline = setTimeout(giveUp, connectTimeoutMs);
  client.once('error', () => undefined).once('close', clientGone);
  member.once('close', () => { clearTimeout(deadline); });
  member.once('error', giveUp);
  member.once('connect', () => {
    clearTimeout(deadline);
    member.off('error', giveUp);
    client.off('close', clientGone);
    splice(client, member);
  });
}
