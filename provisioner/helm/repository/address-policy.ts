/**
 * Where charts may be fetched from. Whoever may create a Catalog makes the operator connect somewhere, and the operator
 * stands inside the management network: what it can reach from there is no business of tenants (server-side request forgery).
 */
import { BlockList, isIP } from 'node:net';
import { RepositoryError, shown } from './errors.ts';

export interface AddressPolicyOptions {
  /** Hosts that may be named: "charts.example.com", "*.example.com". Empty: any. */
  readonly allowedHosts?: readonly string[];
  /** CIDRs that may be connected to although they are special or refused: a registry inside the network. */
  readonly allowedCidrs?: readonly string[];
  /** CIDRs that are never connected to, besides the special ones: nodes, pods and Services of the management cluster. */
  readonly refusedCidrs?: readonly string[];
  /** Hosts that are spoken to by plain HTTP, Helm repositories and registries alike; all others by HTTPS only. */
  readonly plainHttpHosts?: readonly string[];
}

/**
 * Addresses that are not on the internet: IANA's special-purpose registries (RFC 6890), among them loopback, link-local with
 * the cloud's metadata server, private and carrier-grade networks; for IPv6 also those that carry an IPv4 address inside.
 */
const special = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3',
  '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
];

export class AddressPolicy {
  readonly #hosts: readonly string[];
  readonly #allowed: BlockList;
  readonly #refused: BlockList;
  readonly #plainHttpHosts: readonly string[];

  /** @throws {RangeError} for what is no CIDR */
  constructor(o: AddressPolicyOptions = {}) {
    this.#hosts = (o.allowedHosts ?? []).map((host) => host.toLowerCase());
    this.#allowed = blockList(o.allowedCidrs ?? []);
    this.#refused = blockList([...special, ...(o.refusedCidrs ?? [])]);
    this.#plainHttpHosts = (o.plainHttpHosts ?? []).map((host) => host.toLowerCase());
  }

  speaksHttp(hostname: string): boolean {
    return this.#plainHttpHosts.some((pattern) => matches(pattern, hostname.toLowerCase()));
  }

  /** Scheme and host, and the address where the host is one. Called for every redirect too. @throws {RepositoryError} REPOSITORY_REFUSED */
  checkUrl(url: URL): void {
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.speaksHttp(url.hostname))) throw refused(url, `${url.protocol}// is not allowed, use https://`);
    const host = url.hostname.toLowerCase();
    if (this.#hosts.length > 0 && !this.#hosts.some((pattern) => matches(pattern, host))) throw refused(url, `the host ${host} is not on the operator's list of hosts`);
    const address = host.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0) this.checkAddress(url, address);
  }

  /** The address that a connection is about to be made to: what a name resolved to just now. @throws {RepositoryError} REPOSITORY_REFUSED */
  checkAddress(url: URL, address: string): void {
    const plain = mapped(address);
    const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
    if (this.#allowed.check(plain, family) || !this.#refused.check(plain, family)) return;
    throw refused(url, `${url.hostname} is ${address}, an address inside a network that charts are not fetched from`);
  }
}

/** ::ffff:10.0.0.1 and ::ffff:a00:1 are 10.0.0.1. */
function mapped(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted) return dotted;
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (!hex) return address;
  const [high, low] = [parseInt(hex[1] ?? '0', 16), parseInt(hex[2] ?? '0', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function matches(pattern: string, host: string): boolean {
  return pattern === '*' || (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern);
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', length = ''] = cidr.split('/');
    const family = isIP(network);
    if (family === 0 || !/^\d{1,3}$/.test(length)) throw new RangeError(`${cidr} is no CIDR; write it like 10.0.0.0/8`);
    list.addSubnet(network, Number(length), family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function refused(url: URL, why: string): RepositoryError {
  return new RepositoryError('REPOSITORY_REFUSED', `${shown(url)}: ${why}; ask the owners of the fleet to allow it`);
}
