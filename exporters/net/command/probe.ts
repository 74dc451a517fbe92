/** `net-exporter probe HOST…`: the probes of the mesh once, from a shell, as a table. */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { connect, type ConnectResult } from '../connect.ts';
import { median } from '../mesh/history.ts';
import { sendTrains, type TrainResult } from '../mesh/train.ts';
import { largePayload } from '../mtu.ts';
import { milliseconds, percent } from '../page.ts';
import { Names } from '../resolve.ts';
import { ProbeError } from './errors.ts';

export interface ProbeCommandOptions {
  readonly write: (text: string) => void;
  readonly mtu: (name: string) => string | undefined;
}

const help = `Usage: net-exporter probe [flags] HOST…

Connects to each host over TCP and sends it a train of small and large UDP datagrams, which another net-exporter answers.
HOST is an address or a DNS name, with ":port" for another TCP port.

  --port      TCP port (8000)
  --udp-port  UDP port of the echo server (8001); 0 sends no datagrams
  --count     small datagrams (20)
  --timeout   seconds to wait for an answer (1)
  --json      as JSON
`;

interface Line {
  readonly host: string;
  readonly address: string;
  readonly tcp: ConnectResult;
  readonly udp: TrainResult | undefined;
}

/** @returns the exit code: 0 when every host took a connection, 1 otherwise. @throws ProbeError PROBE_USAGE */
export async function runProbe(argv: readonly string[], { write, mtu }: ProbeCommandOptions): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.help) return write(help), 0;
  if (positionals.length === 0) throw new ProbeError('PROBE_USAGE', 'probe: no host is named; for example: net-exporter probe 10.0.0.7 node-3.example:8000');
  const [port, udpPort, count, timeout] = (['port', 'udp-port', 'count', 'timeout'] as const).map((name) => numberOf(name, values[name]));
  const names = new Names({ servers: [], nowMs: () => systemClock.monotonicMs(), timeoutMs: 2000 });
  const lines = await Promise.all(positionals.map((host) => probeOne(host, { port: port ?? 8000, udpPort: udpPort ?? 8001, count: count ?? 20, timeoutMs: (timeout ?? 1) * 1000, names, mtu })));
  write(values.json ? `${JSON.stringify(lines, undefined, 2)}\n` : table(lines));
  return lines.every(({ tcp }) => tcp.kind === 'connected') ? 0 : 1;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: { port: { type: 'string', default: '8000' }, 'udp-port': { type: 'string', default: '8001' }, count: { type: 'string', default: '20' }, timeout: { type: 'string', default: '1' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
  } catch (cause) {
    throw new ProbeError('PROBE_USAGE', `probe: ${cause instanceof Error ? cause.message : String(cause)}; --help lists the flags`, { cause });
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0) || (name !== 'timeout' && (!Number.isInteger(value) || value > 65_535))) throw new ProbeError('PROBE_USAGE', `probe: --${name}=${text} is not a number that makes sense there`);
  return value;
}

interface OneOptions {
  readonly port: number;
  readonly udpPort: number;
  readonly count: number;
  readonly timeoutMs: number;
  readonly names: Names;
  readonly mtu: ProbeCommandOptions['mtu'];
}

async function probeOne(text: string, { port, udpPort, count, timeoutMs, names, mtu }: OneOptions): Promise<Line> {
  const { six, name, own } = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:]+))(?::(?<own>\d+))?$/.exec(text)?.groups ?? {};
  const host = six ?? name ?? text;
  const [address] = isIP(host) ? [host] : await names.addresses(host).catch(() => []);
  if (address === undefined) return { host: text, address: '', tcp: { kind: 'failed', error: 'no_route', detail: 'the name has no address' }, udp: undefined };
  const { signal } = new AbortController();
  const tcp = await connect(address, Number(own ?? port), { timeoutMs, clock: systemClock, signal });
  if (udpPort === 0) return { host: text, address, tcp, udp: undefined };
  const [udp] = await sendTrains([{ address, port: udpPort, largeBytes: largePayload(address, undefined, { addresses: networkInterfaces, mtu }) }], {
    small: count, large: Math.ceil(count / 5), spacingMs: 10, timeoutMs, session: Math.floor(Math.random() * 2 ** 32), firstTrain: 0, clock: systemClock, signal,
  });
  return { host: text, address, tcp, udp };
}

function table(lines: readonly Line[]): string {
  const rows = lines.map(({ host, address, tcp, udp }) => [
    host, address, tcp.kind === 'connected' ? milliseconds(tcp.seconds) : tcp.error,
    ...(udp ? [milliseconds(median(udp.roundTrips)) || '-', lossOf(udp.small), lossOf(udp.large), String(udp.reordered), udp.lostOut + udp.lostIn > 0 ? `${udp.lostOut} out, ${udp.lostIn} in` : ''] : []),
  ]);
  const all = [['HOST', 'ADDRESS', 'TCP', 'UDP', 'LOSS', 'LARGE LOST', 'REORDERED', 'LOST ON THE WAY'], ...rows];
  const widths = all[0]?.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length))) ?? [];
  return `${all.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()).join('\n')}\n`;
}

const lossOf = ({ sent, lost }: { readonly sent: number; readonly lost: number }): string => (sent > 0 ? percent(lost / sent) : '-');
