import { expect, test } from '@jest/globals';
import { difference, namesRoutes, wantedRoutes } from '../../../../provisioner/operators/network-routes/wanted.ts';

const [vpn, office] = [{ destination: '172.16.0.0/12', nexthop: '10.20.0.9' }, { destination: '192.0.2.0/24', nexthop: '10.20.0.9' }];
const ofPods = { destination: '10.120.3.0/24', nexthop: '10.20.0.33' };

test('routes are those of the variable, in the words of Neutron', () => {
  const variables = [{ name: 'controlPlane', value: { flavor: 'a', image: 'b' } }, { name: 'network', value: { routes: [{ destination: '172.16.0.0/12', nextHop: '10.20.0.9' }] } }];
  const named = { metadata: { name: 'demo' }, spec: { topology: { variables } } };
  const silent = { metadata: { name: 'demo' }, spec: { topology: { variables: variables.slice(0, 1) } } };
  expect([wantedRoutes(named), wantedRoutes(silent)]).toEqual([[vpn], []]);
  const none = { metadata: { name: 'demo' }, spec: { topology: { variables: [{ name: 'network', value: { routes: [] } }] } } };
  expect([namesRoutes(named), namesRoutes(silent), namesRoutes(none)]).toEqual([true, false, false]);
});

test('routes to pods are left alone, whatever their next hop, and a wider one than the pods is not theirs', () => {
  const wide = { destination: '10.120.0.0/14', nexthop: '10.20.0.9' };
  expect(difference([ofPods, vpn, wide], [office], ['10.120.0.0/16'])).toEqual({ missing: [office], surplus: [vpn, wide] });
  expect(difference([ofPods], [], ['10.120.0.0/16', 'fd00::/56'])).toEqual({ missing: [], surplus: [] });
});

test('another next hop is another route', () => {
  const moved = { ...vpn, nexthop: '10.20.0.10' };
  expect(difference([vpn], [moved], [])).toEqual({ missing: [moved], surplus: [vpn] });
});
