/** What sockets of this exporter share. */

/**
 * Sockets are given addresses, never names: nothing may wait for a resolver that is itself under test. Called for every
 * datagram; in an address only IPv6 has colons (RFC 4291), and net.isIPv6 is a regular expression.
 */
export function withoutLookup(address: string, _options: unknown, callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void): void {
  callback(null, address, address.includes(':') ? 6 : 4);
}
