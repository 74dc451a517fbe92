/** Addresses against what Node.js knows of them, and the allocator against its promises. */
import { BlockList } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contains, defaultPools, formatAddress, formatCidr, overlaps, parseAddress, parseCidr, pickFree } from '../../../sandbox/openstack/neutron/addresses.ts';

const v4 = fc.ipV4();
const v6 = fc.ipV6();
const cidr4 = fc.record({ address: v4, length: fc.integer({ min: 0, max: 32 }) }).map(({ address, length }) => `${address}/${length}`);
const host4 = fc.record({ address: v4, length: fc.integer({ min: 8, max: 29 }) }).map(({ address, length }) => `${address}/${length}`);

describe('addresses', () => {
  test('every IPv4 address is read and written back', () => {
    fc.assert(fc.property(v4, (address) => formatAddress(4, parseAddress(address)!.value) === address));
  });

  test('IPv6 addresses are written as the URL standard writes them', () => {
    fc.assert(fc.property(v6, (address) => {
      const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
      return formatAddress(6, parseAddress(address)!.value) === canonical;
    }));
  });

  test('what is no address is not read', () => {
    for (const text of ['', '10', '10.0.0', '10.0.0.256', '10.0.0.1/24', 'fe80::1%eth0', '::g', 'ten']) expect(parseAddress(text)).toBeUndefined();
    for (const text of ['', '/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/a', '2001:db8::/129', '10.0.0.0/8/8']) expect(parseCidr(text)).toBeUndefined();
  });

  test('a range holds the addresses that a block list of Node.js holds', () => {
    fc.assert(fc.property(cidr4, v4, (cidr, address) => {
      const list = new BlockList();
      const [base = '', length = ''] = cidr.split('/');
      list.addSubnet(base, Number(length), 'ipv4');
      return contains(parseCidr(cidr)!, address) === list.check(address, 'ipv4');
    }));
  });

  test('host bits of a range are cleared, and clearing them again changes nothing', () => {
    expect(formatCidr(parseCidr('10.6.0.77/24')!)).toBe('10.6.0.0/24');
    fc.assert(fc.property(cidr4, (cidr) => {
      const once = formatCidr(parseCidr(cidr)!);
      return formatCidr(parseCidr(once)!) === once;
    }));
  });

  test('two ranges overlap exactly when one holds the first address of the other', () => {
    fc.assert(fc.property(cidr4, cidr4, (a, b) => {
      const [left, right] = [parseCidr(a)!, parseCidr(b)!];
      const isShared = contains(left, formatAddress(4, right.first)) || contains(right, formatAddress(4, left.first));
      return overlaps(left, right) === isShared;
    }));
  });
});

describe('allocation', () => {
  test('the default pools leave out network, broadcast and gateway', () => {
    expect(defaultPools(parseCidr('10.6.0.0/24')!, '10.6.0.1')).toEqual([{ start: '10.6.0.2', end: '10.6.0.254' }]);
    expect(defaultPools(parseCidr('10.6.0.0/24')!, '10.6.0.7')).toEqual([{ start: '10.6.0.1', end: '10.6.0.6' }, { start: '10.6.0.8', end: '10.6.0.254' }]);
    expect(defaultPools(parseCidr('10.6.0.0/24')!, null)).toEqual([{ start: '10.6.0.1', end: '10.6.0.254' }]);
    expect(defaultPools(parseCidr('2001:db8::/64')!, '2001:db8::1')).toEqual([{ start: '2001:db8::2', end: '2001:db8::ffff:ffff:ffff:ffff' }]);
  });

  test('a drawn address is in a pool and not taken', () => {
    fc.assert(fc.property(host4, fc.array(v4, { maxLength: 20 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (cidr, others, chance) => {
      const range = parseCidr(cidr)!;
      const gateway = formatAddress(4, range.first + 1n);
      const taken = new Set([...others, formatAddress(4, range.first + 2n)]);
      const address = pickFree(defaultPools(range, gateway), taken, () => chance)!;
      return contains(range, address) && !taken.has(address) && address !== gateway && parseAddress(address)!.value < range.last;
    }));
  });

  test('every address of a pool is given once, then none', () => {
    const taken = new Set<string>();
    for (;;) {
      const address = pickFree([{ start: '10.0.0.3', end: '10.0.0.6' }, { start: '10.0.0.9', end: '10.0.0.9' }], taken, Math.random);
      if (address === undefined) break;
      expect(taken.has(address)).toBe(false);
      taken.add(address);
    }
    expect([...taken].sort()).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.9']);
  });
});
