import { expect, test } from '@jest/globals';
import { difference, wantedRanges } from '../../../../provisioner/operators/bastion-access/wanted.ts';
import type { SecurityGroupRuleRecord } from '../../../../provisioner/openstack/index.ts';

const rule = (id: string, fields: Partial<SecurityGroupRuleRecord>): SecurityGroupRuleRecord => ({ id, direction: 'ingress', ethertype: 'IPv4', protocol: 'tcp', port_range_min: 22, port_range_max: 22, remote_ip_prefix: null, remote_group_id: null, ...fields });
const cluster = (bastion: object): Parameters<typeof wantedRanges>[0] => ({ metadata: { name: 'demo', namespace: 'org-demo' }, spec: { topology: { variables: [{ name: 'controlPlane', value: { flavor: 'a', image: 'b' } }, { name: 'bastion', value: bastion }] } } }) as unknown as Parameters<typeof wantedRanges>[0];

test('nobody is kept away without a list, and nobody from a bastion that is not there', () => {
  expect(wantedRanges(cluster({}))).toBeUndefined();
  expect(wantedRanges(cluster({ enabled: false, allowedCidrs: ['203.0.113.0/24'] }))).toBeUndefined();
  expect(wantedRanges(cluster({ allowedCidrs: ['203.0.113.0/24'] }))).toEqual(['203.0.113.0/24']);
});

test('a rule that lets in more than SSH of a range, or somebody else, is taken away', () => {
  const rules = [
    rule('right', { remote_ip_prefix: '203.0.113.0/24' }),
    rule('everybody', {}),
    rule('all ports', { remote_ip_prefix: '203.0.113.0/24', port_range_min: null, port_range_max: null }),
    rule('more ports', { remote_ip_prefix: '203.0.113.0/24', port_range_max: 80 }),
    rule('other range', { remote_ip_prefix: '203.0.0.0/16' }),
    rule('group', { remote_group_id: 'g' }),
    rule('out', { direction: 'egress', protocol: null, port_range_min: null, port_range_max: null }),
  ];
  const { missing, surplus } = difference(rules, ['203.0.113.0/24', '198.51.100.0/24']);
  expect(missing).toEqual(['198.51.100.0/24']);
  expect(surplus.map(({ id }) => id)).toEqual(['everybody', 'all ports', 'more ports', 'other range', 'group']);
});
