/** What is named on the command line of `net-exporter probe`: the scheme says which probe is made. */
import { dnsName } from '../config.ts';
import { ProbeError } from './errors.ts';

interface Named {
  /** As it was typed. */
  readonly text: string;
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

export type Place =
  /** Another net-exporter: TCP and datagrams. */
  | (Named & { readonly kind: 'mesh' })
  | (Named & { readonly kind: 'dns'; readonly name: string })
  | (Named & { readonly kind: 'ntp' })
  | (Named & { readonly kind: 'http'; readonly url: URL });

/** "host", "host:port", "[address]:port", "dns://server/name", "ntp://server", "https://host/path". @throws ProbeError PROBE_USAGE */
export function placeOf(text: string): Place {
  if (!text.includes('://')) return { kind: 'mesh', ...hostOf(text) };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const { protocol = '', hostname = '', port = '', pathname = '' } = url ?? {};
  const named: Named = { text, host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? undefined : Number(port) };
  if (url === undefined || named.host === '') throw wrong(text, 'it is no address');
  if (protocol === 'http:' || protocol === 'https:') return { kind: 'http', ...named, url };
  if (protocol === 'ntp:') return { kind: 'ntp', ...named };
  if (protocol !== 'dns:') throw wrong(text, `${protocol.slice(0, -1)} is not probed; http, https, dns and ntp are`);
  const name = pathname.slice(1);
  // What a URL has to escape is in no name of a host.
  if (!dnsName.safeParse(name).success || name.includes('%')) throw wrong(text, 'the name to ask for is missing or is none: dns://10.96.0.10/www.example.org.');
  return { kind: 'dns', ...named, name };
}

function hostOf(text: string): Named {
  const { six, name, port } = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups ?? {};
  // An IPv6 address alone has colons and no port.
  const host = six ?? name ?? (/^[0-9a-f:.]+(%\w+)?$/i.test(text) ? text : undefined);
  if (host === undefined || Number(port ?? 1) < 1 || Number(port ?? 1) > 65_535) throw wrong(text, 'it is no host, host:port or [address]:port');
  return { text, host, port: port === undefined ? undefined : Number(port) };
}

const wrong = (text: string, why: string): ProbeError => new ProbeError('PROBE_USAGE', `probe: "${text}": ${why}`);
