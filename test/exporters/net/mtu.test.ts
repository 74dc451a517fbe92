import { networkInterfaces } from 'node:os';
import { largePayload, readMtu, type Interfaces } from '../../../exporters/net/mtu.ts';

const interfaces = (mtus: Readonly<Record<string, string | undefined>>): Interfaces => ({
  addresses: () => ({
    lo: [{ address: '127.0.0.1', internal: true }, { address: '::1', internal: true }],
    eth0: [{ address: '10.0.0.1', internal: false }, { address: 'fd00::1', internal: false }],
    eth1: [{ address: '10.1.0.1', internal: false }],
  }),
  mtu: (name) => mtus[name],
});

describe('the payload that fills the MTU', () => {
  test('is that of the interface with the own address, without the headers of IP and UDP', () => {
    const both = interfaces({ lo: '65536', eth0: '1500', eth1: '1450' });
    expect(largePayload('10.9.9.9', '10.1.0.1', both)).toBe(1450 - 28);
    expect(largePayload('10.9.9.9', 'fd00::1', both)).toBe(1500 - 28);
    expect(largePayload('fd00::9', 'fd00::1', both)).toBe(1500 - 48);
  });

  test('where the own address is not known: of the first interface that is not loopback', () => {
    expect(largePayload('10.9.9.9', undefined, interfaces({ lo: '65536', eth0: '1400', eth1: '1450' }))).toBe(1400 - 28);
    expect(largePayload('10.9.9.9', '192.0.2.1', interfaces({ lo: '65536', eth0: '1400' }))).toBe(1400 - 28);
  });

  test('between two of loopback it is not more than anything between nodes has', () => {
    expect(largePayload('127.0.0.1', '127.0.0.1', interfaces({ lo: '65536' }))).toBe(9000 - 28);
    expect(largePayload('::1', '::1', { ...interfaces({}), addresses: () => ({ lo: [{ address: '::1', internal: true }] }), mtu: () => '65536' })).toBe(9000 - 48);
  });

  test.each([[undefined], [''], ['none'], ['0'], ['575'], ['-1']])('an MTU of %j is none: that of Ethernet', (mtu) => {
    expect(largePayload('10.9.9.9', '10.0.0.1', interfaces({ eth0: mtu }))).toBe(1500 - 28);
  });

  test('576 is the least that IPv4 has, and is believed', () => {
    expect(largePayload('10.9.9.9', '10.0.0.1', interfaces({ eth0: '576\n' }))).toBe(576 - 28);
  });

  test('no interface at all: that of Ethernet', () => {
    expect(largePayload('10.9.9.9', undefined, { addresses: () => ({}), mtu: () => { throw new Error('nothing is asked for'); } })).toBe(1500 - 28);
  });

  test('of this machine: loopback as Linux has it, and none for what is not there', () => {
    expect(Object.keys(networkInterfaces())).toContain('lo');
    expect(Number(readMtu('lo'))).toBeGreaterThan(9000);
    expect(readMtu('nowhere')).toBeUndefined();
  });
});
