/** The rounds of the mesh: whom to probe, the probes, and what is remembered of them. */
import type { Clock } from '../../core/clock.ts';
import { connect, type ConnectOptions, type ConnectResult } from '../connect.ts';
import type { Config } from '../config.ts';
import type { Peer, Peers } from '../peers/peer.ts';
import { select, type Selection, witnesses } from '../peers/ring.ts';
import type { EchoServer } from './echo-server.ts';
import { History, type PeerRound } from './history.ts';
import { sendTrains, type TrainResult } from './train.ts';

export interface MeshOptions {
  readonly config: Config['mesh'];
  readonly intervalMs: number;
  /** Who is there now; undefined as long as nobody knows. */
  readonly peers: () => Peers | undefined;
  readonly me: () => { readonly node: string; readonly zone: string };
  readonly echo: Pick<EchoServer, 'listenFor' | 'heardMs'>;
  /** Payload of large datagrams to an address. */
  readonly largeBytes: (address: string) => number;
  /** Asks a peer for /healthz; only where that is configured. */
  readonly http?: ((peer: Peer, address: string, options: ConnectOptions) => Promise<ConnectResult>) | undefined;
  /** Tells this process from others; 32 bits. */
  readonly session: number;
  readonly clock: Clock;
}

/** A peer that is watched, with all that is known of it. */
export interface Watched {
  readonly peer: Peer;
  readonly isOnRing: boolean;
  readonly history: History;
  /** Requests of it have come since it began to fail: what it sends arrives here. */
  readonly isHeard: boolean;
}

/** A peer that was asked once because nobody else in its zone answered. */
export interface Witness {
  readonly node: string;
  readonly zone: string;
  readonly isUp: boolean;
}

/** What one round did, for the metrics. */
export interface Probed {
  readonly watched: Watched;
  readonly round: PeerRound;
  readonly connects: readonly { readonly probe: 'tcp' | 'http'; readonly address: string; readonly result: ConnectResult }[];
}

export interface RoundReport {
  readonly me: { readonly node: string; readonly zone: string };
  readonly probed: readonly Probed[];
  readonly watched: readonly Watched[];
  /** Ready peers by zone, of zones in which any is watched. */
  readonly known: ReadonlyMap<string, number>;
  readonly witnesses: readonly Witness[];
  /** Nobody to probe, or this node is not among the peers. */
  readonly problem: string | undefined;
}

/** Rounds come this many times as often while something has just become worse; one of them is for all peers, so that nobody waits for others' trouble. */
const hurry = 3;

/** Datagrams to a witness: enough to know whether anything comes back. */
const witnessDatagrams = 3;

export class Mesh {
  readonly #options: MeshOptions;
  readonly #histories = new Map<string, History>();
  #train = 0;
  #quickRounds = 0;
  #report: RoundReport | undefined;

  constructor(options: MeshOptions) {
    this.#options = options;
  }

  get report(): RoundReport | undefined {
    return this.#report;
  }

  /** Until the next round. */
  get nextMs(): number {
    return this.#options.intervalMs / (this.#isSuspicious ? hurry : 1);
  }

  /** Probes the peers that are selected now; in a quick round those in trouble only. Resolves within seconds, aborted or not. */
  async round(signal: AbortSignal): Promise<RoundReport> {
    const { clock, echo } = this.#options;
    const startedMs = clock.monotonicMs();
    const isQuick = this.#isSuspicious && this.#quickRounds < hurry - 1;
    this.#quickRounds = isQuick ? this.#quickRounds + 1 : 0;
    const peers = this.#options.peers(); // first: the zone of this node may come from there
    const me = this.#options.me();
    const candidates = (peers?.others ?? []).filter((peer) => peer.isReady || this.#histories.get(peer.node)?.isUp === false);
    const selection = select(me, candidates, this.#options.config);
    const watched = this.#watch(selection);
    echo.listenFor(new Set(watched.flatMap(({ peer }) => peer.addresses)));
    const toProbe = isQuick ? watched.filter(({ history }) => history.isSuspicious) : watched;
    const probed = await this.#probe(toProbe, signal);
    if (!signal.aborted) for (const { watched: { history }, round } of probed) history.add(round, startedMs);
    const asked = await this.#askWitnesses(me, candidates, signal);
    this.#report = {
      me, probed, watched: this.#watch(selection), known: knownIn(watched, candidates), witnesses: asked,
      problem: candidates.length === 0 ? 'no peers are known' : peers?.self ? undefined : 'this node is not among the endpoints of its Service',
    };
    return this.#report;
  }

  get #isSuspicious(): boolean {
    return [...this.#histories.values()].some((history) => history.isSuspicious);
  }

  /** Histories of peers that are not watched any more are gone. */
  #watch({ ring, rest }: Selection): Watched[] {
    const { clock, intervalMs, echo } = this.#options;
    const nodes = new Set([...ring, ...rest].map(({ node }) => node));
    for (const node of this.#histories.keys()) if (!nodes.has(node)) this.#histories.delete(node);
    const watch = (isOnRing: boolean) => (peer: Peer): Watched => {
      const history = this.#histories.get(peer.node) ?? new History({ clock, windowMs: lossRounds * intervalMs });
      this.#histories.set(peer.node, history);
      const { failingSinceMs } = history;
      const isHeard = failingSinceMs !== undefined && peer.addresses.some((address) => (echo.heardMs(address) ?? -Infinity) > failingSinceMs);
      return { peer, isOnRing, history, isHeard };
    };
    return [...ring.map(watch(true)), ...rest.map(watch(false))];
  }

  async #probe(watched: readonly Watched[], signal: AbortSignal): Promise<readonly Probed[]> {
    const { config, http } = this.#options;
    const targets = watched.flatMap(({ peer }) => peer.addresses.map((address) => ({ peer, address })));
    const [trains, connects] = await Promise.all([
      this.#trains(targets, { small: config.datagrams, large: config.largeDatagrams }, signal),
      Promise.all(targets.map(async ({ peer, address }) => {
        const options = this.#connectOptions(signal);
        const tcp = await connect(address, peer.port, options);
        return [{ probe: 'tcp' as const, address, result: tcp }, ...(http ? [{ probe: 'http' as const, address, result: await http(peer, address, options) }] : [])];
      })),
    ]);
    return watched.map((one) => {
      const own = targets.flatMap(({ peer }, i) => (peer === one.peer ? [{ train: trains[i] ?? nothing, connects: connects[i] ?? [] }] : []));
      const isUp = own.every(({ train, connects: made }) => cameBack(train) || made.some(({ result }) => isAnswer(result)));
      const isAbsent = own.every(({ train, connects: made }) => !cameBack(train) && made.some(({ result }) => isRefusal(result)));
      return { watched: one, round: { isUp, isAbsent, trains: own.map(({ train }) => train) }, connects: own.flatMap(({ connects: made }) => made) };
    });
  }

