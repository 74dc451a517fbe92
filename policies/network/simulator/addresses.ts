/** IP addresses and prefixes, as Go's net/netip reads them: no zones, no leading zeros, host bits of a prefix do not count. */

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Prefix {
  readonly family: 4 | 6;
  /** First address; bits after the prefix length are zero. */
  readonly value: bigint;
  readonly length: number;
}

/** undefined for what is not an address. */
export function parseAddress(text: string): Address | undefined {
  const value = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  return value === undefined ? undefined : { family: text.includes(':') ? 6 : 4, value };
}

/** "10.0.0.0/8"; undefined for anything else, a bare address too. */
export function parsePrefix(text: string): Prefix | undefined {
  const [ip = '', length, ...rest] = text.split('/');
  const address = parseAddress(ip);
  if (!address || length === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bits = Number(length);
  return bits > widthOf(address.family) ? undefined : { family: address.family, value: masked(address, bits), length: bits };
}

export function contains(prefix: Prefix, address: Address): boolean {
  return prefix.family === address.family && masked(address, prefix.length) === prefix.value;
}

/** Whether every address of `inner` is in `outer`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && contains(outer, inner);
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function masked(address: Address, length: number): bigint {
  const rest = BigInt(widthOf(address.family) - length);
  return (address.value >> rest) << rest;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The 16-bit groups of one half; the last may be written as an IPv4 address. */
function groupsOf(half: string): bigint[] | undefined {
  if (half === '') return [];
  const groups: bigint[] = [];
  const parts = half.split(':');
  for (const [i, part] of parts.entries()) {
    const ipv4 = i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

export function formatPrefix({ family, value, length }: Prefix): string {
  return `${formatAddress({ family, value })}/${length}`;
}

/** IPv6 in the short form of RFC 5952. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  const runs = [...groups.join(':').matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].map((match) => match[0]).sort((a, b) => b.length - a.length);
  const [longest] = runs;
  return longest === undefined ? groups.join(':') : groups.join(':').replace(new RegExp(`(^|:)${longest}(:|$)`), '::');
}
