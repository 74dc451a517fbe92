/** One UDP listener of a load balancer: a client's datagrams go to one member as long as they keep coming, its answers go back from the VIP. */
import { createSocket, type Socket } from 'node:dgram';
import { Balance } from './balance.ts';
import type { Listener } from './protocol.ts';

/** How long a silent client keeps its member; the kernel's nf_conntrack_udp_timeout_stream is 120 s, its first timeout 30 s. */
const idleMs = 60_000;

interface Session { readonly socket: Socket; readonly timer: NodeJS.Timeout; readonly memberId: string; readonly send: (datagram: Buffer) => void }

export class UdpListener {
  readonly #socket: Socket = createSocket('udp4');
  readonly #sessions = new Map<string, Session>();
  readonly #balance = new Balance();
  readonly #isOnline: (memberId: string) => boolean;
  #listener: Listener;

  constructor(listener: Listener, isOnline: (memberId: string) => boolean) {
    this.#listener = listener;
    this.#isOnline = isOnline;
    this.#socket.on('message', (datagram, from) => { this.#forward(datagram, from); });
  }

  /** Rejects with the system's error when the address or port cannot be had. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind(this.#listener.port, this.#listener.address, () => {
        this.#socket.off('error', reject).on('error', () => undefined);
        resolve();
      });
    });
  }

  /** A client whose member left or failed gets another one with its next datagram. */
  update(listener: Listener): void {
    this.#listener = listener;
    for (const [client, session] of this.#sessions) {
      if (!listener.members.some((member) => member.id === session.memberId)) this.#forget(client);
    }
  }

  stop(): void {
    for (const client of [...this.#sessions.keys()]) this.#forget(client);
    this.#socket.close();
  }

  #forward(datagram: Buffer, from: { address: string; port: number }): void {
    const client = `${from.address}:${from.port}`;
    const known = this.#sessions.get(client);
    if (known && !this.#isOnline(known.memberId)) this.#forget(client);
    const session = this.#sessions.get(client) ?? this.#open(client, from);
    session?.timer.refresh();
    session?.send(datagram);
  }

  #open(client: string, from: { address: string; port: number }): Session | undefined {
    const [member] = this.#balance.order(this.#listener.members, this.#listener.algorithm, from, this.#isOnline);
    if (!member) return undefined;
    const socket = createSocket('udp4');
    // Before it is connected a socket refuses to send; connecting takes one turn of the event loop.
    const connected = new Promise<void>((resolve) => { socket.once('connect', () => { resolve(); }); });
    const session: Session = {
      socket, memberId: member.id,
      timer: setTimeout(() => { this.#forget(client); }, idleMs),
      send: (datagram) => { void connected.then(() => { if (this.#sessions.get(client) === session) socket.send(datagram); }); },
    };
    socket.on('message', (answer) => { session.timer.refresh(); this.#socket.send(answer, from.port, from.address); });
    // An ICMP "port unreachable" from the member: the next datagram may find another one.
    socket.on('error', () => { this.#forget(client); });
    socket.connect(member.port, member.address);
    this.#sessions.set(client, session);
    return session;
  }

  #forget(client: string): void {
    const session = this.#sessions.get(client);
    if (!session) return;
    this.#sessions.delete(client);
    clearTimeout(session.timer);
    session.socket.removeAllListeners('message').close();
  }
}
