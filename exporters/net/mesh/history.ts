/** What the last rounds said about one peer. */
import type { Clock } from '../../core/clock.ts';
import type { TrainResult } from './train.ts';

/** What one round found out about a peer over all its addresses. */
export interface PeerRound {
  /** Something came back from every one of its addresses: a reply, a connection, or a refusal. */
  readonly isUp: boolean;
  /** It refuses connections and answers no datagram: the way is fine, nobody is there. Says nothing about loss. */
  readonly isAbsent: boolean;
  /** One per address. */
  readonly trains: readonly TrainResult[];
}

export interface Loss {
  readonly sent: number;
  readonly lost: number;
  readonly lostOut: number;
  readonly lostIn: number;
}

/** Rounds of one peer, newest last. Loss is looked at over a minute at the default interval, the usual round trip over an hour. */
export class History {
  readonly #clock: Clock;
  /** How far back loss counts. */
  readonly #windowMs: number;
  #recent: { readonly atMs: number; readonly small: Loss; readonly large: Loss }[] = [];
  /** Median round trips in seconds, in a circle. */
  readonly #medians = new Float32Array(baselineRounds).fill(NaN);
  #next = 0;
  #last: PeerRound | undefined;
  #lastSuccessMs: number | undefined;
  #failingSinceMs: number | undefined;
  /** Rounds since something about the peer was found worse. */
  #roundsSinceTrouble = Infinity;

  constructor(options: { readonly clock: Clock; readonly windowMs: number }) {
    this.#clock = options.clock;
    this.#windowMs = options.windowMs;
  }

  /** @param startedMs when the round began, in monotonic milliseconds */
  add(round: PeerRound, startedMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    const { usual } = this;
    const before = this.#last;
    this.#last = round;
    if (round.isUp) {
      this.#lastSuccessMs = this.#clock.now().getTime();
      this.#failingSinceMs = undefined;
    } else this.#failingSinceMs ??= startedMs;
    this.#recent = this.#recent.filter(({ atMs }) => nowMs - atMs < this.#windowMs);
    if (!round.isAbsent) this.#recent.push({ atMs: nowMs, ...lossOf(round.trains) });
    const { roundTrip } = this;
    if (roundTrip !== undefined) this.#medians[this.#next++ % baselineRounds] = roundTrip;
    const isSlow = roundTrip !== undefined && usual !== undefined && roundTrip > 2 * usual + noiseSeconds;
    const isTrouble = (before?.isUp === true && !round.isUp) || (this.#roundsSinceTrouble >= calmRounds && (isSlow || hasLoss(round)));
    this.#roundsSinceTrouble = isTrouble ? 0 : this.#roundsSinceTrouble + 1;
  }

  /** Something has just become worse: what it is shows sooner when the next rounds do not wait the whole interval. */
  get isSuspicious(): boolean {
    return this.#roundsSinceTrouble < quickRounds;
  }

  get isUp(): boolean {
    return this.#last?.isUp ?? true;
  }

  get last(): PeerRound | undefined {
    return this.#last;
  }

  /** Unix milliseconds. */
  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs;
  }

  /** When the first of the rounds began that all failed since, in monotonic milliseconds. */
  get failingSinceMs(): number | undefined {
    return this.#failingSinceMs;
  }

  /** Datagrams of the last rounds, by size. */
  get loss(): { readonly small: Loss; readonly large: Loss } {
    return { small: sum(this.#recent.map(({ small }) => small)), large: sum(this.#recent.map(({ large }) => large)) };
  }

  /** Median round trip of the last round, in seconds. */
  get roundTrip(): number | undefined {
    return median(this.#roundTrips());
  }

  /** Lower quartile of the last round: what a peer needs at least, in seconds. One slow datagram, or a busy moment here, does not raise it. */
  get leastRoundTrip(): number | undefined {
    const sorted = this.#roundTrips().sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 4)];
  }

  /** Of the last round, in seconds. */
  get jitter(): number | undefined {
    return jitterOf((this.#last?.trains ?? []).map(({ roundTrips }) => roundTrips));
  }

  /** Lower quartile of the medians of the last hour, in seconds; undefined before there are four. Slowness that lasts becomes usual after three quarters of that. */
  get usual(): number | undefined {
    const known = this.#medians.filter((value) => !Number.isNaN(value)).sort();
    return known.length >= 4 ? known[Math.floor(known.length / 4)] : undefined;
  }

  #roundTrips(): number[] {
    return (this.#last?.trains ?? []).flatMap(({ roundTrips }) => roundTrips);
  }
}

/** An hour at 15 s. */
const baselineRounds = 240;

/** How many rounds after trouble come quickly … */
const quickRounds = 3;

/** … and how many must have passed before loss or slowness, which may stay, makes them so again. */
const calmRounds = 12;

/** Round trips that differ by less are noise of two busy processes. */
const noiseSeconds = 0.005;

const hasLoss = ({ isAbsent, trains }: PeerRound): boolean => !isAbsent && trains.some(({ small, large }) => small.lost + large.lost > 0);

function lossOf(trains: readonly TrainResult[]): { readonly small: Loss; readonly large: Loss } {
  const known = { lostOut: total(trains.map(({ lostOut }) => lostOut)), lostIn: total(trains.map(({ lostIn }) => lostIn)) };
  return {
    small: { sent: total(trains.map(({ small }) => small.sent)), lost: total(trains.map(({ small }) => small.lost)), ...known },
    large: { sent: total(trains.map(({ large }) => large.sent)), lost: total(trains.map(({ large }) => large.lost)), lostOut: 0, lostIn: 0 },
  };
}

function sum(losses: readonly Loss[]): Loss {
  return {
    sent: total(losses.map(({ sent }) => sent)), lost: total(losses.map(({ lost }) => lost)),
    lostOut: total(losses.map(({ lostOut }) => lostOut)), lostIn: total(losses.map(({ lostIn }) => lostIn)),
  };
}

const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

export function median(numbers: readonly number[]): number | undefined {
  if (numbers.length === 0) return undefined;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Mean difference of consecutive round trips of trains (the interarrival jitter of RFC 3550, without its smoothing). */
export function jitterOf(trains: readonly (readonly number[])[]): number | undefined {
  const differences = trains.flatMap((trips) => trips.slice(1).map((trip, i) => Math.abs(trip - (trips[i] ?? trip))));
  return differences.length > 0 ? differences.reduce((total, difference) => total + difference, 0) / differences.length : undefined;
}
