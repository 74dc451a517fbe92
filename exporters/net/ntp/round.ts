/** A round of NTP: a few queries to each server, the median of what they say, and the metrics. */
import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { afterReading, type Clock, type Random } from '../../core/clock.ts';
import type { NtpResult } from '../catalogue.ts';
import type { Config } from '../config.ts';
import { median } from '../mesh/history.ts';
import { withoutLookup } from '../mesh/socket.ts';
import type { Meter } from '../meter.ts';
import { ntpQuery, readNtp, type NtpAnswer } from './packet.ts';

export interface NtpOptions {
  readonly config: Pick<Config['ntp'], 'servers' | 'samples' | 'timeoutSeconds'>;
  /** Addresses of a name. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly random: Random;
  readonly clock: Clock;
}

export interface NtpServerRound {
  readonly server: string;
  readonly result: NtpResult;
  readonly detail: string;
  /** Of the sample with the shortest way; undefined without a usable answer. */
  readonly best: Extract<NtpAnswer, { kind: 'time' }> | undefined;
  /** Seconds of each query that was answered. */
  readonly roundTrips: readonly number[];
}

/** A server that asked for rest gets an eighth of the queries for so long. */
const restMs = 3_600_000;
const restRounds = 8;

/** Stratum 16 and leap 3 are how a server says that it does not know the time (RFC 5905, figures 9 and 11). */
const unsynchronizedStratum = 16;

export class Ntp {
  readonly #options: NtpOptions;
  readonly #resting = new Map<string, { untilMs: number; rounds: number }>();

  constructor(options: NtpOptions) {
    this.#options = options;
  }

  /** Rounds of the servers that were asked. Never rejects. */
  async round(signal: AbortSignal): Promise<readonly NtpServerRound[]> {
    const servers = this.#options.config.servers.filter((server) => this.#isDue(server));
    return Promise.all(servers.map((server) => this.#askServer(server, signal)));
  }

  #isDue(server: string): boolean {
    const rest = this.#resting.get(server);
    if (!rest) return true;
    if (this.#options.clock.monotonicMs() > rest.untilMs) this.#resting.delete(server);
    return rest.rounds++ % restRounds === 0;
  }

  async #askServer(server: string, signal: AbortSignal): Promise<NtpServerRound> {
    const { config, clock, resolve } = this.#options;
    const { host, port } = place(server);
    const [address] = isIP(host) ? [host] : await resolve(host).catch(() => []);
    if (address === undefined) return { server, result: 'unreachable', detail: 'its name has no address', best: undefined, roundTrips: [] };
    const answers: Sample[] = [];
    for (let i = 0; i < config.samples && !signal.aborted; i++) {
      answers.push(await sample({ address, port, timeoutMs: config.timeoutSeconds * 1000, cookie: cookie(this.#options.random), clock, signal }));
    }
    const kiss = answers.some(({ result }) => result === 'kiss_of_death');
    if (kiss) this.#resting.set(server, { untilMs: clock.monotonicMs() + restMs, rounds: 1 });
    const good = answers.flatMap(({ result, answer }) => (result === 'ok' && answer ? [answer] : []));
    const best = good.sort((a, b) => a.delay - b.delay)[0];
    const worst = answers.find(({ result }) => result !== 'ok');
    return {
      server, best: kiss ? undefined : best, result: kiss ? 'kiss_of_death' : best ? 'ok' : (worst?.result ?? 'timeout'), detail: worst?.detail ?? '',
      roundTrips: answers.flatMap(({ seconds }) => seconds ?? []),
    };
  }
}

/** Nobody who does not see the query can guess it. */
const cookie = (random: Random): Buffer => Buffer.from(Array.from({ length: 8 }, () => Math.floor(random() * 256)));

/** "host", "host:port", "[address]:port". */
function place(server: string): { readonly host: string; readonly port: number } {
  const { six, host = server, port = '123' } = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]*))(?::(?<port>\d+))?$/.exec(server)?.groups ?? {};
  return { host: six ?? host, port: Number(port) };
}

interface Sample {
  readonly result: NtpResult;
  readonly detail: string;
  readonly answer?: Extract<NtpAnswer, { kind: 'time' }>;
  readonly seconds?: number;
}

interface SampleOptions {
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly cookie: Buffer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Our own times come from the monotonic clock, laid over the wall clock at the beginning: a clock that is set meanwhile does no harm. */
function sample({ address, port, timeoutMs, cookie, clock, signal }: SampleOptions): Promise<Sample> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup: withoutLookup });
    const wallMs = clock.now().getTime() - clock.monotonicMs();
    let sentMs = clock.monotonicMs();
    let isDone = false;
    const done = (result: Sample): void => {
      if (isDone) return;
      isDone = true;
      cancel();
      signal.removeEventListener('abort', timeout);
      socket.close();
      resolve(result);
    };
    const timeout = (): void => done({ result: 'timeout', detail: `no answer within ${timeoutMs} ms` });
    const cancel = afterReading(clock, timeoutMs, timeout);
    signal.addEventListener('abort', timeout, { once: true });
    socket.on('error', (error) => done({ result: 'unreachable', detail: error.message }));
    socket.on('message', (message) => {
      const receivedMs = clock.monotonicMs();
      const answer = readNtp(message, { cookie, sentMs: wallMs + sentMs, receivedMs: wallMs + receivedMs });
      if (answer.kind !== 'foreign') done(judged(answer, (receivedMs - sentMs) / 1000));
    });
    socket.connect(port, address, (...[error]: unknown[]) => {
      if (error) return done({ result: 'unreachable', detail: error instanceof Error ? error.message : 'connect failed' });
      sentMs = clock.monotonicMs();
      socket.send(ntpQuery(cookie), () => undefined);
    });
  });
}

function judged(answer: Exclude<NtpAnswer, { kind: 'foreign' }>, seconds: number): Sample {
  if (answer.kind === 'malformed') return { result: 'malformed', detail: 'not an NTP answer', seconds };
  if (answer.kind === 'kissOfDeath') return { result: 'kiss_of_death', detail: answer.code, seconds };
  if (answer.leap === 3 || answer.stratum >= unsynchronizedStratum) return { result: 'unsynchronized', detail: `leap ${answer.leap}, stratum ${answer.stratum}`, answer, seconds };
  return { result: 'ok', detail: '', answer, seconds };
}

/** Seconds by which this node is behind, by the median of the servers; one that lies is outvoted by two that do not. */
export function clockOffset(rounds: readonly NtpServerRound[]): number | undefined {
  return median(rounds.flatMap(({ best }) => best?.offset ?? []));
}

/** @param rounds of the servers that were asked; where none was due, what was known stays */
export function recordNtp(meter: Meter, rounds: readonly NtpServerRound[], node: string): void {
  if (rounds.length === 0) return;
  meter.add('ntp_error_total', {}, rounds.every(({ result, roundTrips }) => result === 'unreachable' && roundTrips.length === 0) ? 1 : 0);
  for (const { server, result, best, roundTrips } of rounds) {
    meter.add('net_exporter_ntp_results_total', { server, result });
    meter.add('ntp_sync_error_total', { server }, result === 'ok' ? 0 : 1);
    for (const seconds of roundTrips) meter.observe('ntp_latency_seconds', { server }, seconds);
    meter.set('net_exporter_ntp_offset_seconds', { server }, best?.offset);
    meter.set('net_exporter_ntp_stratum', { server }, best?.stratum);
    meter.set('net_exporter_ntp_leap_indicator', { server }, best?.leap);
  }
  meter.set('net_exporter_clock_offset_seconds', { source_node: node }, clockOffset(rounds));
}
