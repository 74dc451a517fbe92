/** The probes of the exporter, once: of what a place is named for, to every address of it. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { systemClock } from '../../core/clock.ts';
import { connect } from '../connect.ts';
import { dnsRound } from '../dns/round.ts';
import { jitterOf, median } from '../mesh/history.ts';
import { sendTrains, type Count } from '../mesh/train.ts';
import { largePayload } from '../mtu.ts';
import { Ntp } from '../ntp/round.ts';
import { milliseconds, percent } from '../page.ts';
import { hostPort } from '../peers/peer.ts';
import type { Names } from '../resolve.ts';
import { get } from '../targets/http.ts';
import type { Place } from './place.ts';

export interface OnceOptions {
  readonly names: Pick<Names, 'addresses'>;
  readonly port: number;
  /** 0 sends no datagrams. */
  readonly udpPort: number;
  readonly count: number;
  readonly timeoutMs: number;
  readonly isInsecure: boolean;
  readonly mtu: (name: string) => string | undefined;
}

/** What one probe of one address found: a line of the table of its kind. */
export interface Line {
  readonly kind: Place['kind'];
  readonly host: string;
  readonly address: string;
  readonly isUp: boolean;
  readonly cells: readonly string[];
  /** The same in full, for JSON. */
  readonly found: object;
}

/** Heads of the tables, behind host and address. */
export const heads: Readonly<Record<Place['kind'], readonly string[]>> = {
  mesh: ['TCP', 'UDP', 'JITTER', 'LOSS', 'LARGE LOST', 'REORDERED', 'LOST ON THE WAY'],
  dns: ['NAME', 'OVER', 'RESULT', 'TIME', 'ADDRESSES'],
  ntp: ['RESULT', 'ROUND TRIP', 'OFFSET', 'STRATUM'],
  http: ['RESULT', 'TIME', 'CERTIFICATE UNTIL'],
};

/** Never rejects. */
export async function probeOnce(place: Place, options: OnceOptions): Promise<readonly Line[]> {
  const addresses = isIP(place.host) ? [place.host] : await options.names.addresses(place.host).catch(() => []);
  if (addresses.length === 0) return [{ kind: place.kind, host: place.text, address: '', isUp: false, cells: ['no_route'], found: { error: 'no_route', detail: 'the name has no address' } }];
  const lines = await Promise.all(addresses.map((address) => findings(place, address, options)));
  return lines.flatMap((of, i) => of.map((one) => ({ kind: place.kind, host: place.text, address: addresses[i] ?? '', ...one })));
}

type Found = Pick<Line, 'isUp' | 'cells' | 'found'>;
const common = { clock: systemClock, random: Math.random, signal: new AbortController().signal };

function findings(place: Place, address: string, options: OnceOptions): Promise<readonly Found[]> {
  switch (place.kind) {
    case 'mesh': return mesh(place.port ?? options.port, address, options);
    case 'dns': return dns(place, address, options);
    case 'ntp': return ntp(place.port ?? 123, address, options);
    case 'http': return http(place.url, address, options);
  }
}

async function mesh(port: number, address: string, { udpPort, count, timeoutMs, mtu }: OnceOptions): Promise<readonly Found[]> {
  const tcp = await connect(address, port, { timeoutMs, ...common });
  const [udp] = udpPort === 0 ? [] : await sendTrains([{ address, port: udpPort, largeBytes: largePayload(address, undefined, { addresses: networkInterfaces, mtu }) }], {
    small: count, large: Math.ceil(count / 5), spacingMs: 10, timeoutMs, session: Math.floor(Math.random() * 2 ** 32), firstTrain: 0, ...common,
  });
  const trip = udp && [milliseconds(median(udp.roundTrips)) || '-', milliseconds(jitterOf([udp.roundTrips])) || '-', lossOf(udp.small), lossOf(udp.large), String(udp.reordered), udp.lostOut + udp.lostIn > 0 ? `${udp.lostOut} out, ${udp.lostIn} in` : ''];
  return [{ isUp: tcp.kind === 'connected', cells: [tcp.kind === 'connected' ? milliseconds(tcp.seconds) : tcp.error, ...(trip ?? [])], found: { tcp, udp } }];
}

const lossOf = ({ sent, lost }: Count): string => (sent > 0 ? percent(lost / sent) : '-');

async function dns({ name, port = 53 }: Extract<Place, { kind: 'dns' }>, address: string, { timeoutMs }: OnceOptions): Promise<readonly Found[]> {
  const rounds = await dnsRound({ config: { names: [name], tcp: true, ipv6: true, timeoutSeconds: timeoutMs / 1000 }, servers: [{ name: address, role: 'service', address, port }], ...common });
  return rounds.flatMap(({ answers }) => answers.map(({ proto, result, seconds, replies }): Found => {
    const addresses = replies.flatMap((reply) => reply.addresses);
    return { isUp: result === 'NOERROR', cells: [name, proto, result, milliseconds(seconds) || '-', addresses.join(' ')], found: { name, proto, result, seconds, addresses } };
  }));
}

async function ntp(port: number, address: string, { timeoutMs }: OnceOptions): Promise<readonly Found[]> {
  const asked = new Ntp({ config: { servers: [hostPort(address, port)], samples: 2, timeoutSeconds: timeoutMs / 1000 }, resolve: () => Promise.resolve([]), ...common });
  return (await asked.round(common.signal)).map(({ result, detail, best, roundTrips }) => ({
    isUp: result === 'ok', cells: [result === 'ok' ? result : `${result} ${detail}`.trim(), milliseconds(best?.delay ?? roundTrips[0]) || '-', milliseconds(best?.offset) || '-', best ? String(best.stratum) : '-'], found: { result, detail, offset: best?.offset, delay: best?.delay, stratum: best?.stratum, leap: best?.leap },
  }));
}

async function http(url: URL, address: string, { timeoutMs, isInsecure }: OnceOptions): Promise<readonly Found[]> {
  const { error, detail, seconds, certificateNotAfter } = await get({ url, address, isInsecure, isExpected: (status) => status < 400, timeoutMs, ...common });
  const until = certificateNotAfter === undefined ? '' : new Date(certificateNotAfter * 1000).toISOString().slice(0, 16).replace('T', ' ');
  return [{ isUp: error === undefined, cells: [error === undefined ? 'ok' : `${error}: ${detail}`, milliseconds(seconds) || '-', until], found: { error, detail, seconds, certificateNotAfter } }];
}
