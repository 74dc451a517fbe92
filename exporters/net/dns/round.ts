/** A round of DNS: every name over every protocol from every server, and what it means for the metrics. */
import type { Clock, Random } from '../../core/clock.ts';
import type { DnsResult } from '../catalogue.ts';
import type { Config } from '../config.ts';
import type { Meter } from '../meter.ts';
import type { Answer, DnsView } from '../verdict/dns.ts';
import { ask, type Reply } from './ask.ts';
import type { DnsServer } from './servers.ts';

export interface DnsRoundOptions {
  readonly config: Pick<Config['dns'], 'names' | 'tcp' | 'ipv6' | 'timeoutSeconds'>;
  readonly servers: readonly DnsServer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What a server made of a name over a protocol, both families together. */
interface NameAnswer extends Answer {
  readonly name: string;
  readonly replies: readonly Reply[];
}

export interface DnsServerRound {
  readonly server: DnsServer;
  readonly answers: readonly NameAnswer[];
}

/** Never rejects. All queries of a round go out together. */
export function dnsRound({ config, servers, clock, random, signal }: DnsRoundOptions): Promise<readonly DnsServerRound[]> {
  const protocols = config.tcp ? (['udp', 'tcp'] as const) : (['udp'] as const);
  const types = config.ipv6 ? (['A', 'AAAA'] as const) : (['A'] as const);
  return Promise.all(servers.map(async (server): Promise<DnsServerRound> => {
    const answers = await Promise.all(protocols.flatMap((proto) => config.names.map(async (name): Promise<NameAnswer> => {
      const replies = await Promise.all(types.map((type) => ask({ server, proto, name, type, timeoutMs: config.timeoutSeconds * 1000, clock, random, signal })));
      return { name, proto, replies, result: together(replies), seconds: least(replies.map(({ seconds }) => seconds)) };
    })));
    return { server, answers };
  }));
}

/** A name is resolved when either family has an address. What went wrong with one family goes before what is empty in both. */
function together(replies: readonly Reply[]): DnsResult {
  if (replies.some(({ result, addresses }) => result === 'NOERROR' && addresses.length > 0)) return 'NOERROR';
  return replies.find(({ result }) => result !== 'NOERROR')?.result ?? 'EMPTY';
}

function least(seconds: readonly (number | undefined)[]): number | undefined {
  const known = seconds.filter((one) => one !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

export const viewOf = ({ server, answers }: DnsServerRound): DnsView => ({ name: server.name, role: server.role, node: server.node, zone: server.zone, answers });

const serverFamilies = ['net_exporter_dns_up', 'net_exporter_dns_latency_seconds', 'net_exporter_dns_results_total'];

export function recordDns(meter: Meter, rounds: readonly DnsServerRound[]): void {
  meter.add('dns_error_total', {}, rounds.length > 0 ? 0 : 1);
  meter.keep(serverFamilies, 'server', new Set(rounds.map(({ server }) => server.name)));
  for (const { server: { name, role }, answers } of rounds) {
    const labels = { server: name, role };
    meter.set('net_exporter_dns_up', labels, answers.every(({ result }) => result === 'NOERROR') ? 1 : 0);
    for (const proto of ['udp', 'tcp'] as const) {
      const own = answers.filter((answer) => answer.proto === proto);
      const slowest = Math.max(...own.flatMap(({ replies }) => replies.flatMap(({ seconds }) => seconds ?? [])));
      meter.set('net_exporter_dns_latency_seconds', { ...labels, proto }, Number.isFinite(slowest) ? slowest : undefined);
      for (const { replies, result } of own) {
        // An answer with addresses of the other family is no failure of this one.
        for (const reply of replies) meter.add('net_exporter_dns_results_total', { ...labels, proto, rcode: result === 'EMPTY' ? 'EMPTY' : reply.result });
      }
    }
  }
  const service = rounds.find(({ server }) => server.role === 'service') ?? rounds[0];
  for (const { name, proto, replies, result } of service?.answers ?? []) {
    meter.add('dns_resolve_error_total', { proto, host: name }, result === 'NOERROR' ? 0 : 1);
    for (const { seconds } of replies) if (seconds !== undefined) meter.observe(`dns_${proto}_latency_seconds`, { host: name }, seconds);
  }
}
