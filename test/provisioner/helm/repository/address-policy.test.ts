import { AddressPolicy } from '../../../../provisioner/helm/index.ts';

const allows = (policy: AddressPolicy, url: string, address?: string): boolean => {
  try {
    policy.checkUrl(new URL(url));
    if (address !== undefined) policy.checkAddress(new URL(url), address);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'REPOSITORY_REFUSED' });
    return false;
  }
};

it.each([
  ['127.0.0.1', 'loopback'], ['127.8.9.10', 'loopback'], ['::1', 'loopback'], ['169.254.169.254', "the cloud's metadata server"], ['fe80::1', 'link-local'],
  ['10.96.0.1', 'a Service'], ['172.16.0.1', 'private'], ['192.168.1.1', 'private'], ['100.64.0.1', 'carrier-grade NAT'], ['fd00::1', 'private'], ['0.0.0.0', 'this host'], ['::', 'this host'],
  ['::ffff:127.0.0.1', 'loopback inside IPv6'], ['::ffff:a9fe:a9fe', 'the metadata server inside IPv6'], ['64:ff9b::a00:1', 'private behind NAT64'], ['2002:7f00:1::', 'loopback in 6to4'], ['224.0.0.1', 'multicast'], ['255.255.255.255', 'broadcast'],
])('refuses %s: %s', (address) => {
  expect(allows(new AddressPolicy(), 'https://charts.example.com/', address)).toBe(false);
  expect(allows(new AddressPolicy(), `https://${address.includes(':') ? `[${address}]` : address}/`)).toBe(false);
});

it('takes what is on the internet, and of the rest what the operator allows', () => {
  expect(allows(new AddressPolicy(), 'https://charts.example.com/', '93.184.216.34')).toBe(true);
  expect(allows(new AddressPolicy(), 'https://charts.example.com/', '2606:2800:220:1::1')).toBe(true);
  const own = new AddressPolicy({ allowedCidrs: ['10.1.2.0/24'], refusedCidrs: ['93.184.216.0/24'] });
  expect(allows(own, 'https://registry.internal/', '10.1.2.3')).toBe(true);
  expect(allows(own, 'https://registry.internal/', '10.1.3.3')).toBe(false);
  expect(allows(own, 'https://charts.example.com/', '93.184.216.34')).toBe(false);
});

it('addresses in other notations are the same addresses', () => {
  for (const host of ['2130706433', '0x7f.1', '0177.0.0.1', '127.1']) expect(allows(new AddressPolicy(), `https://${host}/`)).toBe(false);
});

it('hosts by name or by domain, and no others', () => {
  const policy = new AddressPolicy({ allowedHosts: ['charts.example.com', '*.corp.test'] });
  expect(['https://charts.example.com', 'https://CHARTS.example.com', 'https://a.corp.test', 'https://a.b.corp.test'].map((url) => allows(policy, url))).toEqual([true, true, true, true]);
  expect(['https://example.com', 'https://corp.test', 'https://evilcorp.test', 'https://charts.example.com.evil.test'].map((url) => allows(policy, url))).toEqual([false, false, false, false]);
});

it('plain HTTP only where it was allowed, other schemes never', () => {
  expect(allows(new AddressPolicy(), 'http://charts.example.com')).toBe(false);
  expect(allows(new AddressPolicy({ plainHttpHosts: ['charts.example.com'] }), 'http://charts.example.com')).toBe(true);
  expect(allows(new AddressPolicy({ plainHttpHosts: ['*'] }), 'file:///etc/passwd')).toBe(false);
});

it('says what is no CIDR', () => {
  expect(() => new AddressPolicy({ allowedCidrs: ['10.0.0.1'] })).toThrow(/10.0.0.1 is no CIDR/);
});
