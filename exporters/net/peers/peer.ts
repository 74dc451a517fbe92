/** Another node as the mesh sees it. */
import { isIPv6 } from 'node:net';

export interface Peer {
  readonly node: string;
  /** Empty where nobody says. */
  readonly zone: string;
  /** The first address of each family that it has; never empty. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly udpPort: number;
  /** Takes part: ready and not terminating. */
  readonly isReady: boolean;
  /** The pod, where it is known; for the way through the API server. */
  readonly pod?: string | undefined;
}

/** Who is there, and which of them this node is. */
export interface Peers {
  /** Undefined where this node is not among them. */
  readonly self: Peer | undefined;
  readonly others: readonly Peer[];
}

/** `10.0.0.1:8000`, `[2001:db8::1]:8000`: also the label "host" of the families that are kept. */
export function hostPort(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The first address of each family, of those that are wanted. */
export function firstOfEachFamily(addresses: readonly string[], families: 'all' | 'ipv4' | 'ipv6'): string[] {
  const four = families === 'ipv6' ? undefined : addresses.find((address) => !isIPv6(address));
  const six = families === 'ipv4' ? undefined : addresses.find((address) => isIPv6(address));
  return [four, six].filter((address) => address !== undefined);
}
