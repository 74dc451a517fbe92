import { networkSize, nodeTable, nthAddress, subnet } from '../../../sandbox/cri/node-table.ts';

describe('the table of a node', () => {
  test('masquerades what leaves for its own subnet and for the public internet, forwards host ports', () => {
    expect(nodeTable({
      podCidr: '10.100.1.0/24', device: 'eth0', addresses: ['10.10.0.5/24'],
      hostPorts: [{ protocol: 'tcp', hostPort: 80, hostIp: '', podIp: '10.100.1.7', containerPort: 8080 }, { protocol: 'udp', hostPort: 53, hostIp: '10.10.0.5', podIp: '10.100.1.8', containerPort: 53 }],
    })).toBe(`table ip keelson
delete table ip keelson
table ip keelson {
  chain host-ports-in {
    type nat hook prerouting priority -100; policy accept;
    ip daddr { 10.10.0.5 } tcp dport 80 dnat to 10.100.1.7:8080
    ip daddr 10.10.0.5 udp dport 53 dnat to 10.100.1.8:53
  }
  chain host-ports-out {
    type nat hook output priority -100; policy accept;
    ip daddr { 10.10.0.5 } tcp dport 80 dnat to 10.100.1.7:8080
    ip daddr 10.10.0.5 udp dport 53 dnat to 10.100.1.8:53
  }
  chain outbound {
    type nat hook postrouting priority 100; policy accept;
    oifname != "eth0" return
    ip saddr != 10.100.1.0/24 return
    ip daddr { 10.10.0.0/24 } masquerade
    ip daddr { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16 } return
    masquerade
  }
}
`);
  });

  test('addresses are counted as networks are', () => {
    expect(subnet('192.168.77.200/20')).toBe('192.168.64.0/20');
    expect(subnet('255.255.255.255/0')).toBe('0.0.0.0/0');
    expect(nthAddress('10.100.1.0/24', 1)).toBe('10.100.1.1');
    expect(nthAddress('10.100.0.0/16', 300)).toBe('10.100.1.44');
    expect(networkSize('10.0.0.0/26')).toBe(64);
  });
});
