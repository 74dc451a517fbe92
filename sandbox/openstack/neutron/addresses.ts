/** IP addresses as numbers, CIDRs, and the choice of a free address. Both families; addresses are bigint because IPv6 needs it. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Random } from '../clock.ts';
import type { AddressRange } from './records.ts';

export interface Cidr {
  readonly version: 4 | 6;
  /** The network address: host bits are zero. */
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
}

/** undefined: not an address. */
export function parseAddress(text: string): { version: 4 | 6; value: bigint } | undefined {
  if (isIPv4(text)) return { version: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  if (isIPv6(text) && !text.includes('%')) return { version: 6, value: parseV6(text) };
  return undefined;
}

export function formatAddress(version: 4 | 6, value: bigint): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return compress(groups);
}

/** undefined: not a CIDR. Host bits are cleared, as Neutron does: 10.6.0.7/24 is 10.6.0.0/24. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const parsed = parseAddress(address);
  if (!parsed || rest.length > 0) return undefined;
  const bits = parsed.version === 4 ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefixLength = length === undefined ? bits : Number(length);
  if (prefixLength > bits) return undefined;
  const hostBits = BigInt(bits - prefixLength);
  const first = (parsed.value >> hostBits) << hostBits;
  return { version: parsed.version, first, last: first + (1n << hostBits) - 1n, prefixLength };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatAddress(cidr.version, cidr.first)}/${cidr.prefixLength}`;
}

export function contains(cidr: Cidr, address: string): boolean {
  const parsed = parseAddress(address);
  return parsed !== undefined && parsed.version === cidr.version && parsed.value >= cidr.first && parsed.value <= cidr.last;
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last;
}

/** The first usable address, Neutron's gateway when none is named. */
export function firstHost(cidr: Cidr): string {
  return formatAddress(cidr.version, cidr.first + 1n);
}

/** What is left of a subnet for hosts when network, broadcast and gateway addresses are taken: one range, or two around the gateway. */
export function defaultPools(cidr: Cidr, gateway: string | null): AddressRange[] {
  const low = cidr.first + 1n;
  const high = cidr.version === 4 ? cidr.last - 1n : cidr.last;
  const taken = gateway === null ? undefined : parseAddress(gateway)?.value;
  const ranges: [bigint, bigint][] = taken === undefined || taken < low || taken > high ? [[low, high]] : [[low, taken - 1n], [taken + 1n, high]];
  return ranges.filter(([from, to]) => from <= to).map(([from, to]) => ({ start: formatAddress(cidr.version, from), end: formatAddress(cidr.version, to) }));
}

/**
 * A free address of the pools, undefined when all are taken. Like Neutron, picks at random among the lowest free ones
 * (`neutron/ipam/drivers/neutrondb_ipam/driver.py`, `_allocate_ips_…`), so that a freed address is seldom given out again at once.
 */
export function pickFree(pools: readonly AddressRange[], taken: ReadonlySet<string>, random: Random): string | undefined {
  const window: string[] = [];
  for (const { start, end } of pools) {
    const from = parseAddress(start);
    const to = parseAddress(end);
    if (!from || !to) continue;
    for (let value = from.value; value <= to.value && window.length < windowSize; value++) {
      const address = formatAddress(from.version, value);
      if (!taken.has(address)) window.push(address);
    }
  }
  return window[Math.floor(random() * window.length)];
}

const windowSize = 30;

function parseV6(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = dotted?.[2] === undefined ? undefined : parseAddress(dotted[2])?.value;
  const plain = v4 === undefined ? text : `${dotted?.[1] ?? ''}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: zeros }, () => '0'), ...right].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** RFC 5952: the longest run of two or more zero groups becomes `::`. */
function compress(groups: readonly string[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}
