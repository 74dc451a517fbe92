import { describe, expect, test } from '@jest/globals';
import { apiAccessPolicy } from '../../../../provisioner/operators/api-access/policy.ts';
import { ownAddresses, wantedAccess } from '../../../../provisioner/operators/api-access/wanted.ts';
import type { OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import type { PreflightCluster } from '../../../../provisioner/preflight/cluster.ts';
import { address, ccnp, decide, node, tcp, web } from '../../../policies/network/small-world.ts';

describe('the host policy, as Cilium decides', () => {
  const policy = apiAccessPolicy({ port: 6443, allowed: ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7/32'] });
  const settings = { hostFirewall: true };
  const isAllowed = (from: Parameters<typeof tcp>[0], port = 6443, others: Parameters<typeof decide>[0] = []): boolean => decide([policy as never, ...others], tcp(from, node('n1'), port), { settings }).allowed;

  test.each(['203.0.113.9', '198.51.100.7', '2001:db8::5'])('%s, who is on the list, gets in', (ip) => expect(isAllowed(address(ip))).toBe(true));
  test.each(['203.0.114.9', '198.51.100.8', '8.8.8.8', '2001:db9::1'])('%s, who is not, is turned away', (ip) => expect(isAllowed(address(ip))).toBe(false));
  test('nodes and pods of the cluster are no addresses to Cilium', () => {
    expect(isAllowed(node('n2'))).toBe(true);
    expect(isAllowed(web)).toBe(true);
  });
  test('nothing else changes: other ports stay as other policies have them, and its denial outweighs what they allow', () => {
    expect(isAllowed(address('8.8.8.8'), 2379)).toBe(true);
    const everyone = ccnp({ nodeSelector: { matchLabels: { 'node-role.kubernetes.io/control-plane': '' } }, ingress: [{ fromEntities: ['all'], toPorts: [{ ports: [{ port: '6443', protocol: 'TCP' }] }] }] });
    expect(isAllowed(address('8.8.8.8'), 6443, [everyone])).toBe(false);
    expect(isAllowed(address('203.0.113.9'), 6443, [everyone])).toBe(true);
    expect(isAllowed(address('203.0.113.9'), 2379, [everyone])).toBe(false);
  });
});

describe('what a Cluster asks for', () => {
  const of = (api: object): PreflightCluster => ({ metadata: { name: 'demo' }, spec: { topology: { variables: [{ name: 'controlPlane', value: { flavor: 'a', image: 'b' } }, { name: 'api', value: api }] } } });
  test.each<[string, object, unknown]>([
    ['nothing without a list', {}, undefined],
    ['nothing where the load balancer keeps it', { loadBalancer: { provider: 'amphora', allowedCidrs: ['203.0.113.0/24'] } }, undefined],
    ['a policy with OVN', { loadBalancer: { allowedCidrs: ['203.0.113.0/24'] }, port: 8443 }, { port: 8443, allowed: ['203.0.113.0/24'] }],
    ['a policy without a load balancer', { loadBalancer: { provider: 'none', allowedCidrs: ['203.0.113.0/24'] } }, { port: 6443, allowed: ['203.0.113.0/24'] }],
  ])('%s', (_what, api, wanted) => expect(wantedAccess(of(api))).toEqual(wanted));

  test('subnets, the router, which calls in the name of nodes, and the bastion are its own', () => {
    const status = { network: { id: 'n', name: 'n', subnets: [{ id: 's', cidr: '10.20.0.0/24' }] }, router: { id: 'r', ips: ['198.51.100.30', '2001:db8::30'] }, bastion: { ip: '10.20.0.5', floatingIP: '198.51.100.31' } };
    expect(ownAddresses({ status } as unknown as OpenStackCluster)).toEqual(['10.20.0.0/24', '198.51.100.30/32', '2001:db8::30/128', '10.20.0.5/32', '198.51.100.31/32']);
    expect(ownAddresses({} as OpenStackCluster)).toEqual([]);
  });
});
