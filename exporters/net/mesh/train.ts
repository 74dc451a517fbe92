/**
 * Trains of datagrams to many peers at once: four to each in turn and then a pause, so that a train lasts a sixth of a
 * second and a short loss does not take all of it. Sockets live for one round: the next one has another port,
 * and may take another of several equal paths.
 *
 * Linux sets "don't fragment" on datagrams that fit the path MTU as far as it is known (IP_PMTUDISC_WANT, ip(7), the
 * default of net.ipv4.ip_no_pmtu_disc = 0; Node.js has no call to change it). So large datagrams of the interface's own
 * MTU are dropped by a link that takes less; where the sender hears of it (ICMP), the kernel sends fragments from then
 * on and they arrive, and where it does not, they are lost: the black hole that is looked for.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type Clock, sleep } from '../../core/clock.ts';
import { read, request, smallBytes } from './datagram.ts';
import { withoutLookup } from './socket.ts';

/** So many to each peer go without a pause: they wake both ends once and not each for itself, which is most of what a train costs. */
const burst = 4;

export interface Destination {
  readonly address: string;
  readonly port: number;
  /** Payload of its large datagrams. */
  readonly largeBytes: number;
}

export interface TrainOptions {
  readonly small: number;
  readonly large: number;
  /** Time of one datagram; a pause lasts as long as a burst of them. */
  readonly spacingMs: number;
  /** How long replies are waited for after the last datagram. */
  readonly timeoutMs: number;
  /** Tells this process from others; 32 bits. */
  readonly session: number;
  /** A number for each destination, from this one on. */
  readonly firstTrain: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What came back from one destination. */
export interface TrainResult {
  readonly small: Count;
  readonly large: Count;
  /** Seconds, of small datagrams, in the order in which they were sent. */
  readonly roundTrips: readonly number[];
  readonly reordered: number;
  /** Datagrams of either size that are known to be lost on the way there, and on the way back; the rest of the loss is of unknown direction. */
  readonly lostOut: number;
  readonly lostIn: number;
}

export interface Count {
  readonly sent: number;
  readonly lost: number;
}

/** Resolves early when everything has come back; never rejects. A destination that cannot be sent to has lost everything. */
export async function sendTrains(destinations: readonly Destination[], options: TrainOptions): Promise<readonly TrainResult[]> {
  const { clock, signal, spacingMs, timeoutMs, firstTrain } = options;
  const trains = destinations.map((destination, i) => new Train(destination, firstTrain + i, options));
  if (trains.length === 0) return [];
  let incomplete = trains.length;
  let received = 0;
  const done = new AbortController();
  const stop = AbortSignal.any([signal, done.signal]);
  const receive = (message: Buffer): void => {
    const atMs = clock.monotonicMs();
    const datagram = read(message);
    if (!datagram?.isReply || datagram.session !== options.session) return;
    const train = trains[datagram.train - firstTrain];
    if (!train?.receive(datagram.number, datagram.arrived, atMs)) return;
    received++;
    if (train.isComplete && --incomplete === 0) done.abort();
  };
  const sockets = openSockets(destinations, receive);
  try {
    const length = options.small + options.large;
    for (let first = 0; first < length && !signal.aborted; first += burst) {
      if (first > 0) await sleep(burst * spacingMs, { clock, signal });
      for (const train of trains) for (let number = first; number < Math.min(first + burst, length); number++) train.send(number, sockets);
    }
    await sleep(timeoutMs, { clock, signal: stop });
    // After a stall of this process the time is up before it has read what came meanwhile: libuv runs timers first, and reads 32 datagrams in a turn (uv__udp_recvmsg).
    let before: number;
    do {
      before = received;
      await setImmediate();
    } while (received > before && !stop.aborted);
  } finally {
    for (const socket of Object.values(sockets)) socket?.close();
  }
  return trains.map((train) => train.result());
}

type Sockets = Partial<Record<4 | 6, Socket>>;

function openSockets(destinations: readonly Destination[], receive: (message: Buffer) => void): Sockets {
  const sockets: Sockets = {};
  for (const { address } of destinations) {
    const family = isIPv6(address) ? 6 : 4;
    if (sockets[family]) continue;
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: withoutLookup });
    socket.on('message', receive);
    socket.on('error', () => undefined); // a send that fails is a datagram that is lost
    sockets[family] = socket;
  }
  return sockets;
}

class Train {
  readonly #destination: Destination;
  readonly #train: number;
  readonly #options: TrainOptions;
  readonly #sentMs: number[] = [];
  /** By number; NaN for those that have not come back. */
  readonly #roundTripMs: number[] = [];
  #received = 0;
  #highest = -1;
  #reordered = 0;
  /** Of the reply to the latest datagram: its number, how many had arrived there, how many had come back. */
  #last = { number: -1, arrived: 0 };

  constructor(destination: Destination, train: number, options: TrainOptions) {
    this.#destination = destination;
    this.#train = train;
    this.#options = options;
  }

  get isComplete(): boolean {
    return this.#received === this.#options.small + this.#options.large;
  }

  send(number: number, sockets: Sockets): void {
    const { address, port, largeBytes } = this.#destination;
    const { session } = this.#options;
    const isLarge = this.#isLarge(number);
    const datagram = request({ isLarge, number, session, train: this.#train }, isLarge ? largeBytes : smallBytes);
    this.#roundTripMs[number] = NaN;
    this.#sentMs[number] = this.#options.clock.monotonicMs();
    // Without a callback: Node.js would queue one for every datagram, a tenth of what a train costs. What fails is a datagram that is lost.
    sockets[isIPv6(address) ? 6 : 4]?.send(datagram, port, address);
  }

  /** @returns whether it was waited for: false for one that was never sent, and for a duplicate */
  receive(number: number, arrived: number, atMs: number): boolean {
    const sentMs = this.#sentMs[number];
    if (sentMs === undefined || !Number.isNaN(this.#roundTripMs[number])) return false;
    this.#roundTripMs[number] = atMs - sentMs;
    this.#received++;
    if (number < this.#highest) this.#reordered++;
    this.#highest = Math.max(this.#highest, number);
    if (number > this.#last.number) this.#last = { number, arrived };
    return true;
  }

  /** Large ones are spread evenly among the small ones. */
  #isLarge(number: number): boolean {
    const { small, large } = this.#options;
    return Math.floor(((number + 1) * large) / (small + large)) > Math.floor((number * large) / (small + large));
  }

  result(): TrainResult {
    const sizes = { small: { sent: 0, lost: 0 }, large: { sent: 0, lost: 0 } };
    const roundTrips: number[] = [];
    let cameBack = 0;
    for (const [number, ms] of this.#roundTripMs.entries()) {
      const isLarge = this.#isLarge(number);
      const count = isLarge ? sizes.large : sizes.small;
      count.sent++;
      if (Number.isNaN(ms)) count.lost++;
      else if (!isLarge) roundTrips.push(ms / 1000);
      if (!Number.isNaN(ms) && number <= this.#last.number) cameBack++;
    }
    const lostOut = Math.max(0, this.#last.number + 1 - this.#last.arrived);
    return { ...sizes, roundTrips, reordered: this.#reordered, lostOut, lostIn: Math.max(0, this.#last.arrived - cameBack) };
  }
}
