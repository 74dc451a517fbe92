/** `net-exporter probe PLACE…`: the same probes once, from a shell, as a table. */
import { parseArgs } from 'node:util';
import { columns } from '../../core/columns.ts';
import { ProbeError } from './errors.ts';
import { heads, type Line, type OnceOptions, probeOnce } from './once.ts';
import { placeOf } from './place.ts';

export interface ProbeCommandOptions extends Pick<OnceOptions, 'names' | 'mtu'> {
  readonly write: (text: string) => void;
}

const help = `Usage: net-exporter probe [flags] PLACE…

Probes each address of each place once. PLACE is one of
  HOST, HOST:PORT            another net-exporter: a TCP connection, and a train of small and large UDP datagrams
  dns://SERVER[:PORT]/NAME   the addresses of NAME, over UDP and TCP, A and AAAA
  ntp://SERVER[:PORT]        its clock against this one
  http://…, https://…        a GET: every status below 400 is well; and when the certificate ends
where HOST and SERVER are addresses or DNS names.

  --port      TCP port of hosts (8000)
  --udp-port  UDP port of their echo server (8001); 0 sends no datagrams
  --count     small datagrams (20)
  --timeout   seconds to wait for an answer (1)
  --insecure  do not verify certificates
  --json      as JSON
`;

/** @returns the exit code: 0 when every address of every place answered well, 1 otherwise. @throws ProbeError PROBE_USAGE */
export async function runProbe(argv: readonly string[], { write, mtu, names }: ProbeCommandOptions): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.help) return write(help), 0;
  if (positionals.length === 0) throw new ProbeError('PROBE_USAGE', 'probe: no place is named; for example: net-exporter probe 10.0.0.7 dns://10.96.0.10/www.example.org.');
  const number = (name: 'port' | 'udp-port' | 'count' | 'timeout'): number => numberOf(name, values[name]);
  const options: OnceOptions = { names, mtu, port: number('port'), udpPort: number('udp-port'), count: number('count'), timeoutMs: number('timeout') * 1000, isInsecure: values.insecure };
  const lines = (await Promise.all(positionals.map(placeOf).map((place) => probeOnce(place, options)))).flat();
  write(values.json ? `${JSON.stringify(lines.map(({ found, kind, host, address, isUp }) => ({ kind, host, address, isUp, ...found })), undefined, 2)}\n` : tables(lines));
  return lines.every(({ isUp }) => isUp) ? 0 : 1;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: {
        port: { type: 'string', default: '8000' }, 'udp-port': { type: 'string', default: '8001' }, count: { type: 'string', default: '20' }, timeout: { type: 'string', default: '1' },
        insecure: { type: 'boolean', default: false }, json: { type: 'boolean' }, help: { type: 'boolean' },
      },
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

/** One for each kind that was named, in the order of the first of each. */
function tables(lines: readonly Line[]): string {
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  return kinds.map((kind) => `${columns([['HOST', 'ADDRESS', ...heads[kind]], ...lines.filter((line) => line.kind === kind).map(({ host, address, cells }) => [host, address, ...cells])]).join('\n')}\n`).join('\n');
}
