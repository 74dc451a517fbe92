/**
 * Names of NTP servers and targets, and of the own Service: by DNS alone, without /etc/hosts and search domains, and
 * without the thread pool that getaddrinfo(3) would occupy for as long as a resolver is silent.
 */
import type { Resolver } from 'node:dns';

/** How long the addresses of a name are used, in milliseconds. */
const keptMs = 60_000;

export class Names {
  readonly #resolver: Resolver;
  readonly #nowMs: () => number;
  readonly #known = new Map<string, { readonly addresses: readonly string[]; readonly atMs: number }>();

  /** @param servers addresses with ports, or none for those of the system */
  constructor(options: { readonly servers: readonly string[]; readonly nowMs: () => number; readonly timeoutMs: number }) {
    const { Resolver: Made } = process.getBuiltinModule('node:dns');
    this.#resolver = new Made({ timeout: options.timeoutMs, tries: 2, maxTimeout: options.timeoutMs });
    if (options.servers.length > 0) this.#resolver.setServers([...options.servers]);
    this.#nowMs = options.nowMs;
  }

  /** IPv4 first. What was known stays in use while nobody answers. @throws Error of node:dns when the name has no address and never had */
  async addresses(name: string): Promise<readonly string[]> {
    const known = this.#known.get(name);
    if (known && this.#nowMs() - known.atMs < keptMs) return known.addresses;
    const results = await Promise.allSettled([this.#resolve(name, 'A'), this.#resolve(name, 'AAAA')]);
    const addresses = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    if (addresses.length > 0) this.#known.set(name, { addresses, atMs: this.#nowMs() });
    else if (known) return known.addresses;
    else if (results[0].status === 'rejected') throw results[0].reason;
    return addresses;
  }

  #resolve(name: string, type: 'A' | 'AAAA'): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, addresses: string[]): void => (error ? reject(error) : resolve(addresses));
      if (type === 'A') this.#resolver.resolve4(name, done);
      else this.#resolver.resolve6(name, done);
    });
  }
}
