/** Ports of rules: numbers, ranges, names; ICMP types, which Cilium keeps where the port is. */
import type { Transport } from '../model.ts';

export type PortMatch = NumberedPort | NamedPort;

interface NumberedPort {
  readonly protocol: Transport;
  readonly from: number;
  readonly to: number;
  /** What looks into the traffic that is allowed here: "http", "dns", "tls", "listener". */
  readonly proxy?: string;
}

interface NamedPort {
  readonly protocol: Transport;
  /** Lower case. */
  readonly name: string;
  readonly proxy?: string;
}

/** Port names of the pod that receives, with the number and protocol behind each. */
export type NamedPorts = ReadonlyMap<string, { readonly port: number; readonly protocol: string }>;

/** @param names of the receiving end: names are those of the pod that serves, in both directions */
export function matchesPort(match: PortMatch, protocol: Transport, port: number, names: NamedPorts): boolean {
  if (match.protocol !== protocol) return false;
  if (!('name' in match)) return match.from <= port && port <= match.to;
  const named = names.get(match.name);
  return named !== undefined && named.protocol === protocol && named.port === port;
}

/** "TCP 8080", "UDP 8000-8010", "TCP http", "TCP" for all of it. */
export function formatMatch(match: PortMatch): string {
  if ('name' in match) return `${match.protocol} ${match.name}`;
  if (match.to === 65535 && match.from <= 1) return match.protocol;
  return `${match.protocol} ${match.from === match.to ? match.from : `${match.from}-${match.to}`}`;
}

/** IANA service name (RFC 6335), as Cilium tells names from numbers: "0x10" is a name. */
export function isPortName(text: string): boolean {
  return text.length > 0 && text.length <= 15 && /^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/.test(text) && /[a-zA-Z]/.test(text);
}

/** A number in Go's notation (strconv.ParseUint with base 0): "010" is 8. undefined for what is none, or above 65535. */
export function parsePort(text: string): number | undefined {
  const digits = text.replaceAll(/(?<=\d)_(?=\d)/g, '');
  if (!/^\d+$/.test(digits)) return undefined;
  const isOctal = digits.length > 1 && digits.startsWith('0');
  if (isOctal && /[89]/.test(digits)) return undefined;
  const value = Number.parseInt(digits, isOctal ? 8 : 10);
  return value <= 65535 ? value : undefined;
}

/** Port 0 stands for all; a range that ends before it starts is its first port. */
export function portRange(protocol: Transport, port: number, endPort: number | undefined, proxy?: string): NumberedPort {
  const to = port === 0 ? 65535 : endPort !== undefined && endPort > port ? endPort : port;
  return { protocol, from: port, to, ...(proxy === undefined ? {} : { proxy }) };
}

const icmpv4: Readonly<Record<string, number>> = {
  EchoReply: 0, DestinationUnreachable: 3, Redirect: 5, Echo: 8, EchoRequest: 8, RouterAdvertisement: 9, RouterSelection: 10, TimeExceeded: 11,
  ParameterProblem: 12, Timestamp: 13, TimestampReply: 14, Photuris: 40, ExtendedEchoRequest: 42, ExtendedEchoReply: 43,
};

const icmpv6: Readonly<Record<string, number>> = {
  DestinationUnreachable: 1, PacketTooBig: 2, TimeExceeded: 3, ParameterProblem: 4, EchoRequest: 128, EchoReply: 129, MulticastListenerQuery: 130,
  MulticastListenerReport: 131, MulticastListenerDone: 132, RouterSolicitation: 133, RouterAdvertisement: 134, NeighborSolicitation: 135,
  NeighborAdvertisement: 136, RedirectMessage: 137, RouterRenumbering: 138, ICMPNodeInformationQuery: 139, ICMPNodeInformationResponse: 140,
  InverseNeighborDiscoverySolicitation: 141, InverseNeighborDiscoveryAdvertisement: 142, HomeAgentAddressDiscoveryRequest: 144,
  HomeAgentAddressDiscoveryReply: 145, MobilePrefixSolicitation: 146, MobilePrefixAdvertisement: 147, DuplicateAddressRequestCodeSuffix: 157,
  DuplicateAddressConfirmationCodeSuffix: 158, ExtendedEchoRequest: 160, ExtendedEchoReply: 161,
};

/**
 * One field of `icmps`. Type 0 (EchoReply) matches every type: where ports are kept, 0 stands for all.
 * @returns undefined for a name that the family does not have
 */
export function icmpMatch(family: string | undefined, type: string | number): PortMatch | undefined {
  const isV6 = family === 'IPv6';
  const value = typeof type === 'number' || /^\d+$/.test(type) ? Number(type) : (isV6 ? icmpv6 : icmpv4)[type];
  return value === undefined || value > 255 ? undefined : portRange(isV6 ? 'ICMPv6' : 'ICMP', value, undefined);
}
