/** IPv4 ranges: whether two of them share an address. */
import { isIPv4 } from 'node:net';

/** First and last address of `a.b.c.d/n` as numbers; undefined for anything else (IPv6 ranges are not compared). */
export function range(cidr: string): readonly [first: number, last: number] | undefined {
  const [address, length, rest] = cidr.split('/');
  const bits = Number(length);
  if (address === undefined || rest !== undefined || !isIPv4(address) || !/^\d{1,2}$/.test(length ?? '') || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = Math.floor(number / size) * size;
  return [first, first + size - 1];
}

export function overlap(a: string, b: string): boolean {
  const [left, right] = [range(a), range(b)];
  return left !== undefined && right !== undefined && left[0] <= right[1] && right[0] <= left[1];
}
