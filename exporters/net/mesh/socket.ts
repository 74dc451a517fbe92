/** What sockets of this exporter share. */
import { isIPv6 } from 'node:net';

/** Sockets are given addresses, never names: nothing may wait for a resolver that is itself under test. */
export function withoutLookup(address: string, _options: unknown, callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void): void {
  callback(null, address, isIPv6(address) ? 6 : 4);
}