  /** Of each zone in which several would answer and none of the watched does: some more of its peers. */
  async #askWitnesses(me: { node: string; zone: string }, candidates: readonly Peer[], signal: AbortSignal): Promise<readonly Witness[]> {
    const { config } = this.#options;
    const nodes = new Set(this.#histories.keys());
    const silent = [...new Set(candidates.map(({ zone }) => zone))].filter((zone) => {
      const states = candidates.filter((peer) => peer.zone === zone && nodes.has(peer.node)).map((peer) => this.#histories.get(peer.node)?.isUp);
      return states.length > 0 && states.every((isUp) => isUp === false);
    });
    const asked = silent.flatMap((zone) => witnesses(me, zone, candidates, { watched: nodes, count: config.witnesses }));
    const targets = asked.map((peer) => ({ peer, address: peer.addresses[0] ?? '' }));
    const [trains, connects] = await Promise.all([
      this.#trains(targets, { small: witnessDatagrams, large: 0 }, signal),
      Promise.all(targets.map(({ peer, address }) => connect(address, peer.port, this.#connectOptions(signal)))),
    ]);
    return asked.map(({ node, zone }, i) => ({ node, zone, isUp: cameBack(trains[i] ?? nothing) || isAnswer(connects[i]) }));
  }

  #trains(targets: readonly { readonly peer: Peer; readonly address: string }[], count: { small: number; large: number }, signal: AbortSignal): Promise<readonly TrainResult[]> {
    const { config, largeBytes, session, clock } = this.#options;
    const firstTrain = this.#train;
    this.#train = (this.#train + targets.length) % 0xffff_0000;
    return sendTrains(targets.map(({ peer, address }) => ({ address, port: peer.udpPort, largeBytes: largeBytes(address) })), {
      ...count, firstTrain, session, clock, signal, spacingMs: config.spacingMs, timeoutMs: config.timeoutSeconds * 1000,
    });
  }

  #connectOptions(signal: AbortSignal): ConnectOptions {
    const { config, clock } = this.#options;
    return { timeoutMs: config.timeoutSeconds * 1000, clock, signal };
  }
}

/** Loss is looked at over so many rounds. */
const lossRounds = 4;

const nothing: TrainResult = { small: { sent: 0, lost: 0 }, large: { sent: 0, lost: 0 }, roundTrips: [], reordered: 0, lostOut: 0, lostIn: 0 };

const cameBack = ({ small, large }: TrainResult): boolean => small.lost < small.sent || large.lost < large.sent;

const isRefusal = (result: ConnectResult): boolean => result.kind === 'failed' && (result.error === 'refused' || result.error === 'reset');

/** A refusal comes from the other side too. */
const isAnswer = (result: ConnectResult | undefined): boolean =>
  result?.kind === 'connected' || (result?.kind === 'failed' && (isRefusal(result) || result.error === 'protocol'));

function knownIn(watched: readonly Watched[], candidates: readonly Peer[]): ReadonlyMap<string, number> {
  const zones = new Set(watched.map(({ peer }) => peer.zone));
  return new Map([...zones].map((zone) => [zone, candidates.filter((peer) => peer.zone === zone && peer.isReady).length]));
}
