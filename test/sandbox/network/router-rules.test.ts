import { routerRules } from '../../../sandbox/network/router-rules.ts';
import { doorRules } from '../../../sandbox/network/load-balancer.ts';
import type { WantedLoadBalancer } from '../../../sandbox/openstack/seams.ts';

test('the rules of a router with a floating IP', () => {
  expect(routerRules({ gateway: '198.51.100.20', snat: true, floatingIps: [{ floating: '198.51.100.30', fixed: '10.0.0.5' }] })).toBe(`table ip keelson
delete table ip keelson
table ip keelson {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "gateway" meta mark set 2
    dnat to ip daddr map { 198.51.100.30 : 10.0.0.5 }
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct status & dnat != 0 ct original ip daddr . ct reply ip saddr != { 198.51.100.30 . 10.0.0.5 } drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    meta mark != 2 oifname != "gateway" ct status & dnat == 0 accept
    snat to ip saddr map { 10.0.0.5 : 198.51.100.30 }
    oifname "gateway" snat to 198.51.100.20
    meta mark != 2 ct status & dnat != 0 snat to 198.51.100.20
  }
}
`);
});

test('a router without SNAT leaves sources alone', () => {
  expect(routerRules({ gateway: '198.51.100.20', snat: false, floatingIps: [] })).not.toContain('oifname "gateway" snat');
});

test('a router without a gateway has no rules', () => {
  expect(routerRules({ snat: false, floatingIps: [] })).toBe('table ip keelson\ndelete table ip keelson\n');
});

test('only listeners with allowed CIDRs get a rule', () => {
  const listener = { members: [], protocol: 'TCP', port: 6443 } as const;
  const rules = doorRules({ id: 'x', listeners: [{ ...listener, id: 'a', allowedCidrs: ['10.0.0.0/8', '192.0.2.7/32'] }, { ...listener, id: 'b', port: 80, allowedCidrs: [] }] } as unknown as WantedLoadBalancer);
  expect(rules).toContain('    tcp dport 6443 ip saddr != { 10.0.0.0/8, 192.0.2.7/32 } drop\n');
  expect(rules).not.toContain('dport 80');
});
