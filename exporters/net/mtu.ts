/** How large a datagram may be that the interface of this pod sends in one piece. */
import { isIPv6 } from 'node:net';

/** Headers of IP and UDP. */
const headerBytes = { 4: 20 + 8, 6: 40 + 8 };

/** Of Ethernet, where the interface does not say. */
const usualMtu = 1500;

/** Loopback interfaces have 64 KiB; nothing between nodes has more than this. */
const largestMtu = 9000;

export interface Interfaces {
  /** Interface → its addresses: os.networkInterfaces(). */
  readonly addresses: () => Readonly<Record<string, readonly { readonly address: string; readonly internal: boolean }[] | undefined>>;
  /** Text of /sys/class/net/<interface>/mtu, which every pod can read; undefined where there is none. */
  readonly mtu: (name: string) => string | undefined;
}

/**
 * Payload of a datagram that fills the MTU.
 * @param own an address of this node among the peers, to tell which interface; undefined where it is not known
 */
export function largePayload(destination: string, own: string | undefined, interfaces: Interfaces): number {
  const known = Object.entries(interfaces.addresses());
  const name = (known.find(([, list]) => list?.some(({ address }) => address === own)) ?? known.find(([, list]) => list?.some(({ internal }) => !internal)) ?? known[0])?.[0];
  const mtu = Number(name === undefined ? NaN : interfaces.mtu(name));
  return Math.min(mtu >= 576 ? mtu : usualMtu, largestMtu) - headerBytes[isIPv6(destination) ? 6 : 4];
}

/** Text of the file of an interface, or undefined where there is none. */
export function readMtu(name: string): string | undefined {
  try {
    return process.getBuiltinModule('node:fs').readFileSync(`/sys/class/net/${name}/mtu`, 'utf8');
  } catch {
    return undefined;
  }
}
